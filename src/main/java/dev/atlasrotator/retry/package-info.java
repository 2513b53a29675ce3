/** When to try a call again, how long to wait before it, and until when a run may go on. */
@NullMarked
package dev.atlasrotator.retry;

import org.jspecify.annotations.NullMarked;
