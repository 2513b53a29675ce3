package dev.atlasrotator.secretsmanager;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.retry.Retrier;
import dev.atlasrotator.simulator.VirtualTime;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerModel;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs that work side by side divide Secrets Manager's quotas, and leave a part to others. */
class VaultQuotaTest {
    private static final int SECONDS = 10;

    private final VirtualTime time = new VirtualTime(Instant.parse("2026-06-01T08:00:00Z"));
    private final SecretsManagerModel model = new SecretsManagerModel(SecretsManagerSettings.at(time));
    private final String arn = model.seed("prod/atlas", "{}", Map.of());
    private final Deadline deadline = Deadline.in(Duration.ofHours(1), time);

    private SdkSecretVault vault(int runs) {
        return new SdkSecretVault(
                StandInSecretVaultTest.over(model),
                new Retrier(time, new Random(1)),
                new Log(line -> {}, time),
                time,
                runs);
    }

    /** How many of these calls one run makes in ten seconds. */
    private int callsOf(Runnable call) {
        var end = time.instant().plusSeconds(SECONDS);
        int calls = 0;
        for (; time.instant().isBefore(end); calls++) {
            call.run();
        }
        return calls;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 16})
    void each_of_so_many_runs_takes_an_equal_part_of_the_writes_and_one_part_is_left(int runs) {
        var vault = vault(runs);

        int writes = callsOf(() -> vault.putPending(
                arn, new VersionId(UUID.randomUUID().toString()), new Sensitive("{}"), Optional.empty(), deadline));

        double part = 50.0 / (runs + 1);
        assertThat(writes).isBetween((int) (SECONDS * part), (int) (SECONDS * part + part) + 2);
    }

    @Test
    void more_runs_than_calls_a_second_still_write() {
        var vault = vault(1_000);
        assertThat(callsOf(() -> vault.putPending(
                        arn,
                        new VersionId(UUID.randomUUID().toString()),
                        new Sensitive("{}"),
                        Optional.empty(),
                        deadline)))
                .isEqualTo(2);
    }

    @Test
    void the_fleet_is_listed_and_read_in_batches_at_half_the_quota_whatever_the_number_of_runs() {
        var vault = vault(16);

        assertThat(callsOf(() -> vault.list(Optional.empty(), "", Optional.empty(), deadline)))
                .isBetween(SECONDS * 50, SECONDS * 50 + 52);
        assertThat(callsOf(() -> vault.readCurrent(List.of(arn), deadline))).isBetween(SECONDS * 50, SECONDS * 50 + 52);
    }
}
