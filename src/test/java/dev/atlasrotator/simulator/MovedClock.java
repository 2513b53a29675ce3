package dev.atlasrotator.simulator;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/**
 * A JVM whose clock is ahead of the machine's: its {@link Clock} is the JDK's own with an addition
 * at the one place where all of {@code java.time} asks for the instant. So a packaged function can
 * live through days in seconds, unchanged.
 */
public final class MovedClock {
    private static final ClassDesc INSTANT = ClassDesc.of("java.time.Instant");

    private MovedClock() {}

    /**
     * The option for the JVM.
     *
     * @param folder takes the changed class
     * @param ahead in whole seconds
     */
    public static String jvmOption(Path folder, Duration ahead) throws IOException {
        var file = folder.resolve("java/time/Clock.class");
        Files.createDirectories(folder.resolve("java/time"));
        try (var original = Clock.class.getResourceAsStream("Clock.class")) {
            if (original == null) {
                throw new IOException("this JDK does not show its own classes");
            }
            var files = ClassFile.of();
            var changed = files.transformClass(
                    files.parse(original.readAllBytes()),
                    ClassTransform.transformingMethodBodies(
                            method -> method.methodName().equalsString("currentInstant"), (code, element) -> {
                                if (element instanceof ReturnInstruction) {
                                    code.loadConstant(ahead.toSeconds())
                                            .invokevirtual(
                                                    INSTANT,
                                                    "plusSeconds",
                                                    MethodTypeDesc.of(INSTANT, ConstantDescs.CD_long));
                                }
                                code.with(element);
                            }));
            Files.write(file, changed);
        }
        return "--patch-module=java.base=" + folder.toAbsolutePath();
    }
}
