package dev.atlasrotator.simulator.atlas;

import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Fault.Moment;
import dev.atlasrotator.simulator.Faults;
import dev.atlasrotator.simulator.atlas.AtlasOutcome.Answered;
import dev.atlasrotator.simulator.atlas.AtlasOutcome.Author;
import dev.atlasrotator.simulator.atlas.AtlasOutcome.Closed;
import dev.atlasrotator.simulator.atlas.AtlasState.Account;
import dev.atlasrotator.simulator.atlas.AtlasState.Grants;
import dev.atlasrotator.simulator.atlas.AtlasState.Line;
import dev.atlasrotator.simulator.atlas.AtlasState.Secret;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;

/**
 * Atlas in memory: projects, organizations, service accounts with their secrets and tokens, API
 * keys, and the rules that hold between them. One lock, no socket, no thread, no time of its own;
 * the same calls give the same ids and values.
 *
 * <p>Requests come through {@link #exchange}; what people and consumers do are methods, and so is
 * what a test may ask. {@link Faults} are asked without the lock held, so they may wait for another
 * call.
 */
public final class AtlasModel implements AtlasService {
    /** May manage a project's accounts. */
    public static final String PROJECT_OWNER = "GROUP_OWNER";

    /** May read in a project. */
    public static final String PROJECT_READ_ONLY = "GROUP_READ_ONLY";

    /** May manage an organization's accounts and those of all its projects. */
    public static final String ORG_OWNER = "ORG_OWNER";

    /** May read in an organization. */
    public static final String ORG_READ_ONLY = "ORG_READ_ONLY";

    /** Belongs to an organization, and may do nothing there. */
    public static final String ORG_MEMBER = "ORG_MEMBER";

    /** Expired ones count until somebody deletes them. */
    static final int MOST_SECRETS = 2;

    /** What is left at most to all other secrets once another one is created. */
    static final Duration CUT = Duration.ofDays(7);

    private static final int MAX_HOURS = 8760;

    private final InstantSource clock;
    private final AtlasState state;
    private AtlasRules rules = AtlasRules.standard();
    private Duration skew = Duration.ZERO;
    private Faults faults = Faults.none();
    private int calls;

    /** Atlas by this clock, with ids that count upwards. */
    public AtlasModel(InstantSource clock) {
        this(clock, AtlasModel::countingId);
    }

    /**
     * Atlas by this clock, with ids of one's own.
     *
     * @param ids 24 lower-case hex digits for each number, all different
     */
    public AtlasModel(InstantSource clock, LongFunction<String> ids) {
        this(clock, new AtlasState(ids));
    }

    private AtlasModel(InstantSource clock, AtlasState state) {
        this.clock = clock;
        this.state = state;
    }

    private static String countingId(long number) {
        String hex = Long.toHexString(number);
        return "66b0c0de0000000000000000".substring(0, 24 - hex.length()) + hex;
    }

    // ---- settings

    /** Changes the rules from now on. */
    public synchronized AtlasModel rules(UnaryOperator<AtlasRules> change) {
        rules = change.apply(rules);
        return this;
    }

    /** How far Atlas's clock is ahead of the given one; negative when it is behind. */
    public synchronized AtlasModel skew(Duration ahead) {
        skew = ahead;
        return this;
    }

    /** Asked once for each call from now on, before its effect. */
    public synchronized AtlasModel faults(Faults decide) {
        faults = decide;
        return this;
    }

    // ---- calls

    @Override
    public AtlasOutcome exchange(AtlasRequest request) {
        AtlasRoute route = AtlasRoute.of(request);
        Call call;
        Faults decide;
        synchronized (this) {
            calls++;
            state.counts.merge(route.operation(), 1, Integer::sum);
            call = new Call(Call.Service.ATLAS, route.operation().label, route.subject(), calls);
            decide = faults;
        }
        return switch (decide.on(call)) {
            case Fault.None() -> new Answered(answer(request, route), Duration.ZERO, Author.ATLAS);
            case Fault.Slow(Duration by) -> new Answered(answer(request, route), by, Author.ATLAS);
            case Fault.Answer instead -> {
                if (instead.moment() == Moment.AFTER_EFFECT) {
                    answer(request, route);
                }
                yield new Answered(scripted(instead), Duration.ZERO, Author.FAULT);
            }
            case Fault.Close(Moment moment) -> {
                if (moment == Moment.AFTER_EFFECT) {
                    answer(request, route);
                }
                yield new Closed();
            }
            case Fault.Stale stale ->
                throw new IllegalArgumentException("Atlas shows no old state; only its lastUsedAt lags: " + stale);
        };
    }

    private synchronized AtlasAnswer answer(AtlasRequest request, AtlasRoute route) {
        Instant now = now();
        AtlasAnswer answer = switch (route.operation()) {
            case MINT_TOKEN -> new AtlasOAuth(state, rules, now).mint(request, route.clientId());
            case REVOKE_TOKEN -> new AtlasOAuth(state, rules, now).revoke(request, route.clientId());
            case READ_PROJECT,
                    LIST_ACCOUNTS,
                    READ_ACCOUNT,
                    CREATE_ACCOUNT,
                    DELETE_ACCOUNT,
                    READ_SETTINGS,
                    CREATE_SECRET,
                    DELETE_SECRET -> new AtlasApi(state, rules, now).answer(request, route);
        };
        return answer.with("date", AtlasTimes.httpDate(now));
    }

    private AtlasAnswer scripted(Fault.Answer instead) {
        Map<String, String> headers = new HashMap<>();
        instead.headers().forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
        headers.putIfAbsent("date", AtlasTimes.httpDate(instant()));
        return AtlasAnswer.of(instead.status(), headers, instead.body());
    }

    // ---- what people do

    /** Adds an organization with the widest bound and answers its id. */
    public String addOrganization() {
        return addOrganization(MAX_HOURS);
    }

    /**
     * Adds an organization and answers its id.
     *
     * @param maxHours its bound on a secret's lifetime, in hours
     */
    public synchronized String addOrganization(int maxHours) {
        String id = state.nextId();
        state.organizations.put(id, new AtlasState.Organization(id, maxHours));
        return id;
    }

    /** Adds a project and answers its id. */
    public synchronized String addProject(String organizationId) {
        String id = state.nextId();
        state.projects.put(
                id,
                new AtlasState.Project(id, state.organization(organizationId).id()));
        return id;
    }

    /**
     * An account without secrets yet; one of a project is a mere member of its organization.
     *
     * @return its client id
     */
    public synchronized String addServiceAccount(AtlasScope home, String... roles) {
        String clientId = state.addAccount(home, now(), Set.of(roles));
        return clientId;
    }

    /**
     * What every list of this project or organization holds first, whatever it looks like: accounts
     * of other people's.
     *
     * @param entries entries of a JSON array, separated by commas
     */
    public synchronized void otherAccounts(AtlasScope home, String entries) {
        try {
            state.setOtherAccounts(home.id(), AtlasErrors.JSON_WITH_NULLS.listFrom("[" + entries + "]"));
        } catch (IOException malformed) {
            throw new IllegalArgumentException(malformed);
        }
    }

    /** Invites an account into another project, or changes its roles where it is already. */
    public synchronized void grant(String clientId, String scopeId, String... roles) {
        Account account = state.account(clientId);
        Map<String, Set<String>> grants = new HashMap<>(account.grants().roles());
        grants.put(scopeId, Set.of(roles));
        state.put(account.withGrants(new Grants(Map.copyOf(grants))));
        if (state.projects.containsKey(scopeId) && !state.membersOf(scopeId).contains(clientId)) {
            state.join(scopeId, clientId);
        }
    }

    /** An API key with these roles in one project or organization; one of a project is a member of its organization. */
    public synchronized IssuedCredential addApiKey(AtlasScope scope, String... roles) {
        return putApiKey(state.nextValue("", 8).toLowerCase(Locale.ROOT), state.nextValue("", 36), scope, roles);
    }

    /** An API key that a test names itself. */
    synchronized IssuedCredential putApiKey(String publicKey, String privateKey, AtlasScope scope, String... roles) {
        Map<String, Set<String>> roleSets = new HashMap<>();
        if (scope instanceof AtlasScope.Project project && state.projects.containsKey(project.id())) {
            roleSets.put(state.project(project.id()).organizationId(), Set.of(ORG_MEMBER));
        }
        roleSets.put(scope.id(), Set.of(roles));
        Grants grants = new Grants(Map.copyOf(roleSets));
        state.keys.put(publicKey, new AtlasState.Key(publicKey, privateKey, grants));
        return new IssuedCredential(publicKey, privateKey);
    }

    /** Takes an API key away; what is not there is no mistake. */
    public synchronized void deleteApiKey(String publicKey) {
        state.keys.remove(publicKey);
    }

    /**
     * Somebody creates a secret in the web interface, under the rules that hold for everybody.
     *
     * @throws IllegalStateException if the account has two
     */
    public synchronized IssuedCredential createSecret(String clientId, int hours) {
        Account account = state.account(clientId);
        if (account.secrets().size() >= MOST_SECRETS) {
            throw new IllegalStateException(clientId + " has two secrets already");
        }
        Secret secret = state.addSecret(account, now(), hours, new AtlasActor.Person());
        return new IssuedCredential(secret.id(), secret.value());
    }

    /** A secret from before the story begins: it has cut no other one. */
    public synchronized IssuedCredential secretFromThePast(String clientId, Instant createdAt, int hours) {
        Account account = state.account(clientId);
        if (account.secrets().size() >= MOST_SECRETS) {
            throw new IllegalStateException(clientId + " has two secrets already");
        }
        Secret secret = state.addSecret(account.withSecrets(List.of()), createdAt, hours, new AtlasActor.Person());
        List<Secret> all = new ArrayList<>(account.secrets());
        all.add(secret);
        state.put(account.withSecrets(all));
        return new IssuedCredential(secret.id(), secret.value());
    }

    /** Somebody deletes a secret in the web interface. Answers whether it was there. */
    public synchronized boolean deleteSecret(String clientId, String secretId) {
        Account account = state.account(clientId);
        boolean there = account.secret(secretId).isPresent();
        if (there) {
            state.deleteSecret(account, secretId, now(), new AtlasActor.Person());
        }
        return there;
    }

    // ---- what consumers do; none of it counts as a call or meets a limit

    /** A consumer mints a token: answers it, or nothing if the value does not sign in. */
    public synchronized Optional<String> signIn(String clientId, String secretValue) {
        Account account = state.accounts.get(clientId);
        if (account == null) {
            return Optional.empty();
        }
        return account.signingIn(secretValue, now())
                .map(secret ->
                        state.mint(account, secret, now(), rules.lastUsedLag).value());
    }

    /** Whether a call with this token would be accepted now. */
    public synchronized boolean tokenAlive(String token) {
        return state.token(token, now()).isPresent();
    }

    /** A consumer gives its token back. */
    public synchronized void signOut(String token) {
        state.ownerOf(token, now())
                .ifPresent(account -> state.token(token, now())
                        .ifPresent(found -> state.revoke(account, found, now(), new AtlasActor.Person())));
    }

    // ---- what a test may ask

    /** The value of a secret that Atlas has, for those who check that it is nowhere else. */
    public synchronized Optional<String> valueOf(String clientId, String secretId) {
        return state.account(clientId).secret(secretId).map(Secret::value);
    }

    /** Whether this value would sign in now; asking leaves no trace. */
    public boolean auth(String clientId, String secretValue) {
        return secretOf(clientId, secretValue).isPresent();
    }

    /** The id of the secret that this value signs in with now. */
    public synchronized Optional<String> secretOf(String clientId, String secretValue) {
        Account account = state.accounts.get(clientId);
        return account == null
                ? Optional.empty()
                : account.signingIn(secretValue, now()).map(Secret::id);
    }

    /** All secrets of an account, expired ones too, oldest first. */
    public synchronized List<AtlasSecret> secrets(String clientId) {
        List<AtlasSecret> secrets = new ArrayList<>(2);
        for (Secret s : state.account(clientId).secrets()) {
            secrets.add(new AtlasSecret(
                    s.id(),
                    s.createdAt(),
                    s.expiresAt(),
                    s.uses().isEmpty() ? Optional.empty() : Optional.of(s.uses().getLast())));
        }
        return secrets;
    }

    /** The same as Atlas shows it now: {@code lastUsedAt} lags by what the rules say. */
    public synchronized List<AtlasSecret> shown(String clientId) {
        Instant shown = now().minus(rules.lastUsedLag);
        List<AtlasSecret> secrets = new ArrayList<>(2);
        for (Secret s : state.account(clientId).secrets()) {
            secrets.add(new AtlasSecret(s.id(), s.createdAt(), s.expiresAt(), s.lastUseUpTo(shown)));
        }
        return secrets;
    }

    /** All that happened, oldest first. */
    public List<AtlasEvent> ledger() {
        Line line;
        synchronized (this) {
            line = state.ledger;
        }
        List<AtlasEvent> events = new ArrayList<>(line == null ? 0 : line.size());
        for (; line != null; line = line.before()) {
            events.add(line.event());
        }
        return events.reversed();
    }

    /**
     * How often each operation was called, by the name that {@link Call} gives it; faulty calls
     * count.
     */
    public synchronized Map<String, Integer> calls() {
        Map<String, Integer> counts = new HashMap<>();
        state.counts.forEach((operation, count) -> counts.put(operation.label, count));
        return counts;
    }

    /** Calls of all operations. */
    public synchronized int callCount() {
        return calls;
    }

    /** Atlas's time, skew included. */
    public synchronized Instant instant() {
        return now();
    }

    // ---- for explorers

    /** An independent Atlas in the same state, with the same rules, faults and clock. */
    public AtlasModel copy() {
        return copy(clock);
    }

    /** The same with a clock of its own. */
    public AtlasModel copy(InstantSource itsClock) {
        return copy(itsClock, state.ids());
    }

    /** The same with a clock and with ids of its own; none of these may have been given before. */
    public synchronized AtlasModel copy(InstantSource itsClock, LongFunction<String> itsIds) {
        AtlasModel copy = new AtlasModel(itsClock, state.copy(itsIds));
        copy.rules = rules;
        copy.skew = skew;
        copy.faults = faults;
        copy.calls = calls;
        return copy;
    }

    /**
     * A text that is equal for two states of one story from which the same calls lead to the same
     * answers, save for the names of what is created later. Holds token values: for comparing, not
     * for printing. Not in it: time itself, the rules, the ledger, the counts; nor projects, roles
     * and keys, which a story sets up once.
     */
    public synchronized String fingerprint() {
        return state.fingerprint(now(), rules);
    }

    private Instant now() {
        return clock.instant().plus(skew);
    }
}
