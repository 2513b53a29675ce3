package dev.atlasrotator.sweep;

import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.ClientId;
import dev.atlasrotator.credential.SecretId;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The accounts of one list, each as one line of text: an account with a secret takes some 150 bytes
 * like this, and four times as many as objects. A line is the account's id, then for each secret
 * its id, three times in milliseconds, and its mask, which comes last since it may hold anything
 * but a line break.
 */
final class Roll {
    private static final String NO_TIME = "-";
    private static final int RADIX = 36;

    /** In the order of the ids. */
    private final String[] lines;

    Roll(Map<ClientId, List<AtlasSecret>> accounts) {
        lines = new String[accounts.size()];
        int next = 0;
        for (var account : accounts.entrySet()) {
            var line = new StringBuilder(account.getKey().value());
            account.getValue().forEach(secret -> write(secret, line));
            lines[next++] = line.toString();
        }
        Arrays.sort(lines);
    }

    private static void write(AtlasSecret secret, StringBuilder line) {
        line.append('\n').append(secret.id());
        line.append(' ').append(text(Optional.of(secret.createdAt())));
        line.append(' ').append(text(Optional.of(secret.expiresAt())));
        line.append(' ').append(text(secret.lastUsedAt()));
        secret.mask().ifPresent(mask -> line.append(' ').append(mask.replace('\n', ' ')));
    }

    private static String text(Optional<Instant> at) {
        return at.map(time -> Long.toString(time.toEpochMilli(), RADIX)).orElse(NO_TIME);
    }

    /** How many accounts there are. */
    int size() {
        return lines.length;
    }

    /** The secrets of this account, if it is one of them. */
    Optional<List<AtlasSecret>> of(ClientId account) {
        // All ids are of one length, so that a line sorts by its id.
        int found = Arrays.binarySearch(lines, account.value());
        int at = found >= 0 ? found : -found - 1;
        if (at == lines.length || !lines[at].startsWith(account.value())) {
            return Optional.empty();
        }
        var secrets = new ArrayList<AtlasSecret>();
        var parts = lines[at].split("\n", -1);
        for (int i = 1; i < parts.length; i++) {
            secrets.add(secret(parts[i].split(" ", 5)));
        }
        return Optional.of(List.copyOf(secrets));
    }

    private static AtlasSecret secret(String[] fields) {
        return new AtlasSecret(
                new SecretId(fields[0]),
                time(fields[1]),
                time(fields[2]),
                fields[3].equals(NO_TIME) ? Optional.empty() : Optional.of(time(fields[3])),
                fields.length > 4 ? Optional.of(fields[4]) : Optional.empty());
    }

    private static Instant time(String text) {
        return Instant.ofEpochMilli(Long.parseLong(text, RADIX));
    }
}
