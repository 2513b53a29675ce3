/** Stand-ins that keep the rules of the two services, and the words to say what goes wrong. */
@NullMarked
package dev.atlasrotator.simulator;

import org.jspecify.annotations.NullMarked;
