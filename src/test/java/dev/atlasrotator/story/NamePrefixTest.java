package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.ReportEntry;
import dev.atlasrotator.testbed.Testbed;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where {@code SECRET_NAME_PREFIX} narrows the role, nothing outside of it is tried. */
class NamePrefixTest {
    private final Testbed testbed = new Testbed().setting("SECRET_NAME_PREFIX", "prod/");
    private Testbed.ManagedSecret inside;
    private Testbed.ManagedSecret outside;

    @BeforeEach
    void one_inside_and_one_outside() {
        inside = testbed.account("prod/atlas", Duration.ofDays(30));
        outside = testbed.account("test/prod/atlas", Duration.ofDays(30));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"action\":\"sweep\"}", "{\"action\":\"sweep\",\"dryRun\":true}", "{\"action\":\"status\"}"})
    void what_begins_otherwise_is_neither_reported_nor_read(String event) {
        var answer = Answer.to(testbed, event);

        assertThat(answer.accounts()).hasSize(1);
        assertThat(answer.failed()).isEmpty();
        assertThat(answer.number("checked")).isEqualTo(1);
        assertThat(answer.state(inside)).isEqualTo("due");
        assertThat(callsNaming(outside)).isEmpty();
    }

    @Test
    void a_sweep_rotates_what_begins_with_the_prefix_only() {
        Answer.sweep(testbed);

        assertThat(Answer.created(testbed, inside)).isEqualTo(1);
        assertThat(Answer.created(testbed, outside)).isZero();
    }

    @Test
    void without_a_prefix_every_name_counts() {
        testbed.setting("SECRET_NAME_PREFIX", "");

        assertThat(Answer.status(testbed).accounts()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sweep", "status"})
    void one_that_is_named_by_its_name_is_refused_and_told_why(String action) {
        assertRefused(action, outside.name());
    }

    @ParameterizedTest
    @ValueSource(strings = {"sweep", "status"})
    void one_that_is_named_by_its_arn_is_refused_and_told_why(String action) {
        assertRefused(action, outside.arn());
    }

    private void assertRefused(String action, String secretId) {
        var answer = Answer.to(
                testbed, "{\"action\":\"%s\",\"secretIds\":[\"%s\",\"%s\"]}".formatted(action, inside.arn(), secretId));

        assertThat(answer.state(inside)).isEqualTo("due");
        assertThat(answer.failed()).singleElement().satisfies(refused -> {
            assertThat(refused).containsEntry("secretArn", secretId);
            assertThat(new ReportEntry(refused).codes()).containsExactly("OWNED_ELSEWHERE");
            assertThat(new ReportEntry(refused).told())
                    .contains("does not begin with prod/", "SECRET_NAME_PREFIX", "Nothing was changed");
        });
        assertThat(callsNaming(outside)).isEmpty();
    }

    /** What the role may not do is not tried: every hour it would be denied. */
    private List<String> callsNaming(Testbed.ManagedSecret kept) {
        return testbed.secretsManager.ledger().stream()
                .map(Object::toString)
                .filter(entry -> entry.contains(kept.name()) || entry.contains(kept.arn()))
                .toList();
    }
}
