/**
 * Lambda's runtime interface, so that the packaged zip runs in a process of its own (left out: limits of memory); and its
 * Invoke, for whoever calls a function.
 */
@NullMarked
package dev.atlasrotator.simulator.lambda;

import org.jspecify.annotations.NullMarked;
