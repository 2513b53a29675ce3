/**
 * Secrets Manager, in memory or over HTTP, for the SDK's own client.
 *
 * <p>Kept: versions and staging labels, idempotent {@code ClientRequestToken}s, the rotation's four calls with their
 * repeats, dates, tags, quotas, eventual consistency where a test asks for it; held against answers that were recorded
 * from the real service. Left out: resource policies, replication but for its marks, KMS but for its refusals.
 */
@NullMarked
package dev.atlasrotator.simulator.secretsmanager;

import org.jspecify.annotations.NullMarked;
