/**
 * The alarms of template.yaml, tested as alarms: deployments run in a simulated region, incidents befall them, and the
 * alarm that must speak does, in time and once, while none speaks in a healthy month.
 */
@NullMarked
package dev.atlasrotator.alarm;

import org.jspecify.annotations.NullMarked;
