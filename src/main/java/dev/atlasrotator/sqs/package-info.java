/** The work queue on Amazon SQS. */
@NullMarked
package dev.atlasrotator.sqs;

import org.jspecify.annotations.NullMarked;
