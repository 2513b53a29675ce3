package dev.atlasrotator.report;

import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.RotationFinding.CreatedNotPromoted;
import dev.atlasrotator.policy.AccountState;
import dev.atlasrotator.policy.Action;
import dev.atlasrotator.policy.Assessment;
import dev.atlasrotator.snapshot.RotationTimes;
import dev.atlasrotator.snapshot.Snapshot;
import dev.atlasrotator.snapshot.Snapshot.Classified;
import dev.atlasrotator.snapshot.Snapshot.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the report says of one account. It holds ids and times, nothing secret, and no more than it
 * prints.
 */
public record AccountReport(
        String secretArn,
        String name,
        String clientId,
        String scopeKey,
        String scopeId,
        AccountState state,
        Optional<String> secretId,
        Optional<Instant> createdAt,
        Optional<Instant> expiresAt,
        List<Other> others,
        List<String> actions,
        List<Finding> findings,
        int stillUsed) {
    /** Another secret of the account, and what it is to us. */
    public record Other(
            String secretId, String kind, Instant createdAt, Instant expiresAt, Optional<Instant> lastUsedAt) {}

    /** The entry for what was seen and done. */
    public static AccountReport of(Snapshot seen, Assessment assessment, List<Action> actions, int stillUsed) {
        var current = seen.currentSecret();
        var end = seen.inUse().stream()
                .map(AtlasSecret::expiresAt)
                .min(Comparator.naturalOrder())
                .or(seen::recordedEnd);
        boolean stopped = has(actions, Action.Created.class) && !has(actions, Action.Promoted.class);
        var cut = seen.now().plus(RotationTimes.SHORTENED_LIFETIME);
        var others = new ArrayList<Other>();
        for (Classified one : seen.classified()) {
            if (one.kind() != Kind.CURRENT) {
                others.add(other(one));
            }
        }
        return new AccountReport(
                seen.stored().arn(),
                seen.stored().name(),
                seen.account().clientId().value(),
                seen.account().scope().key(),
                seen.account().scope().id(),
                assessment.state(),
                current.map(one -> one.id().value()),
                current.map(AtlasSecret::createdAt),
                // Where Atlas cannot be asked, what was recorded is better than nothing. A create
                // that came to nothing has cut the life of the secret in use all the same.
                stopped ? end.map(one -> one.isBefore(cut) ? one : cut) : end,
                List.copyOf(others),
                actions.stream().map(Action::toString).toList(),
                stopped ? withFirst(assessment.findings(), new CreatedNotPromoted(cut)) : assessment.findings(),
                stillUsed);
    }

    /** The same with one more finding before the others. */
    public AccountReport and(Optional<Finding> first) {
        return first.map(finding -> with(withFirst(findings, finding))).orElse(this);
    }

    private AccountReport with(List<Finding> other) {
        return new AccountReport(
                secretArn, name, clientId, scopeKey, scopeId, state, secretId, createdAt, expiresAt, others, actions,
                other, stillUsed);
    }

    private static List<Finding> withFirst(List<Finding> findings, Finding first) {
        return Stream.concat(Stream.of(first), findings.stream()).toList();
    }

    private static boolean has(List<Action> actions, Class<? extends Action> kind) {
        return actions.stream().anyMatch(kind::isInstance);
    }

    /** Whether another secret took over in this run. */
    boolean isPromoted() {
        return actions.stream().anyMatch(text -> text.startsWith("promoted "));
    }

    private static Other other(Classified one) {
        var secret = one.secret();
        return new Other(
                secret.id().value(), one.kind().text(), secret.createdAt(), secret.expiresAt(), secret.lastUsedAt());
    }

    /** How many of the others are of this kind. */
    int count(Kind kind) {
        return (int) others.stream()
                .filter(other -> other.kind().equals(kind.text()))
                .count();
    }

    Map<String, Object> json() {
        var json = new LinkedHashMap<String, Object>();
        json.put("secretArn", secretArn);
        json.put("name", name);
        json.put("clientId", clientId);
        json.put(scopeKey, scopeId);
        json.put("state", state.text());
        secretId.ifPresent(id -> json.put("secretId", id));
        createdAt.ifPresent(at -> json.put("createdAt", at.toString()));
        expiresAt.ifPresent(at -> json.put("expiresAt", at.toString()));
        json.put("others", others.stream().map(AccountReport::json).toList());
        json.put("actions", actions);
        if (!findings.isEmpty()) {
            json.put("advice", Finding.text(findings));
        }
        return json;
    }

    private static Map<String, Object> json(Other other) {
        var json = new LinkedHashMap<String, Object>();
        json.put("secretId", other.secretId());
        json.put("kind", other.kind());
        json.put("createdAt", other.createdAt().toString());
        json.put("expiresAt", other.expiresAt().toString());
        other.lastUsedAt().ifPresent(at -> json.put("lastUsedAt", at.toString()));
        return json;
    }
}
