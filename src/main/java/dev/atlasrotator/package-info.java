/** The function: its entry, its events, its settings and how its parts are put together. */
@NullMarked
package dev.atlasrotator;

import org.jspecify.annotations.NullMarked;
