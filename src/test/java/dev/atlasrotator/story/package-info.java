/**
 * Tests that read like a timeline: the whole function over both stand-ins, with a clock that is
 * moved and not slept.
 *
 * <p>Not null-marked: a test that meets an absent value fails all the same.
 */
package dev.atlasrotator.story;
