package dev.atlasrotator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/**
 * What the tree promises: decisions without I/O, one place for the outside world, names that say
 * something.
 */
class ArchitectureTest {
    private static final String ROOT = "dev.atlasrotator";

    /**
     * The classes that meet the outside world: the object graph, Lambda's entry, the command line.
     */
    private static final Set<String> EDGE = Set.of("Wiring", "RotatorHandler", "Cli", "Main");

    /** What reads the environment or the machine's time, or waits on it. */
    private static final Map<Class<?>, Set<String>> OUTSIDE = Map.of(
            System.class, Set.of("getenv", "getProperty", "currentTimeMillis"),
            Instant.class, Set.of("now"),
            InstantSource.class, Set.of("system"),
            Clock.class, Set.of("system", "systemUTC", "systemDefaultZone"),
            Thread.class, Set.of("sleep"));

    private static final JavaClasses PRODUCTION = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    @Test
    void decisions_know_no_sdk_no_http_no_json_and_no_files() {
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + ".rotation..", ROOT + ".sweep..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "software.amazon..",
                        "com.amazonaws..",
                        "java.net.http..",
                        "com.fasterxml..",
                        "java.io..",
                        "java.nio.file..")
                .because("rules and use cases speak to the services through ports")
                .allowEmptyShould(true)
                .check(PRODUCTION);
    }

    @Test
    void only_the_edge_reads_the_environment_and_the_clock_or_sleeps() {
        noClasses()
                .that(DescribedPredicate.not(isAtTheEdge()))
                .should()
                .accessTargetWhere(reachesOutside())
                .because("time, waiting and settings come in through the constructor")
                .allowEmptyShould(true)
                .check(PRODUCTION);
    }

    @Test
    void nothing_is_named_after_nothing() {
        // Secrets Manager is the service's name, not a role.
        noClasses()
                .should()
                .haveNameMatching(".*\\.[^.]*(Util|Helper|(?<!Secrets)Manager|Impl(?![a-z]))[^.]*")
                .orShould()
                .resideInAnyPackage("..util..", "..helper..", "..manager..", "..impl..", "..common..", "..base..")
                .allowEmptyShould(true)
                .check(PRODUCTION);
    }

    @Test
    void packages_depend_on_each_other_one_way_only() {
        slices().matching(ROOT + ".(*)..")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(PRODUCTION);
    }

    @Test
    void every_package_says_that_it_is_free_of_null() {
        assertThat(PRODUCTION.stream().map(JavaClass::getPackage).distinct())
                .allMatch(seen -> seen.isAnnotatedWith(NullMarked.class), "has a @NullMarked package-info.java");
    }

    private static DescribedPredicate<JavaClass> isAtTheEdge() {
        return DescribedPredicate.describe("at the edge", seen -> {
            var outermost = seen;
            while (outermost.getEnclosingClass().isPresent())
                outermost = outermost.getEnclosingClass().get();
            return outermost.getPackageName().equals(ROOT) && EDGE.contains(outermost.getSimpleName());
        });
    }

    private static DescribedPredicate<JavaAccess<?>> reachesOutside() {
        return DescribedPredicate.describe(
                "the target is the environment, the machine's clock or a real sleep",
                access -> OUTSIDE.entrySet().stream()
                        .anyMatch(entry -> access.getTargetOwner().isEquivalentTo(entry.getKey())
                                && entry.getValue().contains(access.getTarget().getName())));
    }
}
