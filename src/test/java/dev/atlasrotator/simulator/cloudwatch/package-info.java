/**
 * CloudWatch: metrics, alarms and metric math, and the template that says which there are. Kept are the rules of the
 * user guide's pages "Alarm evaluation", "Configuring how CloudWatch alarms treat missing data" and "Using metric math"
 * (of this what the template uses). What no page says is a {@link dev.atlasrotator.simulator.cloudwatch.Timing}. Left
 * out: composite alarms, percentiles, periods under a minute, and that an alarm over more than a day is evaluated once
 * an hour.
 */
@NullMarked
package dev.atlasrotator.simulator.cloudwatch;

import org.jspecify.annotations.NullMarked;
