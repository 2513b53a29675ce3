package dev.atlasrotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.atlasrotator.json.Json;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Reads what the build says that it deploys: every component comes from somebody we chose, under a
 * licence that asks for no more than its text.
 */
class BillOfMaterialsIT {
    private static final Set<String> LICENCES = Set.of("Apache-2.0", "MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause");

    /**
     * Who may be in the function or the command line, by Maven's group. A new one is a decision, so it is named here.
     */
    private static final Set<String> GROUPS = Set.of(
            "software.amazon.awssdk",
            "com.amazonaws",
            "com.fasterxml.jackson.core",
            "com.fasterxml.jackson.jr",
            "info.picocli",
            "org.crac",
            "org.reactivestreams",
            "org.slf4j",
            "org.jspecify");

    /** What is deployed, and what an operator runs. */
    enum Bill {
        FUNCTION("bom.json"),
        COMMAND_LINE("command-line-bom.cdx.json");

        private final String file;

        Bill(String file) {
            this.file = file;
        }

        List<Map<String, Object>> components() throws IOException {
            var bill = Path.of(property("function.zip")).resolveSibling(file);
            // The plugin that writes it does nothing in a build without a network (mvn -o).
            assumeThat(bill).exists();
            var json = Json.object(Files.readString(bill)).orElseThrow();
            var all = new ArrayList<Map<String, Object>>();
            for (Object component : (List<?>) Objects.requireNonNull(json.get("components"))) {
                all.add(fields(component));
            }
            assertThat(all).isNotEmpty();
            return all;
        }

        List<String> jars() throws IOException {
            var lists = this == FUNCTION
                    ? List.of("function.dependencies")
                    : List.of("function.dependencies", "command-line.dependencies");
            var all = new ArrayList<String>();
            for (String list : lists) {
                var jars = Files.readString(Path.of(property(list))).strip().split(File.pathSeparator, -1);
                Stream.of(jars)
                        .map(jar -> String.valueOf(Path.of(jar).getFileName()))
                        .forEach(all::add);
            }
            return all;
        }
    }

    private static String property(String name) {
        return Objects.requireNonNull(System.getProperty(name));
    }

    @SuppressWarnings("unchecked") // the parser's objects have texts as keys
    private static Map<String, Object> fields(Object object) {
        return (Map<String, Object>) object;
    }

    private static String name(Map<String, Object> component) {
        return component.get("group") + ":" + component.get("name");
    }

    private static List<String> licences(Map<String, Object> component) {
        var all = new ArrayList<String>();
        if (component.get("licenses") instanceof List<?> list) {
            for (Object one : list) {
                var choice = fields(one);
                if (choice.get("license") instanceof Map<?, ?> licence) {
                    all.add(String.valueOf(licence.containsKey("id") ? licence.get("id") : licence.get("name")));
                } else {
                    all.add(String.valueOf(choice.get("expression")));
                }
            }
        }
        return all;
    }

    @ParameterizedTest
    @EnumSource(Bill.class)
    void every_component_may_be_used_under_a_licence_that_we_accept(Bill bill) throws IOException {
        for (var component : bill.components()) {
            assertThat(licences(component)).as(name(component)).isNotEmpty().containsAnyElementsOf(LICENCES);
        }
    }

    @ParameterizedTest
    @EnumSource(Bill.class)
    void every_component_is_by_somebody_whom_we_chose(Bill bill) throws IOException {
        for (var component : bill.components()) {
            assertThat(GROUPS).as(name(component)).contains(String.valueOf(component.get("group")));
        }
    }

    @ParameterizedTest
    @EnumSource(Bill.class)
    void every_component_is_a_release_and_can_be_recognized_by_its_digest(Bill bill) throws IOException {
        for (var component : bill.components()) {
            assertThat(String.valueOf(component.get("version")))
                    .as(name(component))
                    .matches("[0-9].*")
                    .doesNotContain("SNAPSHOT");
            assertThat(component.get("hashes")).as(name(component)).isInstanceOf(List.class);
        }
    }

    @ParameterizedTest
    @EnumSource(Bill.class)
    void the_bill_names_every_jar_that_is_packed_and_no_other(Bill bill) throws IOException {
        assertThat(bill.components().stream().map(one -> one.get("name") + "-" + one.get("version") + ".jar"))
                .containsExactlyInAnyOrderElementsOf(bill.jars());
    }
}
