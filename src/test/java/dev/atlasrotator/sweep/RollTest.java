package dev.atlasrotator.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.ClientId;
import dev.atlasrotator.credential.SecretId;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RollTest {
    private static final Instant MADE = Instant.parse("2026-01-02T03:04:05.678Z");

    private final Random chance = new Random(7);

    private String hex() {
        return "%016x%08x".formatted(chance.nextLong(), chance.nextInt());
    }

    private ClientId account() {
        return new ClientId("mdb_sa_id_" + hex());
    }

    private AtlasSecret secret(Optional<Instant> used, Optional<String> mask) {
        return new AtlasSecret(new SecretId(hex()), MADE, MADE.plusSeconds(chance.nextInt(1 << 20)), used, mask);
    }

    @Test
    void every_account_comes_out_as_it_went_in() {
        var listed = new LinkedHashMap<ClientId, List<AtlasSecret>>();
        for (int i = 0; i < 1_000; i++) {
            var one = secret(Optional.of(MADE.plusSeconds(i)), Optional.of("mdb_sa_sk_****"));
            var another = secret(Optional.empty(), Optional.of("…" + i));
            var bare = secret(Optional.empty(), Optional.empty());
            listed.put(
                    account(),
                    switch (i % 4) {
                        case 0 -> List.of();
                        case 1 -> List.of(one);
                        case 2 -> List.of(bare);
                        default -> List.of(another, one);
                    });
        }
        var roll = new Roll(listed);
        assertThat(roll.size()).isEqualTo(1_000);
        listed.forEach((id, secrets) -> assertThat(roll.of(id)).contains(secrets));
        for (int i = 0; i < 1_000; i++) {
            assertThat(roll.of(account())).isEmpty();
        }
    }

    @Test
    void an_empty_list_knows_nobody() {
        assertThat(new Roll(Map.of()).of(account())).isEmpty();
    }
}
