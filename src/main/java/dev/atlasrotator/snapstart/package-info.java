/** What runs before a snapshot of the function is taken, so that a first invocation is fast. */
@NullMarked
package dev.atlasrotator.snapstart;

import org.jspecify.annotations.NullMarked;
