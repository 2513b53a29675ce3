package dev.atlasrotator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in a browser. Pictures of it are in {@code target/pages}, for whoever wants to look. */
class HtmlReportIT {
    private static final Path PICTURES = Path.of("target/pages");
    private static final String SHOWN =
            "[...document.querySelectorAll('.account')].filter(one => one.checkVisibility()).length";

    private static final String OPEN = "document.querySelectorAll('.account[open]').length";

    @TempDir
    Path folder;

    private Optional<Chromium> browser = Optional.empty();

    @BeforeEach
    void start() throws IOException, InterruptedException {
        var program = Chromium.installed();
        assumeTrue(program.isPresent(), "skipped: no chromium in the PATH, so the page was opened in no browser");
        // Not in JUnit's folder: Chromium's other processes outlive the first for a moment, and go on writing there.
        var profiles = Files.createDirectories(Path.of("target", "chromium")).toAbsolutePath();
        browser = Optional.of(Chromium.start(program.get(), Files.createTempDirectory(profiles, "profile")));
    }

    @AfterEach
    void stop() {
        browser.ifPresent(Chromium::close);
    }

    private Chromium chromium() {
        return browser.orElseThrow();
    }

    private void open(Map<String, Object> report) throws IOException, InterruptedException {
        var page = Files.writeString(folder.resolve("status.html"), HtmlReport.of(SampleReports.view(report)));
        chromium().open(page.toUri());
    }

    @Test
    void it_loads_nothing_and_nobody_complains() throws Exception {
        open(SampleReports.fleet());

        assertThat(chromium().complaints()).isEmpty();
        assertThat(chromium().evaluate(SHOWN)).isEqualTo("6");
        assertThat(chromium().evaluate(OPEN)).isEqualTo("6");
    }

    @Test
    void in_a_large_fleet_those_that_need_somebody_are_unfolded() throws Exception {
        var well = IntStream.range(0, 30)
                .mapToObj(i -> SampleReports.account("prod/" + i, "fresh", Duration.ofDays(3), Duration.ofDays(87)));
        var urgent = SampleReports.with(
                SampleReports.failed("prod/payments"),
                "findings",
                SampleReports.finding("VALUE_MALFORMED", "warning", "not JSON", "Mend it."));
        open(SampleReports.report(
                "status", Stream.concat(Stream.of(urgent), well).toList()));

        assertThat(chromium().evaluate(OPEN)).isEqualTo("1");
        assertThat(chromium().evaluate(SHOWN)).isEqualTo("31");
    }

    @Test
    void accounts_are_filtered_by_severity_and_by_words() throws Exception {
        open(SampleReports.fleet());

        chromium().evaluate("document.querySelector('label[for=show-critical]').click()");
        assertThat(chromium().evaluate(SHOWN)).isEqualTo("1");
        chromium().evaluate("document.querySelector('label[for=show-all]').click()");
        type("foreign_secret");
        assertThat(chromium().evaluate(SHOWN)).isEqualTo("1");
        assertThat(chromium().evaluate("document.getElementById('none').hidden"))
                .isEqualTo("true");
        type("prod nobody");
        assertThat(chromium().evaluate(SHOWN)).isEqualTo("0");
        assertThat(chromium().evaluate("document.getElementById('none').hidden"))
                .isEqualTo("false");
    }

    private void type(String words) throws InterruptedException {
        chromium().evaluate("(find.value = '%s', find.dispatchEvent(new Event('input')))".formatted(words));
    }

    @Test
    void without_scripts_everything_is_shown_and_filtered_by_severity() throws Exception {
        var page = HtmlReport.of(SampleReports.view(SampleReports.fleet())).replaceAll("(?s)<script>.*</script>", "");
        chromium().open(Files.writeString(folder.resolve("plain.html"), page).toUri());

        assertThat(chromium().evaluate(SHOWN)).isEqualTo("6");
        assertThat(chromium().evaluate("document.querySelector('.by-text').checkVisibility()"))
                .isEqualTo("false");
        chromium().evaluate("document.querySelector('label[for=show-warning]').click()");
        assertThat(chromium().evaluate(SHOWN)).isEqualTo("2");
    }

    @Test
    void a_hostile_name_is_a_name() throws Exception {
        var hostile = "x\"><img src=x onerror=alert(1)><script>document.title='taken'</script>'</style>&amp;\u202E";
        var account = SampleReports.with(
                SampleReports.account(hostile, "<b>due</b>", Duration.ofDays(3), Duration.ofDays(6)),
                "findings",
                SampleReports.finding(
                        "<i>CODE</i>", "warning", "</details><script>document.title='taken'</script>", hostile));
        SampleReports.with(
                account,
                "others",
                Map.of(
                        "secretId",
                        "\"/><script>document.title='taken'</script>",
                        "kind",
                        "<script>",
                        "createdAt",
                        SampleReports.NOW.toString(),
                        "expiresAt",
                        SampleReports.NOW.plusSeconds(9999).toString()));
        account.put("secretId", "\"/><script>document.title='taken'</script>");
        open(SampleReports.report("status", List.of(account)));

        assertThat(chromium().complaints()).isEmpty();
        assertThat(chromium().evaluate("document.title")).startsWith("Atlas secret rotator");
        assertThat(chromium().evaluate("document.querySelectorAll('script').length + document.images.length"))
                .isEqualTo("1");
        assertThat(chromium().evaluate("document.querySelector('.name').textContent"))
                .isEqualTo(hostile.replace('\u202E', '\uFFFD'));
    }

    @Test
    void it_fits_a_phone_and_follows_the_colours_of_the_system() throws Exception {
        for (var scheme : List.of("light", "dark")) {
            for (int width : List.of(390, 1100)) {
                chromium().screen(width, scheme);
                open(SampleReports.fleet());
                chromium().evaluate("document.querySelectorAll('details').forEach(one => one.open = true)");

                assertThat(chromium().evaluate("document.documentElement.scrollWidth"))
                        .as("nothing is wider than the screen")
                        .isEqualTo(String.valueOf(width));
                chromium().picture(PICTURES.resolve("status-%s-%d.png".formatted(scheme, width)));
            }
        }
        assertThat(chromium().evaluate("getComputedStyle(document.body).backgroundColor"))
                .isEqualTo("rgb(15, 19, 24)");
    }
}
