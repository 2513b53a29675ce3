package dev.atlasrotator.simulator.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.lambda.FakeLambdaRuntime.Answer;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import software.amazon.awssdk.utilslite.SdkInternalThreadLocal;

/**
 * One execution environment: a process with AWS's runtime client, and the HTTP Runtime API that it
 * asks for events. The API is Lambda's documented one ("Using the Lambda runtime API for custom
 * runtimes"), with {@code restore/next} for snapshots as the runtime client calls it.
 */
public final class LambdaProcess {
    /** What is worth knowing the time of. */
    public enum Moment {
        STARTED,
        /** The function has been constructed and its hooks have run; only with a snapshot. */
        SNAPSHOT,
        /** The snapshot goes on. */
        RESTORED,
        /** The first event is asked for. */
        READY,
        /** The first event is answered. */
        ANSWERED
    }

    /**
     * A moment.
     *
     * @param nanoTime by {@link System#nanoTime}
     * @param cpu what the process has used since its start
     */
    public record Mark(long nanoTime, Duration cpu) {}

    /** The secret part of the role's credentials: with SnapStart the function asks for them. */
    public static final String ROLE_KEY = "the-secret-key-of-the-role";

    private record Invocation(String id, String event, CompletableFuture<Answer> answer) {}

    private static final String API = "/2018-06-01/runtime/";
    private static final String CREDENTIALS = "/2021-04-23/credentials";
    private static final String NATIVE_LIBRARY =
            "com.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI";

    private final LambdaFunction function;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Path scratch;
    private final LinkedBlockingQueue<Invocation> waiting = new LinkedBlockingQueue<>();
    private final CountDownLatch restored = new CountDownLatch(1);
    private final CompletableFuture<Answer> broken = new CompletableFuture<>();
    private final CompletableFuture<Boolean> ready = new CompletableFuture<>();
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    private final Map<Moment, Mark> marks = Collections.synchronizedMap(new EnumMap<>(Moment.class));
    private final Process process;
    private final Thread reader;
    private volatile Optional<Invocation> current = Optional.empty();

    private LambdaProcess(LambdaFunction function) throws IOException {
        this.function = function;
        this.scratch = Files.createTempDirectory("lambda");
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
        long begun = System.nanoTime();
        this.process = builder().start();
        marks.put(Moment.STARTED, new Mark(begun, Duration.ZERO));
        this.reader = Thread.ofVirtual().start(this::read);
    }

    static LambdaProcess start(LambdaFunction function) throws IOException {
        return new LambdaProcess(function);
    }

    // --- the process ---

    private ProcessBuilder builder() throws IOException {
        var builder = new ProcessBuilder(function.bootstrap().isEmpty() ? java() : function.bootstrap())
                .directory(function.taskRoot().toFile())
                .redirectErrorStream(true);
        environment(builder.environment());
        return builder;
    }

    private List<String> java() throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-XX:MaxRAM=512m", // from which the JVM takes the size of its first heap
                "-Xmx435m",
                "--enable-native-access=ALL-UNNAMED",
                "-D" + NATIVE_LIBRARY + "=" + nativeLibrary()));
        command.addAll(
                switch (function.start()) {
                    case ON_DEMAND -> List.of("-XX:TieredStopAtLevel=1");
                    case SNAP_START -> List.of("-Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac");
                });
        command.addAll(function.jvmOptions());
        // The function's own classes are not on it: the client loads them from the working
        // directory and its lib folder, by a class loader of its own, as it does at Lambda.
        command.addAll(List.of("-classpath", runtimeJars(), AWSLambda.class.getName()));
        command.add(function.handler());
        return command;
    }

    private void environment(Map<String, String> environment) {
        environment.clear(); // what the developer has in his own must not make a difference
        environment.put("PATH", "/usr/local/bin:/usr/bin:/bin");
        environment.put("LANG", "en_US.UTF-8");
        environment.put("TZ", ":UTC");
        environment.put("_HANDLER", function.handler());
        environment.put(
                "AWS_LAMBDA_RUNTIME_API", "127.0.0.1:" + server.getAddress().getPort());
        environment.put("AWS_EXECUTION_ENV", "AWS_Lambda_java25");
        environment.put(
                "AWS_LAMBDA_INITIALIZATION_TYPE",
                switch (function.start()) {
                    case ON_DEMAND -> "on-demand";
                    case SNAP_START -> "snap-start";
                });
        environment.put("AWS_LAMBDA_FUNCTION_NAME", "atlas-secret-rotator");
        environment.put("AWS_LAMBDA_FUNCTION_VERSION", "1");
        environment.put("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512");
        environment.put("AWS_LAMBDA_LOG_FORMAT", "Text");
        environment.put("LAMBDA_TASK_ROOT", function.taskRoot().toString());
        environment.put("AWS_REGION", "eu-central-1");
        environment.put("AWS_DEFAULT_REGION", "eu-central-1");
        credentials(environment);
        environment.putAll(function.environment());
    }

    /** A function with SnapStart gets none in variables ("Improving startup performance with Lambda SnapStart"). */
    private void credentials(Map<String, String> environment) {
        switch (function.start()) {
            case ON_DEMAND -> {
                environment.put("AWS_ACCESS_KEY_ID", "nobody");
                environment.put("AWS_SECRET_ACCESS_KEY", ROLE_KEY);
                environment.put("AWS_SESSION_TOKEN", "none");
            }
            case SNAP_START -> {
                var service = "http://127.0.0.1:" + server.getAddress().getPort() + CREDENTIALS;
                environment.put("AWS_CONTAINER_CREDENTIALS_FULL_URI", service);
                environment.put("AWS_CONTAINER_AUTHORIZATION_TOKEN", "none");
            }
        }
    }

    /** The client unpacks it to one path for all processes of a machine, and two may collide. */
    private Path nativeLibrary() throws IOException {
        var arm = System.getProperty("os.arch", "").equals("aarch64");
        var name = "libaws-lambda-jni." + libc() + (arm ? "-aarch_64.so" : "-x86_64.so");
        var file = scratch.resolve(name);
        try (var library = AWSLambda.class.getResourceAsStream("/jni/" + name)) {
            if (library == null) {
                throw new IOException("the runtime client has no native library " + name);
            }
            Files.copy(library, file, StandardCopyOption.REPLACE_EXISTING);
        }
        return file;
    }

    private static String libc() {
        return Files.exists(Path.of("/etc/alpine-release")) ? "linux_musl" : "linux";
    }

    /** What Lambda's image brings: the client, what it needs, and a piece of AWS's SDK. */
    private static String runtimeJars() throws IOException {
        var jars = new ArrayList<String>();
        for (var type : List.of(AWSLambda.class, PojoSerializer.class, Context.class, SdkInternalThreadLocal.class)) {
            try {
                var source = type.getProtectionDomain().getCodeSource().getLocation();
                jars.add(Path.of(source.toURI()).toString());
            } catch (URISyntaxException unreadable) {
                throw new IOException(unreadable);
            }
        }
        return String.join(File.pathSeparator, jars);
    }

    /** Keeps what the process writes, and tells of its end once all of that is there. */
    private void read() {
        try (var output = process.inputReader(UTF_8)) {
            output.lines().forEach(lines::add);
        } catch (IOException | UncheckedIOException processHasGone) {
            // What it had written before is there.
        }
        try {
            broken.complete(new Answer.Died(process.waitFor()));
            ready.complete(false);
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    // --- the Runtime API ---

    private void serve(HttpExchange exchange) {
        try (exchange) {
            var path = exchange.getRequestURI().getPath().replaceFirst("^" + API, "");
            var body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            switch (path) {
                case "invocation/next" -> next(exchange);
                case "restore/next" -> restore(exchange);
                case CREDENTIALS ->
                    reply(exchange, 200, """
                        {"AccessKeyId":"nobody","SecretAccessKey":"%s","Token":"none","Expiration":"%s"}\
                        """.formatted(ROLE_KEY, Instant.now().plus(Duration.ofHours(6))));
                case "init/error", "restore/error" -> {
                    broken.complete(failed(body));
                    reply(exchange, 202, "{\"status\":\"OK\"}");
                }
                default -> answer(exchange, path, body);
            }
        } catch (IOException processHasGone) {
            // Its end is told by its exit.
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private void next(HttpExchange exchange) throws IOException, InterruptedException {
        mark(Moment.READY);
        ready.complete(true);
        var invocation = waiting.take();
        current = Optional.of(invocation);
        var headers = exchange.getResponseHeaders();
        headers.set("Lambda-Runtime-Aws-Request-Id", invocation.id());
        headers.set("Lambda-Runtime-Invoked-Function-Arn", LambdaFunction.ARN);
        headers.set("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000;Sampled=0");
        headers.set(
                "Lambda-Runtime-Deadline-Ms",
                Long.toString(System.currentTimeMillis() + function.timeout().toMillis()));
        reply(exchange, 200, invocation.event());
    }

    private void restore(HttpExchange exchange) throws IOException, InterruptedException {
        mark(Moment.SNAPSHOT);
        ready.complete(true);
        restored.await();
        mark(Moment.RESTORED);
        reply(exchange, 200, "");
    }

    private void answer(HttpExchange exchange, String path, String body) throws IOException {
        mark(Moment.ANSWERED);
        var answered = current.filter(one -> path.startsWith("invocation/" + one.id() + "/"))
                .orElseThrow(() -> new IOException("no such call: " + path));
        reply(exchange, 202, "{\"status\":\"OK\"}");
        answered.answer().complete(path.endsWith("/error") ? failed(body) : new Answer.Returned(body));
    }

    private static Answer.Failed failed(String body) {
        var error = Json.object(body).orElse(Map.of());
        return new Answer.Failed(
                String.valueOf(error.get("errorType")), String.valueOf(error.get("errorMessage")), body);
    }

    private static void reply(HttpExchange exchange, int status, String body) throws IOException {
        var bytes = body.getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    // --- from outside ---

    Answer invoke(String event) throws InterruptedException {
        restored.countDown();
        var invocation = new Invocation(UUID.randomUUID().toString(), event, new CompletableFuture<>());
        waiting.add(invocation);
        try {
            return (Answer) CompletableFuture.anyOf(invocation.answer(), broken)
                    .get(function.timeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            return new Answer.TimedOut();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    void awaitReady() throws InterruptedException {
        try {
            ready.get();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    boolean isAlive() {
        return process.isAlive() && !broken.isDone();
    }

    /** What was noted of a moment; nothing if it has not come. */
    public Optional<Mark> at(Moment moment) {
        return Optional.ofNullable(marks.get(moment));
    }

    /** The most memory that it has held so far, in bytes, as Linux counts it ({@code VmHWM}, proc_pid_status(5)). */
    public long memoryMax() throws IOException {
        try (var status = Files.lines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            var kilobytes = status.filter(line -> line.startsWith("VmHWM:"))
                    .map(line -> line.replaceAll("\\D", ""))
                    .findFirst();
            return kilobytes.map(Long::parseLong).orElseThrow() * 1024;
        }
    }

    /** The answer of the JDK's jcmd to one of its commands. */
    public String diagnose(String... command) throws IOException, InterruptedException {
        var jcmd = new ArrayList<String>();
        jcmd.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
        jcmd.add(Long.toString(process.pid()));
        jcmd.addAll(List.of(command));
        var running = new ProcessBuilder(jcmd).redirectErrorStream(true).start();
        var answer = new String(running.getInputStream().readAllBytes(), UTF_8);
        if (running.waitFor() != 0) {
            throw new IOException(answer);
        }
        return answer;
    }

    private void mark(Moment moment) {
        var cpu = process.info().totalCpuDuration().orElse(Duration.ZERO);
        marks.putIfAbsent(moment, new Mark(System.nanoTime(), cpu));
    }

    void kill() {
        process.destroyForcibly();
        try {
            process.waitFor();
            reader.join();
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    /** Complete once the process has ended. */
    List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    void close() {
        kill();
        server.stop(0);
        threads.shutdownNow();
        try (Stream<Path> files = Files.list(scratch)) {
            for (var file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(scratch);
        } catch (IOException leftBehind) {
            // In the temporary folder, where it is no trouble.
        }
    }
}
