package dev.atlasrotator;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.atlasrotator.atlas.AccountReader;
import dev.atlasrotator.atlas.ServiceAccounts;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.snapshot.SnapshotReader;
import java.lang.reflect.Method;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
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
    private static final Set<String> EDGE = Set.of(ROOT + ".Wiring", ROOT + ".RotatorHandler", ROOT + ".cli.Cli");

    /** What reads the environment or the machine's time, or waits on it. */
    private static final Map<Class<?>, Set<String>> OUTSIDE = Map.of(
            System.class, Set.of("getenv", "getProperty", "currentTimeMillis"),
            Instant.class, Set.of("now"),
            InstantSource.class, Set.of("system"),
            Clock.class, Set.of("system", "systemUTC", "systemDefaultZone"),
            Thread.class, Set.of("sleep"));

    /** The methods of the two ports that change something. */
    private static final Map<Class<?>, Set<String>> WRITES = Map.of(
            ServiceAccounts.class, Set.of("create", "delete"),
            SecretVault.class, Set.of("putPending", "register", "promote", "dropPending", "requestRotation"));

    private static final Set<String> READS = Set.of(
            "verify",
            "read",
            "list",
            "profile",
            "profiles",
            "organizationOf",
            "lifetimeHoursMax",
            "describe",
            "versions",
            "readCurrent");

    private static final JavaClasses PRODUCTION = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    @Test
    void decisions_know_no_sdk_no_http_no_json_and_no_files() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        ROOT + ".finding..",
                        ROOT + ".snapshot..",
                        ROOT + ".policy..",
                        ROOT + ".rotation..",
                        ROOT + ".sweep..",
                        ROOT + ".report..")
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
    void a_policy_decides_from_a_snapshot_and_neither_asks_nor_acts_nor_waits_nor_logs() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".policy..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                                ROOT + ".rotation..",
                                ROOT + ".sweep..",
                                ROOT + ".report..",
                                ROOT + ".log..",
                                ROOT + ".retry..",
                                ROOT + ".json..",
                                ROOT + ".aws..",
                                ROOT + ".network..")
                        .or(type(AccountReader.class))
                        .or(type(ServiceAccounts.class))
                        .or(type(SecretVault.class))
                        .or(type(SnapshotReader.class))
                        .or(type(InstantSource.class)))
                .because("what is decided is a value, made from a value")
                .check(PRODUCTION);
    }

    @Test
    void reading_never_writes() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".snapshot..")
                .should()
                .accessTargetWhere(DescribedPredicate.describe(
                        "the target creates, deletes or stores",
                        access -> WRITES.entrySet().stream()
                                .anyMatch(entry -> access.getTargetOwner().isEquivalentTo(entry.getKey())
                                        && entry.getValue()
                                                .contains(access.getTarget().getName()))))
                .check(PRODUCTION);
    }

    @Test
    void the_list_of_what_writes_is_whole() {
        // What measures coverage adds a method to an interface that has code.
        WRITES.forEach((port, writes) -> assertThat(Stream.of(port.getDeclaredMethods())
                        .filter(method -> !method.isSynthetic())
                        .map(Method::getName)
                        .filter(name -> !READS.contains(name)))
                .as(port.getSimpleName())
                .hasSameElementsAs(writes));
    }

    @Test
    void nothing_that_the_function_runs_needs_the_command_line() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".cli..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".cli..")
                .check(PRODUCTION);
    }

    @Test
    void only_the_command_line_uses_what_is_not_in_the_functions_zip() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".cli..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("picocli..", "software.amazon.awssdk.services.lambda..")
                .check(PRODUCTION);
    }

    @Test
    void the_rooms_do_not_know_how_they_are_put_together() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT, ROOT + ".cli..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT)
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
            return EDGE.contains(outermost.getName());
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
