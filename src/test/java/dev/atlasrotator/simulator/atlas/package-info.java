/**
 * Atlas's Admin API for service accounts, with OAuth and Digest, in memory or over HTTP.
 *
 * <p>Kept: two secrets an account, the seven days that a create leaves the others, roles and scopes, whole seconds,
 * {@code lastUsedAt} that may be late, token lifetimes, error bodies, pages, quotas where a test asks for them. Left
 * out: everything of Atlas but service accounts and their projects.
 */
@NullMarked
package dev.atlasrotator.simulator.atlas;

import org.jspecify.annotations.NullMarked;
