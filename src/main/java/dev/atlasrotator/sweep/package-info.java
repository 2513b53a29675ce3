/** The fleet: what each account needs today, and the report. */
@NullMarked
package dev.atlasrotator.sweep;

import org.jspecify.annotations.NullMarked;
