/**
 * A search for a history that breaks a promise: the production code over both stand-ins, every
 * remote call under a scheduler's hand, time that is moved and not slept, and checks that are the
 * promises themselves.
 */
@NullMarked
package dev.atlasrotator.explore;

import org.jspecify.annotations.NullMarked;
