package dev.atlasrotator.simulator.atlas;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * All that Atlas remembers. What is in the maps is immutable, so a copy is a copy of the maps. Not
 * thread-safe: {@link AtlasModel} holds the lock.
 */
final class AtlasState {
    /** Atlas ends a token after so long, whatever becomes of it otherwise. */
    static final Duration TOKEN_LIFETIME = Duration.ofHours(1);

    record Organization(String id, int maxHours) {}

    record Project(String id, String organizationId) {}

    /** Roles by the id of the project or organization in which they hold. */
    record Grants(Map<String, Set<String>> roles) {
        Set<String> in(String scopeId) {
            return roles.getOrDefault(scopeId, Set.of());
        }
    }

    record Secret(String id, String value, Instant createdAt, Instant expiresAt, List<Instant> uses) {
        Secret expiringBy(Instant latest) {
            return expiresAt.isAfter(latest) ? new Secret(id, value, createdAt, latest, uses) : this;
        }

        /** Keeps what the lag still hides, and the last use that it no longer does. */
        Secret usedAt(Instant at, Duration lag) {
            List<Instant> kept = new ArrayList<>(2);
            Instant shown = at.minus(lag);
            for (int i = 0; i < uses.size(); i++) {
                boolean last = i == uses.size() - 1 || uses.get(i + 1).isAfter(shown);
                if (last || uses.get(i).isAfter(shown)) {
                    kept.add(uses.get(i));
                }
            }
            if (lag.isZero()) {
                kept.clear();
            }
            kept.add(at);
            return new Secret(id, value, createdAt, expiresAt, List.copyOf(kept));
        }

        Optional<Instant> lastUseUpTo(Instant shown) {
            for (int i = uses.size() - 1; i >= 0; i--) {
                if (!uses.get(i).isAfter(shown)) {
                    return Optional.of(uses.get(i));
                }
            }
            return Optional.empty();
        }

        @Override
        public String toString() {
            return id;
        }
    }

    record Token(String value, String secretId, Instant expiresAt) {
        @Override
        public String toString() {
            return "token of " + secretId;
        }
    }

    /**
     * A service account.
     *
     * @param name as people gave it
     * @param home where it was made
     * @param mints when it asked for tokens in the last minute
     * @param lastCreate when its last secret was created through the API, for collisions
     */
    record Account(
            String clientId,
            String name,
            AtlasScope home,
            Instant createdAt,
            Grants grants,
            List<Secret> secrets,
            List<Token> tokens,
            List<Instant> mints,
            Instant lastCreate) {
        Account withSecrets(List<Secret> changed) {
            return new Account(
                    clientId, name, home, createdAt, grants, List.copyOf(changed), tokens, mints, lastCreate);
        }

        Account withTokens(List<Token> changed) {
            return new Account(
                    clientId, name, home, createdAt, grants, secrets, List.copyOf(changed), mints, lastCreate);
        }

        Account withMints(List<Instant> changed) {
            return new Account(
                    clientId, name, home, createdAt, grants, secrets, tokens, List.copyOf(changed), lastCreate);
        }

        Account createdSecretAt(Instant at) {
            return new Account(clientId, name, home, createdAt, grants, secrets, tokens, mints, at);
        }

        Account named(String changed) {
            return new Account(clientId, changed, home, createdAt, grants, secrets, tokens, mints, lastCreate);
        }

        Account withGrants(Grants changed) {
            return new Account(clientId, name, home, createdAt, changed, secrets, tokens, mints, lastCreate);
        }

        Optional<Secret> secret(String id) {
            for (Secret secret : secrets) {
                if (secret.id().equals(id)) {
                    return Optional.of(secret);
                }
            }
            return Optional.empty();
        }

        /** The secret whose value this is, if it has not ended. */
        Optional<Secret> signingIn(String value, Instant now) {
            for (Secret secret : secrets) {
                if (secret.value().equals(value) && now.isBefore(secret.expiresAt())) {
                    return Optional.of(secret);
                }
            }
            return Optional.empty();
        }

        /**
         * A token dies with its secret. That it also dies when the secret merely expires is
         * inferred, the strict way.
         */
        boolean alive(Token token, Instant now) {
            return now.isBefore(token.expiresAt())
                    && secret(token.secretId())
                            .filter(s -> now.isBefore(s.expiresAt()))
                            .isPresent();
        }
    }

    record Key(String publicKey, String privateKey, Grants grants) {
        @Override
        public String toString() {
            return publicKey;
        }
    }

    /**
     * A digest nonce that was issued.
     *
     * @param used the highest request count (nc) seen with it
     */
    record Nonce(Instant issuedAt, long used) {}

    record Bucket(double left, Instant at) {}

    /** A list that only grows at its head: copies share it. */
    record Line(AtlasEvent event, @Nullable Line before, int size) {}

    private final LongFunction<String> ids;
    private long serial;
    final Map<String, Organization> organizations;
    final Map<String, Project> projects;
    final Map<String, Account> accounts;

    /** Client ids by project or organization, in the order in which they came. */
    private final Map<String, List<String>> members;

    /** What lists hold beside the members, by project or organization, as it is given to them. */
    private final Map<String, List<Object>> otherAccounts;

    final Map<String, Key> keys;
    private final Map<String, String> tokenOwners;
    final Map<String, Nonce> nonces;
    final Map<String, Bucket> buckets;
    final Map<AtlasRoute.Operation, Integer> counts;

    @Nullable
    Line ledger;

    AtlasState(LongFunction<String> ids) {
        this.ids = ids;
        organizations = new HashMap<>();
        projects = new HashMap<>();
        accounts = new HashMap<>();
        members = new HashMap<>();
        otherAccounts = new HashMap<>();
        keys = new HashMap<>();
        tokenOwners = new HashMap<>();
        nonces = new HashMap<>();
        buckets = new HashMap<>();
        counts = new EnumMap<>(AtlasRoute.Operation.class);
    }

    private AtlasState(AtlasState other, LongFunction<String> ids) {
        this.ids = ids;
        serial = other.serial;
        organizations = new HashMap<>(other.organizations);
        projects = new HashMap<>(other.projects);
        accounts = new HashMap<>(other.accounts);
        members = new HashMap<>(other.members);
        otherAccounts = new HashMap<>(other.otherAccounts);
        keys = new HashMap<>(other.keys);
        tokenOwners = new HashMap<>(other.tokenOwners);
        nonces = new HashMap<>(other.nonces);
        buckets = new HashMap<>(other.buckets);
        counts = new EnumMap<>(AtlasRoute.Operation.class);
        counts.putAll(other.counts);
        ledger = other.ledger;
        // Lists of members grow in place.
        members.replaceAll((scope, list) -> new ArrayList<>(list));
    }

    AtlasState copy(LongFunction<String> itsIds) {
        return new AtlasState(this, itsIds);
    }

    LongFunction<String> ids() {
        return ids;
    }

    String nextId() {
        return ids.apply(serial++);
    }

    /** A value that no other one equals; deterministic, and made to be unlike any id. */
    String nextValue(String prefix, int length) {
        StringBuilder value = new StringBuilder(prefix.length() + length).append(prefix);
        long seed = serial++ * 0x9E3779B97F4A7C15L;
        for (int i = 0; i < length; i++) {
            seed += 0x9E3779B97F4A7C15L;
            long mixed = (seed ^ (seed >>> 30)) * 0xBF58476D1CE4E5B9L;
            mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
            value.append(ALPHABET.charAt((int) ((mixed >>> 33) % ALPHABET.length())));
        }
        return value.toString();
    }

    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    void join(String scopeId, String clientId) {
        members.computeIfAbsent(scopeId, id -> new ArrayList<>()).add(clientId);
    }

    List<String> membersOf(String scopeId) {
        return members.getOrDefault(scopeId, List.of());
    }

    void setOtherAccounts(String scopeId, List<Object> entries) {
        otherAccounts.put(scopeId, entries);
    }

    List<Object> otherAccountsOf(String scopeId) {
        return otherAccounts.getOrDefault(scopeId, List.of());
    }

    /** The account that must be there, else {@link IllegalArgumentException}. */
    Account account(String clientId) {
        return there(accounts.get(clientId), "service account " + clientId);
    }

    /** As {@link #account}. */
    Organization organization(String id) {
        return there(organizations.get(id), "organization " + id);
    }

    /** As {@link #account}. */
    Project project(String id) {
        return there(projects.get(id), "project " + id);
    }

    private static <T> T there(@Nullable T found, String what) {
        if (found == null) {
            throw new IllegalArgumentException("There is no " + what);
        }
        return found;
    }

    void put(Account account) {
        accounts.put(account.clientId(), account);
    }

    void record(Instant at, AtlasEvent.What what, String clientId, String secretId, AtlasActor by) {
        Line before = ledger;
        ledger = new Line(
                new AtlasEvent(at, what, clientId, secretId, by), before, before == null ? 1 : before.size() + 1);
    }

    /** An account without secrets. One of a project is a mere member of its organization. */
    String addAccount(AtlasScope home, Instant now, Set<String> roles) {
        String id = nextId();
        String clientId = "mdb_sa_id_" + id;
        Map<String, Set<String>> grants = new HashMap<>();
        if (home instanceof AtlasScope.Project project) {
            grants.put(project(project.id()).organizationId(), Set.of(AtlasModel.ORG_MEMBER));
        }
        grants.put(home.id(), roles);
        put(new Account(
                clientId,
                "account " + id.substring(id.length() - 4),
                home,
                AtlasTimes.toSeconds(now),
                new Grants(Map.copyOf(grants)),
                List.of(),
                List.of(),
                List.of(),
                Instant.EPOCH));
        join(home.id(), clientId);
        return clientId;
    }

    /** Takes the account away, with its secrets and every token that they have minted. */
    void deleteAccount(Account account, Instant now, AtlasActor by) {
        for (Secret secret : account.secrets()) {
            deleteSecret(account(account.clientId()), secret.id(), now, by);
        }
        accounts.remove(account.clientId());
        members.values().forEach(all -> all.remove(account.clientId()));
    }

    /**
     * Two secrets at most, and every other one is cut to what is left of 7 days: both are for the
     * caller to check and tell.
     */
    Secret addSecret(Account account, Instant now, int hours, AtlasActor by) {
        Instant created = AtlasTimes.toSeconds(now);
        Instant cut = created.plus(AtlasModel.CUT);
        List<Secret> secrets = new ArrayList<>(2);
        for (Secret old : account.secrets()) {
            Secret shorter = old.expiringBy(cut);
            if (!shorter.equals(old)) {
                record(now, AtlasEvent.What.SECRET_CUT, account.clientId(), old.id(), by);
            }
            secrets.add(shorter);
        }
        Secret secret = new Secret(
                nextId(), nextValue("mdb_sa_sk_", 40), created, created.plus(Duration.ofHours(hours)), List.of());
        secrets.add(secret);
        put(account.withSecrets(secrets));
        record(now, AtlasEvent.What.SECRET_CREATED, account.clientId(), secret.id(), by);
        return secret;
    }

    /** Takes the secret away, and every token it has minted. */
    void deleteSecret(Account account, String secretId, Instant now, AtlasActor by) {
        List<Token> kept = new ArrayList<>();
        for (Token token : account.tokens()) {
            if (token.secretId().equals(secretId)) {
                tokenOwners.remove(token.value());
            } else {
                kept.add(token);
            }
        }
        List<Secret> left = new ArrayList<>(account.secrets());
        left.removeIf(secret -> secret.id().equals(secretId));
        put(account.withSecrets(left).withTokens(kept));
        record(now, AtlasEvent.What.SECRET_DELETED, account.clientId(), secretId, by);
    }

    Token mint(Account account, Secret secret, Instant now, Duration lag) {
        Token token = new Token(nextValue("eyJ", 60), secret.id(), now.plus(TOKEN_LIFETIME));
        List<Token> tokens = new ArrayList<>(livingTokens(account, now));
        tokens.add(token);
        tokenOwners.put(token.value(), account.clientId());
        List<Secret> secrets = new ArrayList<>(account.secrets());
        secrets.replaceAll(s -> s.id().equals(secret.id()) ? s.usedAt(now, lag) : s);
        put(account.withSecrets(secrets).withTokens(tokens));
        record(
                now,
                AtlasEvent.What.TOKEN_MINTED,
                account.clientId(),
                secret.id(),
                new AtlasActor.ServiceAccount(account.clientId(), secret.id()));
        return token;
    }

    /** Forgets the dead ones on the way. */
    List<Token> livingTokens(Account account, Instant now) {
        List<Token> living = new ArrayList<>(account.tokens().size());
        for (Token token : account.tokens()) {
            if (account.alive(token, now)) {
                living.add(token);
            } else {
                tokenOwners.remove(token.value());
            }
        }
        return living;
    }

    void revoke(Account account, Token token, Instant now, AtlasActor by) {
        tokenOwners.remove(token.value());
        List<Token> kept = new ArrayList<>(account.tokens());
        kept.remove(token);
        put(account.withTokens(kept));
        record(now, AtlasEvent.What.TOKEN_REVOKED, account.clientId(), token.secretId(), by);
    }

    /** Whose token this is, if it is alive. */
    Optional<Account> ownerOf(String tokenValue, Instant now) {
        String owner = tokenOwners.get(tokenValue);
        return owner == null || token(tokenValue, now).isEmpty() ? Optional.empty() : Optional.of(account(owner));
    }

    Optional<Token> token(String value, Instant now) {
        String owner = tokenOwners.get(value);
        if (owner == null) {
            return Optional.empty();
        }
        Account account = account(owner);
        for (Token token : account.tokens()) {
            if (token.value().equals(value) && account.alive(token, now)) {
                return Optional.of(token);
            }
        }
        return Optional.empty();
    }

    /**
     * What later answers depend on, in an order that does not depend on hashing; no history, no
     * dead tokens.
     */
    String fingerprint(Instant now, AtlasRules rules) {
        StringBuilder text = new StringBuilder(256);
        List<String> clientIds = new ArrayList<>(accounts.keySet());
        clientIds.sort(null);
        for (String clientId : clientIds) {
            Account account = account(clientId);
            text.append(clientId);
            for (Secret secret : account.secrets()) {
                text.append('|').append(secret.id());
                text.append('@').append(secret.createdAt().getEpochSecond());
                text.append('-').append(secret.expiresAt().getEpochSecond());
                List<Instant> uses = secret.uses();
                Instant shown = now.minus(rules.lastUsedLag);
                for (int i = 0; i < uses.size(); i++) {
                    if (i == uses.size() - 1 || uses.get(i + 1).isAfter(shown)) {
                        text.append('u').append(uses.get(i).toEpochMilli());
                    }
                }
            }
            for (Token token : account.tokens()) {
                if (account.alive(token, now)) {
                    text.append('|')
                            .append(token.value())
                            .append(token.expiresAt().toEpochMilli());
                }
            }
            Instant minuteAgo = now.minusSeconds(60);
            for (Instant mint : account.mints()) {
                if (mint.isAfter(minuteAgo)) {
                    text.append('m').append(mint.toEpochMilli());
                }
            }
            if (now.isBefore(account.lastCreate().plus(rules.createsCollideWithin))) {
                text.append('c').append(account.lastCreate().toEpochMilli());
            }
            text.append(';');
        }
        new TreeMap<>(nonces).forEach((value, nonce) -> {
            if (now.isBefore(nonce.issuedAt().plus(AtlasRules.NONCE_LIFETIME))) {
                text.append(value)
                        .append(nonce.used())
                        .append('@')
                        .append(nonce.issuedAt().toEpochMilli());
            }
        });
        new TreeMap<>(buckets)
                .forEach((scope, bucket) -> text.append(scope)
                        .append(bucket.left())
                        .append('@')
                        .append(bucket.at().toEpochMilli()));
        return text.toString();
    }
}
