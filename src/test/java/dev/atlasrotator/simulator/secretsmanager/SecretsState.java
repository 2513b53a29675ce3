package dev.atlasrotator.simulator.secretsmanager;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Every stored secret and every state it has been in. A change adds a revision in front of the
 * earlier ones, so that a stale read finds the one of its time and a copy shares them all.
 */
final class SecretsState {
    /** A read of the newest state. */
    static final Instant NOW = Instant.MAX;

    private static final String RESOURCE = ":secret:";
    private static final int SUFFIX_LENGTH = 7;
    private static final Pattern WITH_SUFFIX = Pattern.compile(".+-[A-Za-z0-9]{6}");

    /**
     * What a name stood for from an instant on; an empty secret means that it stood for nothing.
     */
    private record Revision(Optional<StoredSecret> secret, Instant since, Optional<Revision> before) {}

    /** In the order in which the names were first used. */
    private final Map<String, Revision> newest = new LinkedHashMap<>();

    SecretsState copy() {
        var copy = new SecretsState();
        copy.newest.putAll(newest);
        return copy;
    }

    void publish(StoredSecret secret, Instant now) {
        revise(secret.name, Optional.of(secret), now);
    }

    void erase(String name, Instant now) {
        revise(name, Optional.empty(), now);
    }

    private void revise(String name, Optional<StoredSecret> secret, Instant now) {
        newest.put(name, new Revision(secret, now, Optional.ofNullable(newest.get(name))));
    }

    /**
     * Finds a secret by its name, its ARN, or its ARN without the dash and six characters at the
     * end. An ARN that happens to end like that is taken for a whole one, so such a name cannot be
     * found by a partial ARN (recorded).
     *
     * @param now the time, since a secret marked for deletion is gone after its date
     * @param asOf which state to read; {@link #NOW} for the newest
     */
    Optional<StoredSecret> find(String id, Instant now, Instant asOf) {
        if (!id.startsWith("arn:")) {
            return named(id, now, asOf);
        }
        var at = id.indexOf(RESOURCE);
        if (at < 0) {
            return Optional.empty();
        }
        var resource = id.substring(at + RESOURCE.length());
        if (WITH_SUFFIX.matcher(resource).matches()) {
            var name = resource.substring(0, resource.length() - SUFFIX_LENGTH);
            return named(name, now, asOf).filter(secret -> secret.arn.equals(id));
        }
        return named(resource, now, asOf)
                .filter(secret -> secret.arn.length() == id.length() + SUFFIX_LENGTH && secret.arn.startsWith(id));
    }

    List<StoredSecret> all(Instant now, Instant asOf) {
        var all = new ArrayList<StoredSecret>(newest.size());
        for (var name : newest.keySet()) {
            named(name, now, asOf).ifPresent(all::add);
        }
        return all;
    }

    private Optional<StoredSecret> named(String name, Instant now, Instant asOf) {
        var revision = Optional.ofNullable(newest.get(name));
        while (revision.isPresent() && revision.get().since().isAfter(asOf)) {
            revision = revision.get().before();
        }
        return revision.flatMap(Revision::secret)
                .filter(secret ->
                        secret.deletion.isEmpty() || secret.deletion.get().isAfter(now));
    }
}
