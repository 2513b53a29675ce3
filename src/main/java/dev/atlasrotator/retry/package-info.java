/** Time limits, waiting and trying again. */
@NullMarked
package dev.atlasrotator.retry;

import org.jspecify.annotations.NullMarked;
