package dev.atlasrotator.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The whole table is another run's ({@code mvn -Pfaults test}); this one keeps it alive. */
class PlantedFaultsTest {
    private static final Set<String> QUICK =
            Set.of("an orphan has no age", "the overlap is ignored by the sweep", "a secret is in a line of the log");

    static List<Mutant> faults() {
        return PlantedFaults.all();
    }

    @ParameterizedTest
    @MethodSource("faults")
    void every_fault_still_fits_into_the_code(Mutant fault, @TempDir Path folder) throws IOException {
        assertThat(fault.compile(folder)).isNotEmptyDirectory();
    }

    @Test
    void some_that_are_quickly_found_are_found() throws Exception {
        var quick = PlantedFaults.all().stream()
                .filter(fault -> QUICK.contains(fault.name()))
                .toList();

        assertThat(PlantedFaults.hunt(quick, 300)).hasSize(QUICK.size()).allMatch(PlantedFaults::isFound);
    }

    @Test
    void a_fault_that_no_longer_fits_fails_loudly() {
        var gone = Mutant.of("gone", "snapshot/RotationTimes.java", "no such line", "");

        assertThatThrownBy(gone::planted)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("plant it anew");
    }
}
