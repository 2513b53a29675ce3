/** Carries a decision out, for one account. */
@NullMarked
package dev.atlasrotator.rotation;

import org.jspecify.annotations.NullMarked;
