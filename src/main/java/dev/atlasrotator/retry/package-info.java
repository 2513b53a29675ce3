/** Deadlines, waiting, retries and rate limits. */
@NullMarked
package dev.atlasrotator.retry;

import org.jspecify.annotations.NullMarked;
