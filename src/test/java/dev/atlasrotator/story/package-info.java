/**
 * Tests that read like a timeline: the whole function over both stand-ins, with a clock that is
 * moved and not slept.
 */
@NullMarked
package dev.atlasrotator.story;

import org.jspecify.annotations.NullMarked;
