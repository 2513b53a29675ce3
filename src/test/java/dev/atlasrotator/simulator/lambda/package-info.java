/**
 * Lambda's runtime interface, so that the packaged zip runs in a process of its own. Left out: limits of memory.
 */
@NullMarked
package dev.atlasrotator.simulator.lambda;

import org.jspecify.annotations.NullMarked;
