/**
 * SQS: messages that come twice, late and out of order, partial batches, dead letters. Left out: everything else.
 */
@NullMarked
package dev.atlasrotator.simulator.sqs;

import org.jspecify.annotations.NullMarked;
