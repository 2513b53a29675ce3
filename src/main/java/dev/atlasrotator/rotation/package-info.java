/** One account: what is seen, what is decided, what is done. Decisions are pure. */
@NullMarked
package dev.atlasrotator.rotation;

import org.jspecify.annotations.NullMarked;
