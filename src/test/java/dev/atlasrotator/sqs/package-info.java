@NullMarked
package dev.atlasrotator.sqs;

import org.jspecify.annotations.NullMarked;
