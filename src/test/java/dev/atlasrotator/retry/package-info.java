@NullMarked
package dev.atlasrotator.retry;

import org.jspecify.annotations.NullMarked;
