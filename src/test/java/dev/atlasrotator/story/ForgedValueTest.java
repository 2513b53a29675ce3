package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.credential.Binding;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerErrors;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Promise 9: whoever may write one managed value writes another account's clientId into it, and
 * says of that account's secrets what they like. Nothing of it counts, since no value of theirs
 * authenticates.
 */
class ForgedValueTest {
    private static final Sensitive JUNK = new Sensitive("mdb_sa_sk_not-a-secret-at-all");

    private final Testbed testbed = new Testbed().setting("SWEEP_CONCURRENCY", "1");
    private final ManagedSecret victim = testbed.account("prod/atlas", Duration.ofDays(3));

    private ManagedSecret forged(String id, boolean bound) {
        return testbed.keep("team/notes", victim.first(), forgedValue(id, bound), Map.of(Testbed.TAG, "true"));
    }

    private Map<String, Object> forgedValue(String id, boolean bound) {
        var value = new LinkedHashMap<String, Object>();
        value.put("clientId", victim.clientId());
        value.put("clientSecret", JUNK.reveal());
        value.put("groupId", testbed.project().id());
        value.put("secretId", id);
        if (bound) {
            var binding = Binding.of(new SecretId(id), JUNK);
            value.put("secretBinding", id + ":" + binding.digest().reveal());
        }
        return value;
    }

    private void sweeps(Duration time) {
        for (long hour = 0; hour < time.toHours(); hour++) {
            Answer.sweep(testbed);
            testbed.after(Duration.ofHours(1));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_secret_in_use_is_not_called_superseded_by_it_nor_deleted(boolean bound) {
        testbed.after(Duration.ofMinutes(5));
        var pasted = testbed.atlas.createSecret(victim.clientId(), 2160);
        testbed.changedByHand(victim, Map.of("clientSecret", pasted.value(), "secretId", pasted.id()));
        forged(pasted.id(), bound);

        assertThat(Answer.sweep(testbed).of(victim)).containsEntry("secretId", pasted.id());
        sweeps(Duration.ofDays(3));

        assertThat(testbed.currentAtAtlas(victim)).contains(pasted.id());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void somebody_elses_secret_stays_foreign_and_is_not_deleted_after_an_overlap(boolean bound) {
        testbed.after(Duration.ofMinutes(5));
        var foreign = testbed.atlas.createSecret(victim.clientId(), 2160);
        forged(foreign.id(), bound);

        assertThat(Answer.sweep(testbed).kinds(victim)).containsExactly("foreign");
        sweeps(Duration.ofDays(3));

        assertThat(testbed.idsAtAtlas(victim)).contains(foreign.id());
    }

    @Test
    void nor_does_what_is_pending_there_count_where_its_current_value_cannot_be_read() {
        testbed.after(Duration.ofMinutes(5));
        var pasted = testbed.atlas.createSecret(victim.clientId(), 2160);
        testbed.changedByHand(victim, Map.of("clientSecret", pasted.value(), "secretId", pasted.id()));
        var forged = forged(victim.first().id(), false);
        testbed.storedByHand(forged, forgedValue(pasted.id(), true), "AWSPENDING");
        var reads = new AtomicInteger();
        testbed.faults(call -> call.operation().equals("GetSecretValue")
                        && call.subject().equals(forged.arn())
                        && reads.getAndIncrement() % 2 == 1
                ? SecretsManagerErrors.decryptionFailure()
                : new Fault.None());

        assertThat(Answer.sweep(testbed).of(victim)).containsEntry("secretId", pasted.id());
        assertThat(reads).hasPositiveValue();
    }

    @Test
    void the_report_names_the_stored_secret_that_names_the_account() {
        var forged = forged(victim.first().id(), true);

        assertThat(Answer.sweep(testbed).told(victim)).contains(forged.name());
    }
}
