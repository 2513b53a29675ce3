/** The way from this function to a service: through which proxy, and what may stand in it. */
@NullMarked
package dev.atlasrotator.network;

import org.jspecify.annotations.NullMarked;
