package dev.atlasrotator.policy;

import dev.atlasrotator.atlas.ServiceAccounts.AuthResult;
import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasCredential;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.ClientId;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.finding.AccessFinding.AccountUnreadable;
import dev.atlasrotator.finding.AccessFinding.Attempt;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.Margin;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.secretsmanager.VersionId;
import dev.atlasrotator.snapshot.AtlasAccess;
import dev.atlasrotator.snapshot.OtherHolders;
import dev.atlasrotator.snapshot.Snapshot;
import dev.atlasrotator.snapshot.Snapshot.AtlasView;
import dev.atlasrotator.snapshot.Snapshot.Identity;
import dev.atlasrotator.snapshot.Snapshot.Pending;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes snapshots for tests: an account that is well, until something is said about it. */
public final class Seen {
    public static final Instant NOW = Instant.parse("2026-06-01T08:00:00Z");
    public static final VersionId CURRENT = version('c');
    public static final VersionId PENDING = version('p');

    /** No other stored secret holds the account. */
    public static final OtherHolders NOWHERE =
            new OtherHolders(true, List.of(), Map.of(), Set.of(), Optional.empty(), Optional.empty());

    static final String CLIENT = "mdb_sa_id_0123456789abcdef01234567";
    private static final String PROJECT = "fedcba987654321001234567";

    private final List<AtlasSecret> secrets = new ArrayList<>();
    private final Set<SecretId> known = new HashSet<>();
    private final Map<VersionId, Set<String>> labels = new HashMap<>(Map.of(CURRENT, Set.of(StoredSecret.CURRENT)));
    private OtherHolders otherHolders = NOWHERE;
    private Instant currentCreated = NOW.minus(Duration.ofDays(30));
    private StoredValue current = value('a');
    private Optional<Instant> previousCreated = Optional.empty();
    private Pending pending = new Pending.None();
    private Optional<Instant> rotationBegan = Optional.empty();
    private Optional<Instant> lastBegun = Optional.empty();
    private Optional<String> closed = Optional.empty();
    private AtlasAccess.By by = AtlasAccess.By.CURRENT;
    private Optional<SecretId> ownSecret = Optional.of(id('a'));
    private Identity identity = new Identity.Is(id('a'));
    private Optional<AuthResult> currentAuth = Optional.of(AuthResult.ACCEPTED);
    private Optional<Boolean> rotationEnabled = Optional.empty();
    private Optional<Instant> lastRotated = Optional.empty();
    private Optional<Instant> lastChanged = Optional.of(NOW.minus(Duration.ofDays(30)));

    /** An account with nothing at Atlas. */
    public static Seen nothing() {
        return new Seen();
    }

    /** An account whose one secret is current and thirty days old. */
    public static Seen one() {
        return nothing().secret('a', Duration.ofDays(30), Duration.ofDays(60));
    }

    public static SecretId id(char digit) {
        return new SecretId(String.valueOf(digit).repeat(24));
    }

    public static VersionId version(char letter) {
        return new VersionId(String.valueOf(letter).repeat(32));
    }

    /** A value of the account that records this secret. */
    public static StoredValue value(char digit) {
        return parse(CLIENT, ",\"secretId\":\"" + id(digit) + "\"");
    }

    /** A value of the account that records none. */
    public static StoredValue unrecorded() {
        return parse(CLIENT, "");
    }

    public static StoredValue ofAnotherAccount(char digit) {
        return parse("mdb_sa_id_ffffffffffffffffffffffff", ",\"secretId\":\"" + id(digit) + "\"");
    }

    /** A value with these keys after the first ones. */
    public static StoredValue parse(String clientId, String more) {
        return StoredValue.parse(new Sensitive("{\"clientId\":\""
                + clientId
                + "\",\"clientSecret\":\"s\",\"groupId\":\""
                + PROJECT
                + "\""
                + more
                + "}"));
    }

    /** One more secret at Atlas, never used. */
    public Seen secret(char digit, Duration age, Duration left) {
        secrets.add(new AtlasSecret(id(digit), NOW.minus(age), NOW.plus(left), Optional.empty(), Optional.empty()));
        return this;
    }

    /** One more secret at Atlas, used so long ago. */
    public Seen used(char digit, Duration age, Duration left, Duration ago) {
        secrets.add(new AtlasSecret(
                id(digit), NOW.minus(age), NOW.plus(left), Optional.of(NOW.minus(ago)), Optional.empty()));
        return this;
    }

    /** Atlas does not have this secret. */
    Seen without(char digit) {
        secrets.removeIf(one -> one.id().equals(id(digit)));
        return this;
    }

    public Seen known(char digit) {
        known.add(id(digit));
        return this;
    }

    public Seen current(StoredValue value) {
        current = value;
        return this;
    }

    public Seen currentCreated(Duration ago) {
        currentCreated = NOW.minus(ago);
        return this;
    }

    public Seen previousCreated(Duration ago) {
        previousCreated = Optional.of(NOW.minus(ago));
        return this;
    }

    /** An attempt that began so long ago. */
    public Seen attempt(Pending what, Duration ago) {
        pending = what;
        rotationBegan = Optional.of(NOW.minus(ago));
        return this;
    }

    /** A run has registered a rotation so long ago. */
    Seen lastBegun(Duration ago) {
        lastBegun = Optional.of(NOW.minus(ago));
        return this;
    }

    /** Another version has these labels. */
    Seen labelled(VersionId version, String... stages) {
        labels.put(version, Set.of(stages));
        return this;
    }

    public Seen pending(Pending what) {
        pending = what;
        return this;
    }

    public Seen holding(StoredValue value, Duration ago) {
        return attempt(new Pending.Holds(PENDING, value, Optional.empty()), ago);
    }

    public Seen holding(StoredValue value, AuthResult auth, Duration ago) {
        return attempt(new Pending.Holds(PENDING, value, Optional.of(auth)), ago);
    }

    /** An account that nothing can read, for this reason. */
    public static Finding unreadable(Account account, String why) {
        return new AccountUnreadable(account, List.of(new Attempt(why, Code.ACCESS_DENIED)), Margin.AMPLE);
    }

    public Seen closed(String why) {
        closed = Optional.of(why);
        return this;
    }

    public Seen by(AtlasAccess.By whose, Optional<SecretId> with) {
        by = whose;
        ownSecret = with;
        return this;
    }

    public Seen identity(Identity which) {
        identity = which;
        return this;
    }

    /** AWSCURRENT may hold any of those that live by now. */
    Seen unclear() {
        return identity(new Identity.Unclear(secrets.stream()
                .filter(one -> !one.isExpired(NOW))
                .map(AtlasSecret::id)
                .collect(Collectors.toSet())));
    }

    public Seen currentAuth(Optional<AuthResult> asked) {
        currentAuth = asked;
        return this;
    }

    /** Nothing that AWSCURRENT holds works; somebody else's credential reads the account. */
    public Seen gone(AtlasAccess.By reader) {
        return identity(new Identity.Gone())
                .currentAuth(Optional.of(AuthResult.REJECTED))
                .by(reader, Optional.empty());
    }

    public Seen rotationEnabled(boolean on) {
        rotationEnabled = Optional.of(on);
        return this;
    }

    public Seen lastRotated(Duration ago) {
        lastRotated = Optional.of(NOW.minus(ago));
        return this;
    }

    public Seen lastChanged(Duration ago) {
        lastChanged = Optional.of(NOW.minus(ago));
        return this;
    }

    /** Another stored secret holds the account, and uses these. */
    static OtherHolders elsewhere(Character... digits) {
        var inUse = Stream.of(digits).collect(Collectors.toMap(Seen::id, digit -> List.of("prod/other")));
        var there = List.of(new OtherHolders.Copy("arn", "prod/other"));
        return new OtherHolders(true, there, inUse, inUse.keySet(), Optional.empty(), Optional.empty());
    }

    /** What other stored secrets hold of the account. */
    public Seen otherHolders(OtherHolders there) {
        otherHolders = there;
        return this;
    }

    public Seen neverChanged() {
        lastChanged = Optional.empty();
        return this;
    }

    public Snapshot snapshot() {
        var credential = new AtlasCredential.ServiceAccountKey(new ClientId(CLIENT), new Sensitive("s"));
        AtlasView view = closed.<AtlasView>map(why -> new AtlasView.Closed(unreadable(current.account(), why)))
                .orElseGet(() -> new AtlasView.Open(new AtlasAccess(credential, by, ownSecret), secrets));
        return new Snapshot(
                NOW,
                NOW,
                stored(),
                current.account(),
                CURRENT,
                currentCreated,
                current,
                currentAuth,
                previousCreated,
                pending,
                rotationBegan,
                lastBegun,
                Set.copyOf(known),
                Set.of(),
                Map.of(),
                view,
                identity,
                current.expiresAt(),
                otherHolders,
                List.of());
    }

    private StoredSecret stored() {
        return new StoredSecret(
                "arn:aws:secretsmanager:eu-central-1:111111111111:secret:prod/atlas-abcdef",
                "prod/atlas",
                Optional.empty(),
                rotationEnabled,
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Map.copyOf(labels),
                lastRotated,
                lastChanged,
                false);
    }
}
