package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Undecryptable;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A stored secret that this function cannot understand or decrypt has consumers all the same: what it holds is kept. */
class CopyNotUnderstoodTest {
    private static final Duration YOUNG = Duration.ofDays(3);
    private final Testbed testbed = new Testbed();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"overlapHours\":\"24h\"",
                "\"secretExpiresAfterHours\":\"long\"",
                "\"adminSecretArn\":\"my admin\""
            })
    void a_copy_whose_value_has_a_malformed_field_keeps_what_it_holds(String field) {
        var kept = testbed.account("app-1", Duration.ofDays(30));
        testbed.administered(kept);
        var copy = testbed.copyOf(kept, "app-2", "true");
        var text = Json.text(testbed.value(copy, "AWSCURRENT"));
        testbed.storedText(
                copy,
                testbed.newVersion().value(),
                text.substring(0, text.length() - 1) + "," + field + "}",
                "AWSCURRENT");
        Answer.sweep(testbed);
        testbed.after(Duration.ofHours(26));

        Answer.sweep(testbed);

        assertThat(testbed.currentWorks(copy)).isTrue();
    }

    @Test
    void what_a_copy_holds_whose_key_is_denied_to_this_function_is_not_deleted() {
        var kept = testbed.account("app-1", Duration.ofDays(30));
        testbed.administered(kept);
        var copy = testbed.copyOf(kept, "app-2", kept.clientId());
        testbed.beforeSecretsManager(real -> new Undecryptable(real, copy.arn()));
        // By name, since each is then read by itself: the stand-in's batch has no errors of single ones.
        var event = "{\"action\":\"sweep\",\"secretIds\":[\"app-1\",\"app-2\"]}";
        Answer.to(testbed, event);
        testbed.after(Duration.ofHours(26));

        Answer.to(testbed, event);

        assertThat(testbed.currentWorks(copy)).isTrue();
    }

    @Test
    void an_account_whose_managed_value_cannot_be_understood_is_not_unmanaged() {
        testbed.account("prod/atlas", YOUNG);
        var kept = testbed.account("prod/other", YOUNG);
        testbed.administered(kept);
        testbed.storedText(
                kept, testbed.newVersion().value(), "{\"clientId\":\"" + kept.clientId() + "\",}", "AWSCURRENT");

        assertThat(testbed.answer("{\"action\":\"discover\"}").get("unmanaged").toString())
                .doesNotContain(kept.clientId());
    }
}
