/** Figures of this machine: what a start of the function costs. */
@NullMarked
package dev.atlasrotator.benchmark;

import org.jspecify.annotations.NullMarked;
