import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Links the {@code java} that runs this to a fixed place, for build plugins and scripts that know
 * nothing of Maven's toolchains. Not its whole JDK: {@code sam build} copies what it finds in the
 * checkout, and follows links to folders.
 */
final class LinkJava {
    public static void main(String[] args) throws IOException {
        var link = Path.of(args[0]);
        Files.createDirectories(link.getParent());
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, Path.of(System.getProperty("java.home"), "bin", "java"));
    }
}
