/** Atlas: the port and its adapter on the JDK's HTTP client. */
@NullMarked
package dev.atlasrotator.atlas;

import org.jspecify.annotations.NullMarked;
