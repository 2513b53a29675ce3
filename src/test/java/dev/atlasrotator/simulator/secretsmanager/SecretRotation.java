package dev.atlasrotator.simulator.secretsmanager;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * {@code RotateSecret} and {@code CancelRotateSecret}: what they register, and what they leave to
 * be run.
 */
final class SecretRotation {
    /** A rotation that an attached function has yet to run. */
    record Due(String secretArn, String functionArn, String token, boolean testOnly) {}

    private static final Pattern RATE = Pattern.compile("rate\\((\\d+) (day|days|hours)\\)");

    private final SecretsCore core;
    private final Map<String, RotationFunction> functions = new HashMap<>();
    private final Deque<Due> due = new ArrayDeque<>();

    SecretRotation(SecretsCore core) {
        this.core = core;
    }

    SecretRotation copy(SecretsCore newCore) {
        var copy = new SecretRotation(newCore);
        copy.functions.putAll(functions);
        copy.due.addAll(due);
        return copy;
    }

    void attach(String functionArn, RotationFunction function) {
        functions.put(functionArn, function);
    }

    Optional<RotationFunction> function(String functionArn) {
        return Optional.ofNullable(functions.get(functionArn));
    }

    Optional<Due> nextDue() {
        return Optional.ofNullable(due.poll());
    }

    Iterable<Due> waiting() {
        return due;
    }

    Map<String, Object> rotate(SecretsRequest request) {
        request.refuse("ExternalSecretRotationMetadata", "ExternalSecretRotationRoleArn");
        var id = request.secretId();
        var token =
                request.token().orElseThrow(() -> SecretsManagerErrors.invalidParameter(SecretValues.TOKEN_MISSING));
        var rules = request.object("RotationRules").map(SecretRotation::rules);
        var immediately = request.flag("RotateImmediately").orElse(true);
        var draft = core.writable(id);
        var functionArn = request.text("RotationLambdaARN", 0, 2048)
                .or(() -> draft.rotationFunctionArn)
                .orElseThrow(SecretsManagerErrors::noRotationFunction);
        if (core.notInvocable.contains(functionArn)) {
            throw SecretsManagerErrors.functionNotInvocable();
        }
        var pending = draft.under(SecretStages.PENDING).filter(version -> !version.has(SecretStages.CURRENT));
        if (pending.isPresent()) {
            return answerUnfinished(draft, functionArn, pending.get().id(), token);
        }
        if (draft.version(token).isEmpty()) {
            begin(draft, functionArn, rules, token, immediately);
        }
        return answer(draft, token);
    }

    private void begin(
            StoredSecret draft,
            String functionArn,
            Optional<Map<String, Object>> rules,
            String token,
            boolean immediately) {
        draft.rotationEnabled = Optional.of(true);
        draft.rotationFunctionArn = Optional.of(functionArn);
        draft.rotationRules = rules.or(() -> draft.rotationRules);
        draft.nextRotation = draft.rotationRules.flatMap(given -> next(given, core.now()));
        var registered = SecretVersion.registered(token, core.now());
        SecretStages.detach(draft, SecretStages.PENDING);
        if (immediately) {
            draft.add(registered);
        } else {
            var current = draft.under(SecretStages.CURRENT).flatMap(SecretVersion::value);
            draft.add(current.map(registered::withValue).orElse(registered));
            core.temporary.add(token);
        }
        core.change(draft);
        leaveToBeRun(new Due(draft.arn, functionArn, token, !immediately));
    }

    /**
     * The earlier rotation is run again, with its own token; the settings that came with this call
     * are not taken.
     */
    private Map<String, Object> answerUnfinished(
            StoredSecret secret, String functionArn, String pendingToken, String token) {
        if (pendingToken.equals(token)) {
            return answer(secret, token);
        }
        leaveToBeRun(new Due(
                secret.arn,
                secret.rotationFunctionArn.orElse(functionArn),
                pendingToken,
                core.temporary.contains(pendingToken)));
        return switch (core.settings.retriedRotation) {
            case REFUSED_AND_RETRIED -> throw SecretsManagerErrors.rotationUnfinished();
            case ANSWERED_WITH_THE_OLD_VERSION -> answer(secret, pendingToken);
        };
    }

    private void leaveToBeRun(Due rotation) {
        if (functions.containsKey(rotation.functionArn()) && !due.contains(rotation)) {
            due.add(rotation);
        }
    }

    private static Map<String, Object> answer(StoredSecret secret, String versionId) {
        var answer = SecretsCore.identity(secret);
        answer.put("VersionId", versionId);
        return answer;
    }

    Map<String, Object> cancel(SecretsRequest request) {
        var draft = core.writable(request.secretId());
        if (!draft.rotationEnabled.orElse(false)) {
            throw SecretsManagerErrors.invalidRequest(
                    "You tried to cancel a rotation of a secret that is not enabled" + " for rotation."); // own words
        }
        draft.rotationEnabled = Optional.of(false);
        draft.nextRotation = Optional.empty();
        due.removeIf(rotation -> rotation.secretArn().equals(draft.arn));
        core.change(draft);
        // The label stays: the caller must take it off before rotation is switched on again (API
        // reference).
        var answer = SecretsCore.identity(draft);
        SecretsCore.put(
                answer,
                "VersionId",
                draft.under(SecretStages.PENDING)
                        .filter(version -> !version.has(SecretStages.CURRENT))
                        .map(SecretVersion::id));
        return answer;
    }

    /** The test of a rotation is over: the version that it was made for goes. */
    void endTest(String secretArn, String token) {
        if (core.temporary.remove(token)) {
            core.state.find(secretArn, core.now(), SecretsState.NOW).ifPresent(secret -> {
                var draft = secret.draft();
                draft.remove(token);
                core.change(draft);
            });
        }
    }

    private static Map<String, Object> rules(SecretsRequest request) {
        var rules = new LinkedHashMap<String, Object>();
        var days = request.number("AutomaticallyAfterDays");
        var schedule = request.text("ScheduleExpression", 1, 256);
        if (days.filter(number -> number < 1 || number > 1000).isPresent()) {
            throw SecretsManagerErrors.invalidParameter("RotationRules.AutomaticallyAfterDays must be within 1-1000.");
        }
        if (days.isPresent() && schedule.isPresent()) {
            throw SecretsManagerErrors.invalidParameter(
                    "You can't specify both AutomaticallyAfterDays and ScheduleExpression."); // own
            // words
        }
        SecretsCore.put(rules, "AutomaticallyAfterDays", days);
        SecretsCore.put(rules, "Duration", request.text("Duration", 2, 3));
        SecretsCore.put(rules, "ScheduleExpression", schedule);
        return rules;
    }

    /** Only for days and rates; a cron expression has no next date here. */
    private static Optional<Instant> next(Map<String, Object> rules, Instant now) {
        if (rules.get("AutomaticallyAfterDays") instanceof Long days) {
            return Optional.of(now.plus(Duration.ofDays(days)));
        }
        var rate = RATE.matcher(String.valueOf(rules.get("ScheduleExpression")));
        if (!rate.matches()) {
            return Optional.empty();
        }
        var count = Long.parseLong(rate.group(1));
        return Optional.of(now.plus(rate.group(2).equals("hours") ? Duration.ofHours(count) : Duration.ofDays(count)));
    }
}
