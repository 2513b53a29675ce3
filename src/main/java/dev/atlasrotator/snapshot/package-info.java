/** Reads both services into one immutable value. Never writes. */
@NullMarked
package dev.atlasrotator.snapshot;

import org.jspecify.annotations.NullMarked;
