/** The connection from this function to a service: the proxy, and what can make it fail. */
@NullMarked
package dev.atlasrotator.network;

import org.jspecify.annotations.NullMarked;
