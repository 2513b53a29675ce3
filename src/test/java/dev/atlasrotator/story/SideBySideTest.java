package dev.atlasrotator.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.testbed.Answer;
import dev.atlasrotator.testbed.Death;
import dev.atlasrotator.testbed.Testbed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Two runs at once: before one of a run's remote calls another process goes first, and does all of
 * its own work there; and that before each call in turn.
 */
class SideBySideTest {
    private static final int CALLS_MAX = 60;

    /** Something that can be going on for an account. */
    private enum Work {
        SWEEP {
            @Override
            void run(Testbed testbed, Testbed.ManagedSecret kept) {
                Answer.sweep(testbed);
            }
        },
        /** What a message of the queue holds, and what a redelivery holds again. */
        NAMED_SWEEP {
            @Override
            void run(Testbed testbed, Testbed.ManagedSecret kept) {
                Answer.to(testbed, "{\"action\":\"sweep\",\"secretIds\":[\"" + kept.arn() + "\"]}");
            }
        },
        ROTATE {
            @Override
            void run(Testbed testbed, Testbed.ManagedSecret kept) {
                Answer.rotate(testbed, kept);
            }
        },
        /** Secrets Manager's schedule has come. */
        SECRETS_MANAGER {
            @Override
            void run(Testbed testbed, Testbed.ManagedSecret kept) {
                try {
                    testbed.rotate(kept, testbed.begin(kept));
                } catch (RotatorException failedStep) {
                    // Secrets Manager would try it again; here the sweep has to do.
                } catch (RuntimeException alreadyRotating) {
                    // RotateSecret refuses: a rotation stands already
                }
            }
        };

        abstract void run(Testbed testbed, Testbed.ManagedSecret kept);
    }

    /** How the account stands when both begin. */
    private enum Scene {
        /** Due by age; nobody but the run rotates. */
        DUE_IN_THE_RUN,
        /** Near its end; Secrets Manager rotates. */
        DUE_AT_SECRETS_MANAGER,
        /** An attempt stands that left an orphan. */
        ORPHAN,
        /** An attempt stands with its secret stored. */
        STORED,
        /** A superseded secret is past its overlap. */
        SUPERSEDED;

        Testbed.ManagedSecret set(Testbed testbed) {
            return switch (this) {
                case DUE_IN_THE_RUN -> testbed.account("prod/atlas", Duration.ofDays(30));
                case DUE_AT_SECRETS_MANAGER -> {
                    var kept = testbed.account("prod/atlas", Duration.ofDays(84));
                    testbed.rotatedBySecretsManager(kept);
                    yield kept;
                }
                case ORPHAN -> died(testbed, "createSecret", 1);
                case STORED -> died(testbed, "PutSecretValue", 2);
                case SUPERSEDED -> {
                    var kept = testbed.account("prod/atlas", Duration.ofDays(30));
                    Answer.rotate(testbed, kept);
                    testbed.after(Duration.ofHours(25));
                    yield kept;
                }
            };
        }

        private static Testbed.ManagedSecret died(Testbed testbed, String operation, int nth) {
            var kept = testbed.account("prod/atlas", Duration.ofDays(30));
            Death.after(testbed, operation, nth, () -> Answer.rotate(testbed, kept));
            testbed.after(Duration.ofMinutes(16));
            return kept;
        }

        /** New secrets that one run alone would make, and the runs before it have made. */
        int needed() {
            return switch (this) {
                case DUE_IN_THE_RUN, DUE_AT_SECRETS_MANAGER, STORED, SUPERSEDED -> 1;
                case ORPHAN -> 2;
            };
        }
    }

    private record Pair(Scene scene, Work first, Work second) {}

    private static Stream<Pair> pairs() {
        var pairs = new ArrayList<Pair>();
        for (Scene scene : Scene.values()) {
            boolean at = scene == Scene.DUE_AT_SECRETS_MANAGER;
            for (Work first : Work.values()) {
                for (Work second : Work.values()) {
                    boolean scheduled = first == Work.SECRETS_MANAGER || second == Work.SECRETS_MANAGER;
                    boolean both = first == second && first == Work.SECRETS_MANAGER;
                    boolean twoWishes = scene == Scene.SUPERSEDED && (first == Work.ROTATE || second == Work.ROTATE);
                    if (first != Work.NAMED_SWEEP && !both && (at || !scheduled) && !twoWishes) {
                        pairs.add(new Pair(scene, first, second));
                    }
                }
            }
        }
        return pairs.stream();
    }

    @TestFactory
    Stream<DynamicTest> whichever_goes_first_nothing_breaks_and_nothing_is_done_twice() {
        return pairs().map(pair -> DynamicTest.dynamicTest(pair.toString(), () -> {
            int n = 1;
            while (interleaved(pair, n)) {
                assertThat(++n).isLessThan(CALLS_MAX);
            }
            assertThat(n).isGreaterThan(2);
        }));
    }

    /** Whether the first run had an n-th call, before which the second could go. */
    private static boolean interleaved(Pair pair, int n) {
        var testbed = new Testbed();
        var kept = pair.scene().set(testbed);
        var when = pair + ", the second before call " + n;
        var broken = new ArrayList<String>();
        var calls = new AtomicInteger();
        var inside = new AtomicBoolean();
        var went = new AtomicBoolean();
        testbed.faults(call -> {
            check(testbed, kept, call, broken);
            if (!inside.get() && calls.incrementAndGet() == n) {
                inside.set(true);
                went.set(true);
                testbed.restart(); // the second run is another process
                pair.second().run(testbed, kept);
                testbed.secretsManager.runRotations();
                inside.set(false);
            }
            return new Fault.None();
        });
        testbed.restart();
        pair.first().run(testbed, kept);
        testbed.faults(call -> new Fault.None());
        testbed.restart();
        testbed.secretsManager.runRotations();
        assertThat(broken).as(when).isEmpty();
        comesToRest(testbed, kept, pair, when);
        return went.get();
    }

    private static void check(Testbed testbed, Testbed.ManagedSecret kept, Call call, List<String> broken) {
        if (!testbed.currentWorks(kept)) {
            broken.add("AWSCURRENT does not work before " + call);
        }
        if (testbed.idsAtAtlas(kept).size() > 2) {
            broken.add("three secrets before " + call);
        }
    }

    private static void comesToRest(Testbed testbed, Testbed.ManagedSecret kept, Pair pair, String when) {
        assertThat(testbed.currentWorks(kept)).as(when).isTrue();
        // No run can be at it any more, and a sweep may begin the next rotation.
        testbed.after(Duration.ofMinutes(76));
        var next = Answer.sweep(testbed);
        testbed.secretsManager.runRotations();
        assertThat(next.failed()).as(when).isEmpty();
        assertThat(testbed.currentWorks(kept)).as(when).isTrue();
        var then = Answer.status(testbed);
        assertThat(then.kinds(kept)).as(when).isSubsetOf("superseded");
        if (pair.scene() == Scene.DUE_AT_SECRETS_MANAGER) {
            // RotateSecret has no condition: one that comes right after a rotation has ended begins
            // another, which waits empty until the overlap of the first is over.
            testbed.after(Duration.ofHours(25));
            Answer.sweep(testbed);
            testbed.secretsManager.runRotations();
        } else {
            assertThat(testbed.secretsManager.versionUnder(kept.arn(), "AWSPENDING"))
                    .as(when)
                    .isIn(Optional.empty(), testbed.secretsManager.versionUnder(kept.arn(), "AWSCURRENT"));
        }
        testbed.after(Duration.ofHours(25));
        assertThat(Answer.sweep(testbed).failed()).as(when).isEmpty();
        testbed.secretsManager.runRotations();
        assertThat(testbed.idsAtAtlas(kept)).as(when).hasSize(1);
        assertThat(testbed.currentWorks(kept)).as(when).isTrue();
        assertThat(Answer.status(testbed).state(kept)).as(when).isEqualTo("fresh");
        assertThat(Answer.created(testbed, kept))
                .as(when)
                .isLessThanOrEqualTo(pair.scene().needed() + 1L);
    }
}
