/**
 * Rotates the secrets of MongoDB Atlas service accounts that are kept in AWS Secrets Manager: the
 * function's entry, its settings and its object graph.
 */
@NullMarked
package dev.atlasrotator;

import org.jspecify.annotations.NullMarked;
