package dev.atlasrotator.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.Context;
import dev.atlasrotator.RotatorHandler;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The function in a JVM of its own, as Lambda starts it: settings in the environment, one event,
 * one answer. What it took goes to the error output, and then the beginning of the answer. If asked to, it collects
 * the heap several times a second while it works, and says the most that was in use right after a collection.
 */
final class FunctionProcess {
    private static final List<MemoryPoolMXBean> HEAP = ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .filter(pool -> pool.getCollectionUsage() != null)
            .toList();

    private static long peak;
    private static volatile boolean answering;

    private FunctionProcess() {}

    /** The event, and the milliseconds between two collections, where there are to be any. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length > 1) {
            System.setOut(new WatchedOutput(System.out));
            Thread.ofPlatform().daemon().start(() -> collect(Duration.ofMillis(Long.parseLong(arguments[1]))));
        }
        var handler = new RotatorHandler();
        var answer = new ByteArrayOutputStream();
        var began = System.nanoTime();
        handler.handleRequest(new ByteArrayInputStream(arguments[0].getBytes(UTF_8)), answer, fifteenMinutes());
        var took = Duration.ofNanos(System.nanoTime() - began);
        var cpu = ProcessHandle.current().info().totalCpuDuration().orElseThrow();
        var text = answer.toString(UTF_8);
        System.err.printf(
                "peak=%d resident=%d milliseconds=%d cpu=%d %s%n",
                peak(), resident(), took.toMillis(), cpu.toMillis(), text.substring(0, Math.min(300, text.length())));
    }

    private static synchronized long peak() {
        return peak;
    }

    /** The most KB that the process has had in memory (proc(5), "VmHWM"). */
    private static long resident() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }

    private static void collect(Duration betweenCollections) {
        try {
            while (true) {
                collect();
                Thread.sleep(answering ? Duration.ZERO : betweenCollections);
            }
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    private static synchronized void collect() {
        System.gc();
        long used = 0;
        for (var pool : HEAP) {
            used += pool.getCollectionUsage().getUsed();
        }
        peak = Math.max(peak, used);
    }

    /**
     * The answer is the largest thing that there is, and is made in a moment that must not be
     * missed: once the report stands in the log, one collection follows the other.
     */
    private static final class WatchedOutput extends PrintStream {
        WatchedOutput(PrintStream output) {
            super(output, true, UTF_8);
        }

        @Override
        public void print(String text) {
            super.print(text);
            if (text.startsWith("{\"action\"")) {
                answering = true;
                collect();
            }
        }
    }

    private static Context fifteenMinutes() {
        var end = System.nanoTime() + Duration.ofMinutes(15).toNanos();
        return (Context) Proxy.newProxyInstance(
                Context.class.getClassLoader(),
                new Class<?>[] {Context.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getRemainingTimeInMillis" ->
                        (int) Duration.ofNanos(end - System.nanoTime()).toMillis();
                    case "getInvokedFunctionArn" -> "arn:aws:lambda:eu-central-1:111111111111:function:f";
                    default -> throw new AssertionError(method.getName());
                });
    }
}
