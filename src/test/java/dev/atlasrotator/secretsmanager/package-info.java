/** What is expected of Secrets Manager, and of the adapter in front of it. */
@NullMarked
package dev.atlasrotator.secretsmanager;

import org.jspecify.annotations.NullMarked;
