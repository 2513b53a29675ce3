package dev.atlasrotator.explore;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/**
 * The product with one fault planted: one or more places of one source file are replaced, that file
 * is compiled against the rest, and the search runs over it in a class loader of its own. A place
 * that is not there, or there more than once, fails loudly: the fault must be planted anew.
 *
 * @param file below {@code dev/atlasrotator}
 */
record Mutant(String name, String file, List<Patch> patches) {
    /** One replacement. */
    record Patch(String from, String to) {}

    private static final Pattern TEXT_OR_COMMENT = Pattern.compile(
            "\"\"\"(?:\\\\.|.)*?\"\"\"|\"(?:\\\\.|[^\"\\\\])*\"|'(?:\\\\.|[^'\\\\])*'|//[^\\n]*|/\\*.*?\\*/",
            Pattern.DOTALL);

    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

    /** One for all: what it has read of the class path it keeps. */
    private static final StandardJavaFileManager FILES = files();

    private static final Path SOURCES = Path.of("src/main/java/dev/atlasrotator");

    private static StandardJavaFileManager files() {
        var files = COMPILER.getStandardFileManager(null, null, null);
        var classPath = System.getProperty("java.class.path").split(File.pathSeparator, -1);
        try {
            files.setLocationFromPaths(
                    StandardLocation.CLASS_PATH,
                    Stream.of(classPath).map(Path::of).toList());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return files;
    }

    static Mutant of(String name, String file, String from, String to) {
        return new Mutant(name, file, List.of(new Patch(from, to)));
    }

    Mutant and(String from, String to) {
        var more = new ArrayList<>(patches);
        more.add(new Patch(from, to));
        return new Mutant(name, file, List.copyOf(more));
    }

    /** The file with the fault in it; layout does not count in looking for the place. */
    String planted() throws IOException {
        // Comments to the end of a line would swallow the rest of the one line that this is now.
        var text = withoutComments(Files.readString(SOURCES.resolve(file)));
        for (Patch patch : patches) {
            var from = patch.from().replaceAll("\\s+", " ");
            int at = text.indexOf(from);
            if (at < 0 || text.indexOf(from, at + 1) >= 0) {
                throw new IllegalStateException("Fault \""
                        + name
                        + "\" fits "
                        + (at < 0 ? "nowhere" : "more than once")
                        + " in "
                        + file
                        + ": plant it anew. It looks for: "
                        + from);
            }
            text = text.substring(0, at) + patch.to() + text.substring(at + from.length());
        }
        return text;
    }

    private static String withoutComments(String source) {
        return TEXT_OR_COMMENT
                .matcher(source)
                .replaceAll(found ->
                        found.group().startsWith("/") ? " " : Matcher.quoteReplacement(onOneLine(found.group())))
                .replaceAll("\\s+", " ");
    }

    /** A text block as an ordinary text: it needs its line breaks, and the layout is about to go. */
    private static String onOneLine(String text) {
        if (!text.startsWith("\"\"\"")) {
            return text;
        }
        var content = text.substring(text.indexOf('\n') + 1, text.length() - 3)
                .stripIndent()
                .translateEscapes();
        return '"' + content.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    /** Compiles it into a folder of its own, and lets the search run over it. */
    String hunt(Path folder, int histories) throws Exception {
        var classes = compile(folder);
        try (var loader = new Loader(classes)) {
            var hunt = loader.loadClass("dev.atlasrotator.explore.Search");
            try {
                return (String) hunt.getMethod("run", int.class, boolean.class).invoke(null, histories, isInAdapter());
            } catch (InvocationTargetException thrown) {
                throw new IllegalStateException(name, thrown.getCause());
            }
        }
    }

    /** Whether it shows only where calls go through the adapters. */
    boolean isInAdapter() {
        return file.startsWith("atlas/") || file.startsWith("secretsmanager/");
    }

    /** Compiles it, and answers the folder with its classes. */
    Path compile(Path folder) throws IOException {
        var source = folder.resolve("source").resolve(file);
        var classes = folder.resolve("classes");
        Files.createDirectories(source.getParent());
        Files.createDirectories(classes);
        Files.writeString(source, planted());
        var complaints = new StringWriter();
        synchronized (FILES) {
            FILES.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(classes));
            var sources = FILES.getJavaFileObjects(source);
            var options = List.of("-proc:none", "-nowarn");
            if (!COMPILER.getTask(complaints, FILES, null, options, null, sources)
                    .call()) {
                throw new IllegalStateException("Fault \"" + name + "\" does not compile:\n" + complaints);
            }
        }
        return classes;
    }

    /** Loads all of the product and its search anew, the mutant's classes first. */
    private static final class Loader extends URLClassLoader {
        Loader(Path mutant) throws MalformedURLException {
            super(urls(mutant), Loader.class.getClassLoader());
        }

        private static URL[] urls(Path mutant) throws MalformedURLException {
            var urls = new ArrayList<URL>();
            urls.add(mutant.toUri().toURL());
            for (String entry : System.getProperty("java.class.path").split(System.getProperty("path.separator"), -1)) {
                if (!entry.endsWith(".jar")) {
                    urls.add(Path.of(entry).toUri().toURL());
                }
            }
            return urls.toArray(URL[]::new);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("dev.atlasrotator.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                var loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
        }
    }
}
