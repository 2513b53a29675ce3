package dev.atlasrotator.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.fake.AtlasModel;
import dev.atlasrotator.story.Story;
import dev.atlasrotator.story.Story.ManagedSecret;
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

    final Story story = new Story();
    final ManagedSecret kept;
    private final Random chance;
    private final boolean attached;
    private final HostileAtlas atlas;
    private final HostileSecretsManager[] secretsManager = new HostileSecretsManager[1];
    private final List<String> told = new ArrayList<>();
    private int checked;

    Trial(Random chance, Whims atAtlas, Whims atSecretsManager) {
        this.chance = chance;
        this.attached = chance.nextBoolean();
        this.kept = story.account("prod/atlas", Duration.ofDays(31), AtlasModel.PROJECT_OWNER, chance.nextBoolean());
        // What was stored without its id a moment before a create whose answer is lost cannot be
        // told
        // apart by any clock (docs/rationale.md): a person must say, and no run can.
        story.after(Duration.ofMinutes(2));
        this.atlas = new HostileAtlas(story.atlas, atAtlas);
        story.beforeAtlas(real -> atlas);
        story.beforeSecretsManager(real -> {
            secretsManager[0] = new HostileSecretsManager(real, atSecretsManager);
            return secretsManager[0];
        });
        if (attached) {
            story.rotatedBySecretsManager(kept);
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
                story.restart();
            }
            story.after(Duration.ofSeconds(chance.nextInt(3000)));
        }
    }

    /** The services behave again; sweeps come at their times. */
    void recover() {
        atlas.open = false;
        if (secretsManager[0] != null) {
            secretsManager[0].open = false;
        }
        story.restart();
        story.beforeSecretsManager(real -> real);
        for (int hour = 0; hour < 3; hour++) {
            story.after(Duration.ofMinutes(61));
            run(SWEEP);
        }
        if (!rotated()) { // Secrets Manager's own schedule, where it is attached
            run("{\"action\":\"rotate\",\"secretId\":\"prod/atlas\"}");
        }
        for (int day = 0; day < 9 && !well(); day++) {
            story.after(Duration.ofHours(26));
            run(SWEEP);
        }
    }

    private boolean well() {
        return rotated() && story.idsAtAtlas(kept).size() == 1;
    }

    private boolean rotated() {
        return !story.stored(kept, "AWSCURRENT", "clientSecret")
                .equals(Optional.of(kept.first().value()));
    }

    private void run(String event) {
        try {
            told.add(story.handle(event));
        } catch (RotatorException declared) {
            assertThat(declared).hasNoCause();
            told.add(declared.kind() + ": " + declared.getMessage());
        }
        if (attached) {
            story.secretsManager.runRotations();
        }
        check();
    }

    private void check() {
        assertThat(story.currentWorks(kept))
                .as(() -> "AWSCURRENT works\n" + timeline())
                .isTrue();
        var lines = story.lines.subList(checked, story.lines.size());
        for (String line : lines) {
            if (line.contains("\n") || line.contains("\r") || line.contains("\"message\":\"defect")) {
                throw new AssertionError("a line is " + line);
            }
            silent(line);
        }
        checked = story.lines.size();
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
        assertThat(story.idsAtAtlas(kept)).as(this::timeline).hasSize(1);
        assertThat(story.secretsManager.versionUnder(kept.arn(), "AWSPENDING"))
                .as(this::timeline)
                .matches(pending -> pending.isEmpty()
                        || pending.equals(story.secretsManager.versionUnder(kept.arn(), "AWSCURRENT")));
    }

    String timeline() {
        return story.atlas.ledger()
                + "\n"
                + String.join("\n", told)
                + "\n"
                + String.join("\n", story.lines.subList(Math.max(0, story.lines.size() - 400), story.lines.size()));
    }
}
