/** Shows rotations from end to end to a reader who does not know Atlas. */
@NullMarked
package dev.atlasrotator.demo;

import org.jspecify.annotations.NullMarked;
