/** One JSON object a line. */
@NullMarked
package dev.atlasrotator.log;

import org.jspecify.annotations.NullMarked;
