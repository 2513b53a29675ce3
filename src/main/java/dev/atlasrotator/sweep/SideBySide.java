package dev.atlasrotator.sweep;

import dev.atlasrotator.log.Log;
import java.util.Collection;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** Works on many at once, each in a thread of its own whose log lines say what the caller's do. */
final class SideBySide {
    private final Semaphore places;
    private final Log.Bound bound = Log.bound();

    /** So many at once, at most. */
    SideBySide(int most) {
        this.places = new Semaphore(most);
    }

    /** Waits for all. */
    <T> void each(Collection<T> all, Consumer<T> task) {
        try (var threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("account-", 0).factory())) {
            for (T part : all) {
                places.acquireUninterruptibly(); // before the task is made
                threads.execute(() -> {
                    try {
                        Log.around(bound, () -> {
                            task.accept(part);
                            return part;
                        });
                    } finally {
                        places.release();
                    }
                });
            }
        }
    }
}
