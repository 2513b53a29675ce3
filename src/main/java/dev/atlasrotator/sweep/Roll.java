package dev.atlasrotator.sweep;

import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.ClientId;
import dev.atlasrotator.credential.SecretId;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The accounts of one list, packed: a secret takes 52 bytes like this and some 500 as objects, and
 * a sweep holds the lists of a whole fleet. A row is the account's id and the secret's (24
 * hexadecimal digits each), three times in milliseconds, and the number of its mask. Rows are in
 * the order of the accounts' ids; an account without a secret has one row, which says so.
 */
final class Roll {
    private static final int ID = 12;
    private static final int ROW = 2 * ID + 3 * Long.BYTES + Integer.BYTES;
    private static final long NEVER = Long.MIN_VALUE;
    private static final int NO_SECRET = -2;
    private static final int NO_MASK = -1;

    private final ByteBuffer rows;
    private final int accounts;

    /** As a rule all look alike. */
    private final List<String> masks;

    Roll(Map<ClientId, List<AtlasSecret>> listed) {
        accounts = listed.size();
        int count = listed.values().stream()
                .mapToInt(secrets -> Math.max(1, secrets.size()))
                .sum();
        rows = ByteBuffer.allocate(count * ROW);
        var numbers = new LinkedHashMap<String, Integer>();
        listed.entrySet().stream()
                .sorted(Comparator.comparing(account -> digits(account.getKey())))
                .forEach(account -> write(account.getKey(), account.getValue(), numbers));
        masks = List.copyOf(numbers.keySet());
    }

    private void write(ClientId id, List<AtlasSecret> secrets, Map<String, Integer> numbers) {
        var account = HexFormat.of().parseHex(digits(id));
        if (secrets.isEmpty()) {
            rows.put(account).position(rows.position() + ROW - ID - Integer.BYTES);
            rows.putInt(NO_SECRET);
        }
        for (var secret : secrets) {
            rows.put(account).put(HexFormat.of().parseHex(secret.id().value()));
            rows.putLong(secret.createdAt().toEpochMilli());
            rows.putLong(secret.expiresAt().toEpochMilli());
            rows.putLong(secret.lastUsedAt().map(Instant::toEpochMilli).orElse(NEVER));
            rows.putInt(secret.mask()
                    .map(mask -> numbers.computeIfAbsent(mask, one -> numbers.size()))
                    .orElse(NO_MASK));
        }
    }

    private static String digits(ClientId id) {
        return id.value().substring(id.value().length() - 2 * ID).toLowerCase(Locale.ROOT);
    }

    /** How many accounts there are. */
    int size() {
        return accounts;
    }

    /** The secrets of this account, if it is one of them. */
    Optional<List<AtlasSecret>> of(ClientId account) {
        var wanted = digits(account);
        int row = firstNotBefore(wanted);
        if (!isAbout(row, wanted)) {
            return Optional.empty();
        }
        var secrets = new ArrayList<AtlasSecret>(2);
        for (; isAbout(row, wanted); row++) {
            if (mask(row) != NO_SECRET) {
                secrets.add(secret(row));
            }
        }
        return Optional.of(List.copyOf(secrets));
    }

    private int firstNotBefore(String wanted) {
        int from = 0;
        int to = rows.capacity() / ROW;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (digits(middle).compareTo(wanted) < 0) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }

    private boolean isAbout(int row, String wanted) {
        return row * ROW < rows.capacity() && digits(row).equals(wanted);
    }

    private String digits(int row) {
        return hex(row * ROW);
    }

    private String hex(int at) {
        var id = new byte[ID];
        rows.get(at, id);
        return HexFormat.of().formatHex(id);
    }

    private int mask(int row) {
        return rows.getInt((row + 1) * ROW - Integer.BYTES);
    }

    private AtlasSecret secret(int row) {
        int times = row * ROW + 2 * ID;
        long used = rows.getLong(times + 2 * Long.BYTES);
        int mask = mask(row);
        return new AtlasSecret(
                new SecretId(hex(row * ROW + ID)),
                Instant.ofEpochMilli(rows.getLong(times)),
                Instant.ofEpochMilli(rows.getLong(times + Long.BYTES)),
                used == NEVER ? Optional.empty() : Optional.of(Instant.ofEpochMilli(used)),
                mask == NO_MASK ? Optional.empty() : Optional.of(masks.get(mask)));
    }
}
