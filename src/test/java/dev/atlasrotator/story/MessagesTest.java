package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Fault.Moment;
import dev.atlasrotator.simulator.Faults;
import dev.atlasrotator.simulator.atlas.AtlasErrors;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerErrors;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever goes wrong at whichever call: what is said of it is said once, and is true of what the
 * run had done until then.
 */
class MessagesTest {
    /** What is said of what failed, and whether what failed had created a secret at Atlas. */
    record Said(String message, boolean created) {}

    /** How a rotation is asked for. */
    enum Way {
        STEPS,
        REVOKE;

        List<Said> of(Testbed testbed, ManagedSecret kept) {
            return switch (this) {
                case STEPS -> steps(testbed, kept);
                case REVOKE ->
                    Answer.to(
                                    testbed,
                                    "{\"action\":\"rotate\",\"secretId\":\"" + kept.name() + "\",\"revokeOld\":true}")
                            .failed()
                            .stream()
                            .map(one -> new Said(String.valueOf(one.get("message")), Answer.created(testbed, kept) > 0))
                            .toList();
            };
        }

        private static List<Said> steps(Testbed testbed, ManagedSecret kept) {
            var token = testbed.begin(kept);
            for (String step : List.of("createSecret", "setSecret", "testSecret", "finishSecret")) {
                long before = Answer.created(testbed, kept);
                try {
                    testbed.step(step, kept, token);
                } catch (RotatorException failed) {
                    return List.of(
                            new Said(String.valueOf(failed.getMessage()), Answer.created(testbed, kept) > before));
                }
            }
            return List.of();
        }
    }

    // One for all runs, each with an account of its own: a client of the SDK's leaves threads
    // behind.
    private final Testbed testbed = new Testbed();
    private int runs;

    private static Map<String, Fault> ofSecretsManager() {
        var faults = new LinkedHashMap<String, Fault>();
        faults.put("denied", SecretsManagerErrors.accessDenied());
        faults.put("KMS denied", SecretsManagerErrors.refusal("AccessDeniedException", "Access to KMS, no"));
        faults.put("limit", SecretsManagerErrors.refusal("LimitExceededException", "Too many versions."));
        faults.put("throttled", SecretsManagerErrors.throttling());
        faults.put("internal", SecretsManagerErrors.internal(Moment.BEFORE_EFFECT));
        faults.put("closed, done", new Fault.Close(Moment.AFTER_EFFECT));
        faults.put("no such secret", SecretsManagerErrors.refusal("ResourceNotFoundException", "no"));
        faults.put("exists", SecretsManagerErrors.refusal("ResourceExistsException", "another value"));
        faults.put("invalid", SecretsManagerErrors.refusal("InvalidRequestException", "no"));
        faults.put("deletion", SecretsManagerErrors.refusal("InvalidRequestException", "marked for deletion"));
        faults.put("new code", SecretsManagerErrors.refusal("SomethingNewException", "no"));
        return faults;
    }

    private static Map<String, Fault> ofAtlas() {
        var faults = new LinkedHashMap<String, Fault>();
        for (int status : new int[] {400, 401, 403, 404, 409, 429, 500}) {
            faults.put(
                    String.valueOf(status), AtlasErrors.api(Moment.BEFORE_EFFECT, status, "SOME_CODE", "Some detail."));
        }
        faults.put("a page", AtlasErrors.html(Moment.BEFORE_EFFECT, 403));
        faults.put("a page, done", AtlasErrors.html(Moment.AFTER_EFFECT, 200));
        faults.put("closed, done", new Fault.Close(Moment.AFTER_EFFECT));
        return faults;
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void every_message_is_true_and_says_each_thing_once(Way way) {
        var wrong = new ArrayList<String>();
        for (var service : Call.Service.values()) {
            faults(service).forEach((name, fault) -> {
                wrong.addAll(wrong(way, service, name, fault, true));
                wrong.addAll(wrong(way, service, name, fault, false));
            });
        }
        assertThat(wrong).isEmpty();
    }

    private static Map<String, Fault> faults(Call.Service service) {
        return switch (service) {
            case ATLAS -> ofAtlas();
            case SECRETS_MANAGER -> ofSecretsManager();
        };
    }

    /** Each of a service's calls in turn goes wrong, and all that follow too, or none of them. */
    private List<String> wrong(Way way, Call.Service service, String name, Fault fault, boolean forGood) {
        var wrong = new ArrayList<String>();
        var seen = new AtomicInteger();
        for (int nth = 1; nth == 1 || seen.get() >= nth - 1; nth++) {
            int from = nth;
            seen.set(0);
            wrong.addAll(wrong(way, name + " from call " + nth, call -> {
                if (call.service() != service || call.operation().equals("RotateSecret")) {
                    return new Fault.None();
                }
                int number = seen.incrementAndGet();
                return number == from || (forGood && number > from) ? fault : new Fault.None();
            }));
        }
        return wrong;
    }

    private List<String> wrong(Way way, String name, Faults faults) {
        var kept = testbed.account("prod/atlas-" + ++runs, Duration.ofDays(31));
        testbed.restart();
        testbed.faults(faults);
        return way.of(testbed, kept).stream()
                .flatMap(said -> wrongIn(said).stream().map(what -> name + ", " + what + ": " + said))
                .toList();
    }

    @Test
    void what_could_be_neither_stored_nor_deleted_is_told_in_sentences_that_fit() {
        var wrong = new ArrayList<String>();
        ofSecretsManager()
                .forEach((unstored, put) -> ofAtlas()
                        .forEach((undeleted, delete) ->
                                wrong.addAll(wrong(Way.STEPS, unstored + ", " + undeleted, both(put, delete)))));
        assertThat(wrong).isEmpty();
    }

    private static Faults both(Fault put, Fault delete) {
        return call -> switch (call.operation()) {
            case "PutSecretValue" -> put;
            case "deleteSecret" -> delete;
            default -> new Fault.None();
        };
    }

    private static List<String> wrongIn(Said said) {
        var wrong = new ArrayList<String>();
        var message = said.message();
        var sentences = List.of(message.split("(?<=[.:)]) (?=[A-Z])"));
        if (sentences.stream().distinct().count() < sentences.size()) {
            wrong.add("a sentence twice");
        }
        if (message.contains("..") || message.contains(". .") || message.contains("  ")) {
            wrong.add("pieces that do not fit");
        }
        if (said.created() && message.toLowerCase(Locale.ROOT).contains("nothing was changed")) {
            wrong.add("not true after a create");
        }
        return wrong;
    }
}
