package dev.atlasrotator.report;

import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.failure.Severity;
import dev.atlasrotator.finding.Failed;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.Margin;
import dev.atlasrotator.finding.RotationFinding.CreatedNotPromoted;
import dev.atlasrotator.finding.RotationFinding.RotationAbandoned;
import dev.atlasrotator.finding.RotationFinding.RotationCannotWork;
import dev.atlasrotator.finding.RotationFinding.RotationStalled;
import dev.atlasrotator.policy.AccountState;
import dev.atlasrotator.policy.Action;
import dev.atlasrotator.policy.Readiness;
import dev.atlasrotator.snapshot.RotationTimes;
import dev.atlasrotator.snapshot.Snapshot;
import dev.atlasrotator.snapshot.Snapshot.Classified;
import dev.atlasrotator.snapshot.Snapshot.Kind;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the report says of one account. It holds ids and times, nothing secret, and no more than it prints.
 *
 * @param account empty where the value could not be read
 * @param secretId the Atlas secret in use
 * @param promotedAt when AWSCURRENT moved last
 * @param failure the error that ended the work on it
 * @param readiness what a check says beside the rest
 */
public record AccountReport(
        String secretArn,
        String name,
        Optional<Account> account,
        AccountState state,
        Optional<SecretId> secretId,
        Optional<Instant> createdAt,
        Optional<Instant> promotedAt,
        Optional<Instant> expiresAt,
        List<Classified> others,
        List<Action> actions,
        List<Finding> findings,
        Optional<RotatorException> failure,
        Optional<Readiness> readiness) {
    /** What a rotation that has ended well has set right. */
    private static final Set<Code> FIXED_BY_A_ROTATION = Set.of(
            Code.EXPIRING,
            Code.CURRENT_SECRET_GONE,
            Code.CREDENTIAL_REJECTED,
            Code.WHITESPACE_IN_SECRET,
            Code.SPELLINGS_DISAGREE);

    /** The entry for what was seen, and what would be done. */
    public static AccountReport planned(
            Snapshot seen, AccountState state, List<Finding> findings, List<Action> actions) {
        return of(seen, state, findings, actions, expiry(seen));
    }

    /** The entry for what was seen and done. */
    public static AccountReport done(Snapshot seen, AccountState state, List<Finding> findings, List<Action> actions) {
        var left = stillTrue(findings, actions);
        if (!has(actions, Action.Created.class)
                || has(actions, Action.Promoted.class)
                || seen.inUse().isEmpty()) {
            return of(seen, state, left, actions, expiry(seen));
        }
        // A create that came to nothing has shortened the lifetime of the secret in use all the same.
        var shortened = seen.now().plus(RotationTimes.SHORTENED_LIFETIME);
        return of(
                seen,
                state,
                withFirst(left, new CreatedNotPromoted(shortened)),
                actions,
                expiry(seen).map(one -> one.isBefore(shortened) ? one : shortened));
    }

    private static AccountReport of(
            Snapshot seen,
            AccountState state,
            List<Finding> findings,
            List<Action> actions,
            Optional<Instant> expiresAt) {
        var current = seen.currentSecret();
        return new AccountReport(
                seen.stored().arn(),
                seen.stored().name(),
                Optional.of(seen.account()),
                state,
                current.map(AtlasSecret::id),
                current.map(AtlasSecret::createdAt),
                current.map(known -> seen.promoted()),
                expiresAt,
                seen.classified().stream()
                        .filter(one -> one.kind() != Kind.CURRENT)
                        .toList(),
                List.copyOf(actions),
                findings,
                Optional.empty(),
                Optional.empty());
    }

    private static Optional<Instant> expiry(Snapshot seen) {
        return seen.inUse().stream()
                .map(AtlasSecret::expiresAt)
                .min(Comparator.naturalOrder())
                // Where Atlas cannot be asked, what was recorded is better than nothing.
                .or(seen::recordedEnd);
    }

    /** The entry of an account that could not be looked at. */
    public static AccountReport failed(String secretId, RotatorException failure, Margin margin) {
        return new AccountReport(
                        secretId,
                        nameIn(secretId),
                        Optional.empty(),
                        AccountState.FAILED,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        Optional.empty())
                .failed(failure, margin);
    }

    /** The same after an error has ended the work on it. */
    public AccountReport failed(RotatorException error, Margin margin) {
        return with(AccountState.FAILED, withFirst(findings, Failed.of(error, margin)), Optional.of(error), readiness);
    }

    /** What the secret in use has left of its own margin; ample where that is not known, or a new one has taken over. */
    public Margin margin(Instant now) {
        return has(actions, Action.Promoted.class)
                ? Margin.AMPLE
                : createdAt
                        .flatMap(created -> expiresAt.map(end -> Margin.left(created, end, now)))
                        .orElse(Margin.AMPLE);
    }

    /** The same with one more finding before the others. */
    public AccountReport and(Finding first) {
        return with(state, withFirst(findings, first), failure, readiness);
    }

    /** The same with what a check adds. */
    public AccountReport checked(List<Finding> more, Readiness found) {
        return with(state, Stream.concat(findings.stream(), more.stream()).toList(), failure, Optional.of(found));
    }

    private AccountReport with(
            AccountState newState, List<Finding> all, Optional<RotatorException> error, Optional<Readiness> found) {
        return new AccountReport(
                secretArn,
                name,
                account,
                newState,
                secretId,
                createdAt,
                promotedAt,
                expiresAt,
                others,
                actions,
                all,
                error,
                found);
    }

    /** What a run has set right needs nobody any more. */
    private static List<Finding> stillTrue(List<Finding> findings, List<Action> actions) {
        boolean isPromoted = has(actions, Action.Promoted.class);
        boolean isAbandoned = has(actions, Action.Abandoned.class);
        boolean isOver = isPromoted || isAbandoned;
        var deleted = actions.stream()
                .filter(Action.Deleted.class::isInstance)
                .map(Action::secretId)
                .toList();
        return findings.stream()
                .filter(one -> !(isPromoted && FIXED_BY_A_ROTATION.contains(one.code())))
                .filter(one -> !(isOver && one instanceof RotationStalled))
                .filter(one -> !deleted.contains(one.entry().facts().secretId()))
                .map(one ->
                        isAbandoned && one instanceof RotationCannotWork(String why) ? new RotationAbandoned(why) : one)
                .toList();
    }

    private static List<Finding> withFirst(List<Finding> findings, Finding first) {
        return Stream.concat(Stream.of(first), findings.stream()).distinct().toList();
    }

    private static boolean has(List<Action> actions, Class<? extends Action> kind) {
        return actions.stream().anyMatch(kind::isInstance);
    }

    /** A stored secret's name from its ARN, which ends in a hyphen and six characters more. */
    private static String nameIn(String arnOrName) {
        var parts = arnOrName.split(":", 7);
        return parts.length == 7 && parts[0].equals("arn") ? parts[6].replaceFirst("-[A-Za-z0-9]{6}$", "") : arnOrName;
    }

    /** The highest of its findings. */
    public Severity severity() {
        return findings.stream()
                .map(Finding::severity)
                .max(Comparator.naturalOrder())
                .orElse(Severity.INFO);
    }

    /** How many actions are of this kind. */
    int count(Class<? extends Action> kind) {
        return (int) actions.stream().filter(kind::isInstance).count();
    }

    Map<String, Object> json() {
        var json = new LinkedHashMap<String, Object>();
        json.put("secretArn", secretArn);
        json.put("name", name);
        account.ifPresent(one -> {
            json.put("clientId", one.clientId().value());
            json.put(one.scope().key(), one.scope().id());
        });
        json.put("state", state.text());
        secretId.ifPresent(id -> json.put("secretId", id.value()));
        createdAt.ifPresent(at -> json.put("createdAt", at.toString()));
        promotedAt.ifPresent(at -> json.put("promotedAt", at.toString()));
        expiresAt.ifPresent(at -> json.put("expiresAt", at.toString()));
        json.put("others", others.stream().map(AccountReport::json).toList());
        json.put("actions", actions.stream().map(Action::fields).toList());
        json.put("findings", findings.stream().map(AccountReport::json).toList());
        readiness.ifPresent(found -> {
            json.put("ready", found.ready());
            json.put("next", json(found.next()));
            json.put("readers", found.readers());
            json.put("notChecked", found.notChecked());
        });
        return json;
    }

    private static Map<String, Object> json(Readiness.Next next) {
        var json = new LinkedHashMap<String, Object>();
        json.put("what", next.what());
        next.at().ifPresent(at -> json.put("at", at.toString()));
        return json;
    }

    private static Map<String, Object> json(Classified other) {
        var secret = other.secret();
        var json = new LinkedHashMap<String, Object>();
        json.put("secretId", secret.id().value());
        json.put("kind", other.kind().text());
        json.put("createdAt", secret.createdAt().toString());
        json.put("expiresAt", secret.expiresAt().toString());
        secret.lastUsedAt().ifPresent(at -> json.put("lastUsedAt", at.toString()));
        return json;
    }

    static Map<String, Object> json(Finding finding) {
        var entry = finding.entry();
        var facts = entry.facts();
        var json = new LinkedHashMap<String, Object>();
        json.put("code", entry.code().name());
        json.put("severity", entry.severity().text());
        json.put("message", entry.message());
        if (!entry.remedy().isEmpty()) {
            json.put("remedy", entry.remedy());
        }
        facts.secretId().ifPresent(id -> json.put("secretId", id.value()));
        facts.retryAt().ifPresent(at -> json.put("retryAt", at.toString()));
        facts.until().ifPresent(at -> json.put("until", at.toString()));
        return json;
    }
}
