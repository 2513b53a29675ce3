/**
 * A search for a history that breaks a promise: the production code over both stand-ins, every
 * remote call under a scheduler's hand, time that is moved and not slept, and checks that are the
 * promises themselves.
 *
 * <p>Not null-marked: a test that meets an absent value fails all the same.
 */
package dev.atlasrotator.explore;
