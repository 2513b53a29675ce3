/**
 * The catalogue of everything that the product ever tells a person about an account: each reason a record with its
 * facts, a code, a severity, a sentence and a remedy. Rules decide with records; no code looks into a sentence.
 */
@NullMarked
package dev.atlasrotator.finding;

import org.jspecify.annotations.NullMarked;
