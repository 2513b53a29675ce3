package dev.atlasrotator.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.sqs.InProcessSqs;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Functions that process a fleet's queue until it is empty. */
final class QueueRuns {
    /** How long a message stays unseen that was not processed. */
    private static final Duration UNSEEN = Duration.ofSeconds(20);

    private QueueRuns() {}

    /**
     * As Lambda does it: so many functions at once, a few messages each. Some messages come to two
     * of them at the same time, and some come back although they are done.
     */
    static void process(Fleet fleet, int functions, Duration run) throws InterruptedException, ExecutionException {
        var events = new AtomicInteger();
        var twice = new AtomicInteger();
        var running = new ConcurrentLinkedQueue<Future<?>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int number = 0; number < functions; number++) {
                var function = fleet.start(true, 100 + number);
                var order = new Random(number);
                running.add(threads.submit(() -> {
                    for (int quiet = 0; quiet < 5; ) {
                        var messages = fleet.sqs.receive(1 + order.nextInt(3));
                        if (messages.isEmpty()) {
                            quiet++;
                            fleet.time.sleep(Duration.ofSeconds(5));
                            continue;
                        }
                        quiet = 0;
                        int event = events.incrementAndGet();
                        if (event % 4 == 0 && twice.incrementAndGet() < 5) {
                            messages.forEach(fleet.sqs::deliverTwice);
                        }
                        var answer = Json.text(fleet.handle(function, InProcessSqs.event(messages), run));
                        if (answer.contains("itemIdentifier")) {
                            fleet.time.sleep(UNSEEN); // not at once in SQS either
                        }
                        if (event % 7 == 0 && twice.incrementAndGet() < 10) {
                            messages.forEach(fleet.sqs::comeBack);
                        } else {
                            fleet.sqs.settle(messages, answer);
                        }
                    }
                    return true;
                }));
            }
            while (!running.isEmpty()) {
                running.remove().get();
            }
        }
        assertThat(fleet.sqs.waiting()).isEmpty();
    }
}
