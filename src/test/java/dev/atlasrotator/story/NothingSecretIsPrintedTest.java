package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Faults;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasOutcome;
import dev.atlasrotator.simulator.atlas.AtlasService;
import dev.atlasrotator.simulator.atlas.IssuedCredential;
import dev.atlasrotator.testbed.Breaking;
import dev.atlasrotator.testbed.Killed;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Feeds known secrets through every path, error paths too, and searches all that comes out: lines,
 * answers, exceptions with their causes and traces. A part of twelve characters counts as the
 * whole.
 */
class NothingSecretIsPrintedTest {
    private static final Duration MONTH = Duration.ofDays(30);
    private static final int PART = 12;
    private static final Pattern TOKEN = Pattern.compile("\"access_token\"\\s*:\\s*\"([^\"]+)\"");
    private static final Pattern SECRET = Pattern.compile("\"secret\"\\s*:\\s*\"([^\"]+)\"");

    /**
     * What a person has typed into the value beside the credential: not ours, and not for others.
     */
    private static final String PRIVATE_NOTE = "hunter2-and-the-name-of-my-first-pet";

    /** All that was said to anybody, and all that nobody must be told. */
    private static final class Ear {
        final Testbed testbed = new Testbed();
        final List<String> heard = new ArrayList<>();
        final Set<String> secrets = Collections.synchronizedSet(new HashSet<>());

        Ear() {
            testbed.beforeAtlas(this::listening);
            secrets.add(Testbed.ROTATION_TOKEN);
            secrets.add(PRIVATE_NOTE);
        }

        private AtlasService listening(AtlasService atlas) {
            return request -> {
                var outcome = atlas.exchange(request);
                if (outcome instanceof AtlasOutcome.Answered answered) {
                    var body = answered.answer().text();
                    TOKEN.matcher(body).results().forEach(found -> secrets.add(found.group(1)));
                    SECRET.matcher(body).results().forEach(found -> secrets.add(found.group(1)));
                }
                return outcome;
            };
        }

        ManagedSecret account(String role) {
            var kept = testbed.account("prod/atlas", MONTH, role, true);
            testbed.changedByHand(kept, Map.of("note", PRIVATE_NOTE));
            knows(kept.clientId(), kept.first());
            return kept;
        }

        void knows(String user, IssuedCredential credential) {
            secrets.add(credential.value());
            secrets.add(Base64.getEncoder()
                    .encodeToString((user + ":" + credential.value()).getBytes(StandardCharsets.UTF_8)));
        }

        void hears(Runnable work) {
            try {
                work.run();
            } catch (RotatorException | Killed failure) {
                var trace = new StringWriter();
                failure.printStackTrace(new PrintWriter(trace, true));
                heard.add(trace.toString());
                heard.add(failure.toString());
                for (Throwable one = failure; one != null; one = one.getCause()) {
                    heard.add(String.valueOf(one.getMessage()));
                }
            }
        }

        void asks(String event) {
            hears(() -> heard.add(testbed.handle(event)));
        }

        void assertNothingWasTold() {
            var parts = new HashSet<String>();
            for (String secret : secrets) {
                // The prefix that all of Atlas's secrets have is no secret.
                var kernel = secret.startsWith("mdb_sa_sk_") ? secret.substring(10) : secret;
                for (int from = 0; from + PART <= kernel.length(); from++) {
                    parts.add(kernel.substring(from, from + PART));
                }
            }
            var all = new ArrayList<>(heard);
            all.addAll(testbed.lines);
            for (String text : all) {
                for (int from = 0; from + PART <= text.length(); from++) {
                    assertThat(parts.contains(text.substring(from, from + PART)))
                            .as("at %d of a text of %d characters", from, text.length())
                            .isFalse();
                }
            }
            assertThat(secrets).hasSizeGreaterThan(3);
        }
    }

    private static final List<String> EVENTS = List.of(
            "{\"action\":\"status\"}",
            "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"dryRun\":true}",
            "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}",
            "{\"action\":\"sweep\"}",
            "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"revokeOld\":true}",
            "{\"source\":\"aws.events\"}",
            "{\"Records\":[{\"eventSource\":\"aws:sqs\",\"messageId\":\"1\",\"body\":\"{}\"}]}");

    private static void everyEvent(Ear ear, ManagedSecret kept) {
        for (String event : EVENTS) {
            ear.asks(event);
            ear.testbed.after(Duration.ofMinutes(16));
        }
        ear.hears(() -> {
            var token = ear.testbed.begin(kept);
            ear.hears(() -> ear.testbed.rotate(kept, token));
            ear.hears(() -> ear.testbed.rotate(kept, token));
        });
    }

    @Test
    void every_path_that_goes_well_is_silent_about_them() {
        var ear = new Ear();
        var kept = ear.account(AtlasModel.PROJECT_OWNER);

        everyEvent(ear, kept);

        ear.assertNothingWasTold();
        assertThat(ear.testbed.lines).isNotEmpty();
    }

    @Test
    void so_are_those_with_an_admin_credential_of_either_kind() {
        for (boolean key : new boolean[] {true, false}) {
            var ear = new Ear();
            ear.testbed.setting("ADMIN_SECRET_ID", "admin/atlas");
            var admin = key ? ear.testbed.adminKey("admin/atlas") : ear.testbed.adminAccount("admin/atlas");
            ear.knows(admin.id(), admin);
            var kept = ear.account(AtlasModel.PROJECT_READ_ONLY);

            everyEvent(ear, kept);

            ear.assertNothingWasTold();
        }
    }

    @TestFactory
    Stream<DynamicTest> whatever_goes_wrong_at_whatever_call_nothing_is_told() {
        return Stream.of(Breaking.How.values()).map(how -> dynamicTest(how.toString(), () -> goesWrong(how)));
    }

    private static void goesWrong(Breaking.How how) {
        for (int nth = 1; nth <= 12; nth++) {
            broken(Breaking.once(nth, how::at), true);
            broken(Breaking.from(nth, how::at), false);
        }
    }

    private static void broken(Faults wrong, boolean steps) {
        var ear = new Ear();
        var kept = ear.account(AtlasModel.PROJECT_OWNER);
        if (steps) {
            var token = ear.testbed.begin(kept);
            ear.testbed.faults(wrong);
            ear.hears(() -> ear.testbed.rotate(kept, token));
        } else {
            ear.testbed.faults(wrong);
            ear.asks("{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"revokeOld\":true}");
        }
        ear.testbed.faults(Faults.none());
        ear.assertNothingWasTold();
    }

    /** Atlas, or whatever is before it, quotes in its error all that it was sent. */
    @Test
    void an_Atlas_that_echoes_what_it_was_sent_is_not_quoted() {
        for (String operation : List.of("mintToken", "readAccount", "createSecret", "deleteSecret", "revokeToken")) {
            var ear = new Ear();
            var kept = ear.account(AtlasModel.PROJECT_OWNER);
            ear.testbed.faults(Breaking.every(
                    operation,
                    call -> new Fault.Answer(
                            Fault.Moment.BEFORE_EFFECT,
                            400,
                            Map.of(),
                            Json.text(Map.of(
                                    "error",
                                    400,
                                    "errorCode",
                                    "X",
                                    "detail",
                                    ear.testbed
                                            .stored(kept, "AWSCURRENT", "clientSecret")
                                            .orElse(""),
                                    "reason",
                                    "Bad Request")))));
            everyEvent(ear, kept);
            ear.assertNothingWasTold();
        }
    }

    @TestFactory
    Stream<DynamicTest> a_value_that_cannot_be_read_is_not_quoted() {
        return Stream.<Map.Entry<String, Consumer<Ear>>>of(
                        Map.entry("not JSON", ear -> put(ear, "{\"clientSecret\":\"%s\"")),
                        Map.entry("two objects", ear -> put(ear, "{} {\"clientSecret\":\"%s\"}")),
                        Map.entry("a text alone", ear -> put(ear, "\"%s\"")),
                        Map.entry("as clientId", ear -> put(ear, "{\"clientId\":\"%s\"}")),
                        Map.entry(
                                "as groupId",
                                ear -> put(
                                        ear,
                                        "{\"clientId\":\"mdb_sa_id_0123456789abcdef01234567\",\"groupId\":\"%s\"}")),
                        Map.entry(
                                "as secretId",
                                ear -> put(
                                        ear,
                                        "{\"clientId\":\"mdb_sa_id_0123456789abcdef01234567\",\"groupId\":\"0123456789abcdef01234567\",\"secretId\":\"%s\"}")),
                        Map.entry(
                                "as a lifetime",
                                ear -> put(
                                        ear,
                                        "{\"clientId\":\"mdb_sa_id_0123456789abcdef01234567\",\"groupId\":\"0123456789abcdef01234567\",\"secretExpiresAfterHours\":\"%s\"}")),
                        Map.entry("as a key", ear -> put(ear, "{\"%s\":1}")),
                        Map.entry("a key twice", ear -> put(ear, "{\"%1$s\":1,\"%1$s\":2}")))
                .map(wrong -> dynamicTest(wrong.getKey(), () -> {
                    var ear = new Ear();
                    wrong.getValue().accept(ear);
                    ear.assertNothingWasTold();
                }));
    }

    private static void put(Ear ear, String form) {
        var kept = ear.account(AtlasModel.PROJECT_OWNER);
        ear.testbed.storedText(
                kept,
                ear.testbed.newVersion().value(),
                form.formatted(kept.first().value()),
                "AWSCURRENT");
        ear.secrets.add("mdb_sa_sk_unused_by_anybody_at_all");
        everyEvent(ear, kept);
        // The same as the admin credential of another one.
        ear.testbed.setting("ADMIN_SECRET_ID", "prod/atlas");
        ear.testbed.account("prod/other", MONTH);
        ear.asks("{\"action\":\"rotate\",\"secretId\":\"prod/other\"}");
    }

    @Test
    void an_event_that_cannot_be_read_is_not_quoted() {
        var ear = new Ear();
        ear.account(AtlasModel.PROJECT_OWNER);
        for (String event : List.of(
                PRIVATE_NOTE,
                "{\"action\":\"" + PRIVATE_NOTE + "\"}",
                "{\"action\":\"rotate\",\"" + PRIVATE_NOTE + "\":1}",
                "{\"action\":\"rotate\",\"dryRun\":\"" + PRIVATE_NOTE + "\"}",
                "{\"Step\":\"" + PRIVATE_NOTE + "\"}",
                "{\"Step\":\"createSecret\",\"RotationToken\":\"" + Testbed.ROTATION_TOKEN + "\"}",
                "{\"Step\":\"createSecret\",\"SecretId\":\"a\",\"ClientRequestToken\":\"short\","
                        + "\"RotationToken\":\""
                        + Testbed.ROTATION_TOKEN
                        + "\"}",
                "{\"Records\":[\"" + PRIVATE_NOTE + "\"]}",
                "{\"RotationToken\":\"" + Testbed.ROTATION_TOKEN + "\"")) {
            ear.asks(event);
        }
        assertThat(ear.heard).isNotEmpty();
        ear.secrets.add("mdb_sa_sk_unused_by_anybody_at_all");
        ear.assertNothingWasTold();
    }

    @Test
    void a_client_secret_in_the_place_of_a_name_is_refused_without_a_call_and_not_quoted() {
        var ear = new Ear();
        var kept = ear.account(AtlasModel.PROJECT_OWNER);
        var secret = kept.first().value();
        var calls = ear.testbed.secretsManager.ledger().size();
        for (String event : List.of(
                "{\"action\":\"rotate\",\"secretId\":\"%s\"}",
                "{\"action\":\"rotate\",\"secretId\":\"prod/atlas\",\"leaked\":\"%s\"}",
                "{\"action\":\"sweep\",\"secretIds\":[\"prod/atlas\",\"%s\"]}",
                "{\"action\":\"status\",\"secretIds\":[\"%s\"]}",
                "{\"Step\":\"createSecret\",\"SecretId\":\"%s\",\"ClientRequestToken\":\"a\"}",
                "{\"Step\":\"createSecret\",\"SecretId\":\"prod/atlas\",\"ClientRequestToken\":\"%s\"}")) {
            ear.asks(event.formatted(secret));
        }
        assertThat(ear.testbed.secretsManager.ledger()).hasSize(calls);

        ear.testbed.changedByHand(kept, Map.of("adminSecretArn", secret));
        ear.asks("{\"action\":\"sweep\"}");
        ear.asks("{\"action\":\"status\"}");

        assertThat(ear.heard).isNotEmpty();
        ear.secrets.add("mdb_sa_sk_unused_by_anybody_at_all");
        ear.assertNothingWasTold();
    }

    @Test
    void the_search_would_find_a_secret_if_there_were_one() {
        var ear = new Ear();
        var kept = ear.account(AtlasModel.PROJECT_OWNER);
        ear.heard.add("the value ends in " + kept.first().value().substring(20));
        ear.secrets.add("mdb_sa_sk_unused_by_anybody_at_all");

        assertThatThrownBy(ear::assertNothingWasTold)
                .isInstanceOf(AssertionError.class)
                .hasMessageNotContaining(kept.first().value());
    }
}
