/** Fleets as big as they come, with the services' real quotas and the time that calls take. */
@NullMarked
package dev.atlasrotator.simulation;

import org.jspecify.annotations.NullMarked;
