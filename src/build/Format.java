import com.palantir.javaformat.java.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs palantir-java-format over every Java file below a folder. The build starts it with the JDK
 * that compiles the project, as the formatter reads source with the parser of the JDK it runs on.
 */
final class Format {
    private static final List<String> STYLE = List.of("--palantir");

    public static void main(String[] args) throws Exception {
        if (args.length != 2) throw new IllegalArgumentException("usage: Format check|apply FOLDER");
        var check = switch (args[0]) {
            case "check" -> true;
            case "apply" -> false;
            default -> throw new IllegalArgumentException("check or apply, not " + args[0]);
        };
        var flags = new ArrayList<>(STYLE);
        flags.addAll(check ? List.of("--dry-run", "--set-exit-if-changed") : List.of("--replace"));
        flags.addAll(sources(Path.of(args[1])));
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        var err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        var exit = new Main(out, err, System.in).format(flags.toArray(String[]::new));
        if (exit != 0 && check) {
            err.println("The files above are not formatted: mvn -q -Pformat process-sources mends" + " them.");
        }
        System.exit(exit);
    }

    private static List<String> sources(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.map(Path::toString)
                    .filter(name -> name.endsWith(".java"))
                    .sorted()
                    .toList();
        }
    }
}
