/** What is to be done, decided from a snapshot alone. Pure: no port, no log, no clock. */
@NullMarked
package dev.atlasrotator.policy;

import org.jspecify.annotations.NullMarked;
