import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Links the JDK that runs this to a fixed place, for build plugins that take a path to {@code java}
 * and know nothing of Maven's toolchains.
 */
final class LinkJdk {
    public static void main(String[] args) throws IOException {
        var link = Path.of(args[0]);
        Files.createDirectories(link.getParent());
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, Path.of(System.getProperty("java.home")));
    }
}
