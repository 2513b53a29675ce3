package dev.atlasrotator.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.testbed.Testbed;
import dev.atlasrotator.testbed.Testbed.ManagedSecret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * One account's life while answers are wrong and after: what the function may come out with, and
 * what must hold at every moment.
 */
final class Trial {
    private static final String SWEEP = "{\"action\":\"sweep\"}";

    final Testbed testbed = new Testbed();
    final ManagedSecret kept;
    private final Random chance;
    private final boolean attached;
    private final HostileAtlas atlas;
    private final HostileSecretsManager[] secretsManager = new HostileSecretsManager[1];
    private final List<String> told = new ArrayList<>();
    private int checked;

    Trial(Random chance, FaultSchedule atAtlas, FaultSchedule atSecretsManager) {
        this.chance = chance;
        this.attached = chance.nextBoolean();
        this.kept = testbed.account("prod/atlas", Duration.ofDays(31), AtlasModel.PROJECT_OWNER, chance.nextBoolean());
        // What was stored without its id a moment before a create whose answer is lost cannot be
        // told
        // apart by any clock (docs/rationale.md): a person must say, and no run can.
        testbed.after(Duration.ofMinutes(2));
        this.atlas = new HostileAtlas(testbed.atlas, atAtlas);
        testbed.beforeAtlas(real -> atlas);
        testbed.beforeSecretsManager(real -> {
            secretsManager[0] = new HostileSecretsManager(real, atSecretsManager);
            return secretsManager[0];
        });
        if (attached) {
            testbed.rotatedBySecretsManager(kept);
        }
    }

    /** A few runs of every kind, with wrong answers. */
    void suffer() {
        for (int i = 0; i < 3 + chance.nextInt(3); i++) {
            switch (chance.nextInt(4)) {
                case 0 -> run(SWEEP);
                case 1 -> run("{\"action\":\"status\"}");
                default -> run("{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}");
            }
            if (chance.nextInt(3) == 0) {
                testbed.restart();
            }
            testbed.after(Duration.ofSeconds(chance.nextInt(3000)));
        }
    }

    /** The services behave again; sweeps come at their times. */
    void recover() {
        atlas.open = false;
        if (secretsManager[0] != null) {
            secretsManager[0].open = false;
        }
        testbed.restart();
        testbed.beforeSecretsManager(real -> real);
        for (int hour = 0; hour < 3; hour++) {
            testbed.after(Duration.ofMinutes(61));
            run(SWEEP);
        }
        if (!rotated()) { // Secrets Manager's own schedule, where it is attached
            run("{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}");
        }
        for (int day = 0; day < 9 && !well(); day++) {
            testbed.after(Duration.ofHours(26));
            run(SWEEP);
        }
    }

    private boolean well() {
        return rotated() && testbed.idsAtAtlas(kept).size() == 1;
    }

    private boolean rotated() {
        return !testbed.stored(kept, "AWSCURRENT", "clientSecret")
                .equals(Optional.of(kept.first().value()));
    }

    private void run(String event) {
        try {
            told.add(testbed.handle(event));
        } catch (RotatorException declared) {
            assertThat(declared).hasNoCause();
            told.add(declared.kind() + ": " + declared.getMessage());
        }
        if (attached) {
            testbed.secretsManager.runRotations();
        }
        check();
    }

    private void check() {
        assertThat(testbed.currentWorks(kept))
                .as(() -> "AWSCURRENT works\n" + timeline())
                .isTrue();
        var lines = testbed.lines.subList(checked, testbed.lines.size());
        for (String line : lines) {
            if (line.contains("\n") || line.contains("\r") || line.contains("\"message\":\"unexpected error")) {
                throw new AssertionError("a line is " + line);
            }
            silent(line);
        }
        checked = testbed.lines.size();
        silent(told.getLast());
    }

    private void silent(String text) {
        if (text.contains(kept.first().value()) || atlas.secrets.stream().anyMatch(text::contains)) {
            throw new AssertionError("a secret is told: " + text);
        }
    }

    /** Rotated, and nothing of ours is left beside what is in use. */
    void isWell() {
        assertThat(rotated()).as(() -> "rotated\n" + timeline()).isTrue();
        assertThat(testbed.idsAtAtlas(kept)).as(this::timeline).hasSize(1);
        assertThat(testbed.version(kept, "AWSPENDING"))
                .as(this::timeline)
                .matches(pending -> pending.isEmpty() || pending.equals(testbed.version(kept, "AWSCURRENT")));
    }

    String timeline() {
        return testbed.atlas.ledger()
                + "\n"
                + String.join("\n", told)
                + "\n"
                + String.join(
                        "\n", testbed.lines.subList(Math.max(0, testbed.lines.size() - 400), testbed.lines.size()));
    }
}
