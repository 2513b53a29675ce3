/** The ways to fail, and what a message must say. */
@NullMarked
package dev.atlasrotator.failure;

import org.jspecify.annotations.NullMarked;
