/** What was seen and done, as the answer, the log line and the metrics tell it. */
@NullMarked
package dev.atlasrotator.report;

import org.jspecify.annotations.NullMarked;
