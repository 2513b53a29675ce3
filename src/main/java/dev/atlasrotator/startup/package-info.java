/** What runs before the first invocation of an environment, or before a snapshot of it, so that a first call is fast. */
@NullMarked
package dev.atlasrotator.startup;

import org.jspecify.annotations.NullMarked;
