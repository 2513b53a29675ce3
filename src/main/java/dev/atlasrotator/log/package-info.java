/** The log: one JSON object per line. */
@NullMarked
package dev.atlasrotator.log;

import org.jspecify.annotations.NullMarked;
