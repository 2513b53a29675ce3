package dev.atlasrotator.simulator.secretsmanager;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** What the operations share: the state, the time, the next id. Guarded by the model's one lock. */
final class SecretsCore {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    final SecretsManagerSettings settings;
    final SecretsState state;

    /** Which {@code RotationToken} came with the put of which version. */
    final Map<String, String> rotationTokens = new HashMap<>();

    /** ARNs of functions that Secrets Manager may not invoke. */
    final Set<String> notInvocable = new HashSet<>();

    /** Versions that only a test of the rotation has made, and that go when it is over. */
    final Set<String> temporary = new HashSet<>();

    private long idsGiven;

    SecretsCore(SecretsManagerSettings settings) {
        this(settings, new SecretsState(), 0);
    }

    private SecretsCore(SecretsManagerSettings settings, SecretsState state, long idsGiven) {
        this.settings = settings;
        this.state = state;
        this.idsGiven = idsGiven;
    }

    SecretsCore copy(SecretsManagerSettings newSettings) {
        var copy = new SecretsCore(newSettings, state.copy(), idsGiven);
        copy.rotationTokens.putAll(rotationTokens);
        copy.notInvocable.addAll(notInvocable);
        copy.temporary.addAll(temporary);
        return copy;
    }

    Instant now() {
        return settings.clock.instant();
    }

    /** The secret, whatever state it is in. */
    StoredSecret find(String id, Instant asOf) {
        return state.find(id, now(), asOf).orElseThrow(SecretsManagerErrors::noSuchSecret);
    }

    /** The secret, unless it is marked for deletion. */
    StoredSecret readable(String id, Instant asOf) {
        var secret = find(id, asOf);
        if (secret.deletion.isPresent()) {
            throw SecretsManagerErrors.markedForDeletion();
        }
        return secret;
    }

    /** A draft of the secret, unless it is marked for deletion or a replica. */
    StoredSecret writable(String id) {
        var secret = readable(id, SecretsState.NOW);
        if (secret.primaryRegion.filter(Predicate.not(settings.region::equals)).isPresent()) {
            throw SecretsManagerErrors.replicaIsReadOnly();
        }
        return secret.draft();
    }

    /** Publishes a draft as changed now. */
    void change(StoredSecret draft) {
        draft.changed = now();
        state.publish(draft, draft.changed);
    }

    /** The members with which most answers begin. */
    static Map<String, Object> identity(StoredSecret secret) {
        var answer = new LinkedHashMap<String, Object>();
        answer.put("ARN", secret.arn);
        answer.put("Name", secret.name);
        return answer;
    }

    static void put(Map<String, Object> answer, String member, Optional<?> value) {
        value.ifPresent(present -> answer.put(member, present));
    }

    /**
     * A new ARN; the six characters at its end differ each time, so that a name that is used again
     * has a new one.
     */
    String newArn(String name) {
        var mixed = mix(settings.idSeed, idsGiven++);
        var suffix = new StringBuilder(6);
        for (var i = 0; i < 6; i++) {
            suffix.append(ALPHABET.charAt((int) Long.remainderUnsigned(mixed, ALPHABET.length())));
            mixed = Long.divideUnsigned(mixed, ALPHABET.length());
        }
        return "arn:aws:secretsmanager:" + settings.region + ":" + settings.account + ":secret:" + name + "-" + suffix;
    }

    /**
     * An id in the form of a UUID, the same for the same seed and the same number of earlier ones.
     */
    String newUuid() {
        var high = mix(settings.idSeed, idsGiven++);
        var low = mix(high, idsGiven);
        return "%08x-%04x-4%03x-8%03x-%012x"
                .formatted(high >>> 32, high >>> 16 & 0xffff, high & 0xfff, low >>> 52, low & 0xffff_ffff_ffffL)
                .toLowerCase(Locale.ROOT);
    }

    /** SplitMix64's last steps: neighbours in, no likeness out. */
    private static long mix(long seed, long index) {
        var z = seed + (index + 1) * 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
