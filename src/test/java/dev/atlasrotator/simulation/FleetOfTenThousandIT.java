package dev.atlasrotator.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.simulation.Fleet.Member;
import dev.atlasrotator.testbed.ReportEntry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Ten thousand stored secrets over fifty projects, three in a hundred due: swept in one run, below
 * every quota, within 86 s and with no more calls than it takes. That is the whole ({@code -Dtests.whole=true}, as {@code .ci/run} has
 * it); else two thousand over ten projects stand for them, 200 to a project as well. Threads, waits and quotas are real, on a clock
 * that runs faster. Not beside other tests, as the unit tests run: where this process has to wait for the
 * processor, calls come in bursts that the quotas throttle.
 */
@Isolated
class FleetOfTenThousandIT {
    private static final boolean WHOLE = Boolean.getBoolean("tests.whole");
    private static final int SIZE = WHOLE ? 10_000 : 2_000;
    private static final int PROJECTS = SIZE / 200;
    private static final int DUE = SIZE * 3 / 100;

    /** Which sweep of a day tries a value is told by a hash: five standard deviations. */
    private static final int TRIED_TOLERANCE = WHOLE ? 100 : 45;

    /** How many times faster, where nobody asks for the time: what the processor takes is stretched as well. */
    private static final int FACTOR = 20;

    private static final int TIMED_FACTOR = WHOLE ? 4 : 8;

    private static final String SWEEP = "{\"action\":\"sweep\"}";

    /** What a sweep of the whole fleet may take. */
    private static final Duration TIME_MAX = Duration.ofSeconds(86);

    /** What Lambda gives a run at most, but for the answer. */
    private static final Duration RUN = Duration.ofMinutes(15).minusSeconds(2);

    @Test
    void each_account_signing_in_for_itself_is_swept_within_one_run() {
        var fleet = new Fleet(SIZE, PROJECTS, TIMED_FACTOR);
        var begun = fleet.time.instant();
        var report = fleet.handle(fleet.start(false, 1), SWEEP, RUN);
        var took = Duration.between(begun, fleet.time.instant());
        print("each signs in for itself", fleet, took);

        thenAllIsWell(fleet, report);
        assertThat(took).isLessThanOrEqualTo(TIME_MAX);
        thenSecretsManagerIsAskedNoMoreThanItTakes(fleet);
        for (Member member : fleet.members) {
            if (!member.due()) {
                assertThat(fleet.calls("mintToken", member.clientId())).isEqualTo(1);
                assertThat(fleet.calls("readAccount", member.clientId())).isEqualTo(1);
            }
        }
        assertThat(fleet.calls("listAccounts")).isZero();
        assertThat(fleet.calls("createSecret")).isEqualTo(DUE);
    }

    @Test
    void one_admin_credential_lists_each_project_once() {
        var fleet = new Fleet(SIZE, PROJECTS, TIMED_FACTOR).withAdmin();
        var begun = fleet.time.instant();
        var report = fleet.handle(fleet.start(false, 2), SWEEP, RUN);
        var took = Duration.between(begun, fleet.time.instant());
        print("one admin credential", fleet, took);

        thenAllIsWell(fleet, report);
        assertThat(took).isLessThanOrEqualTo(TIME_MAX);
        thenSecretsManagerIsAskedNoMoreThanItTakes(fleet);
        int tried = 0;
        for (Member member : fleet.members) {
            if (!member.due()) {
                tried += fleet.calls("mintToken", member.clientId());
                assertThat(fleet.calls("readAccount", member.clientId())).isZero();
            }
        }
        // Each value is tried in one sweep of a day.
        assertThat(tried).isBetween(SIZE / 24 - TRIED_TOLERANCE, SIZE / 24 + TRIED_TOLERANCE);
        assertThat(fleet.calls("listAccounts")).isEqualTo(PROJECTS);
    }

    @Test
    void the_same_fleet_goes_through_the_queue() throws Exception {
        var fleet = new Fleet(SIZE, PROJECTS, TIMED_FACTOR);
        var begun = fleet.time.instant();
        var report = fleet.handle(fleet.start(true, 3), SWEEP, RUN);
        var dispatched = Duration.between(begun, fleet.time.instant());
        assertThat(report).containsEntry("enqueued", DUE).containsEntry("unfinished", 0);
        assertThat(fleet.sqs.waiting()).hasSize(DUE / 20);
        assertThat(fleet.calls("createSecret")).isZero();
        thenSecretsManagerIsAskedNoMoreThanItTakes(fleet);

        QueueRuns.process(fleet, 4, RUN);
        // Then nothing but messages that come again.
        var took = Duration.between(begun, fleet.promotions().getLast());
        print("through the queue, enqueued after " + dispatched.toSeconds() + " s", fleet, took);

        thenAllIsRotatedOnce(fleet);
        assertThat(took).isLessThanOrEqualTo(TIME_MAX);
        assertThat(fleet.sqs.deadLetters()).isEmpty();
    }

    @Test
    void what_a_dispatcher_has_no_time_to_read_is_enqueued_as_it_is() throws Exception {
        var fleet = new Fleet(2_000, 10, FACTOR);
        // 90 of them are kept for enqueueing and for what is being read: two are left, and 64 accounts at once take
        // three.
        var report = fleet.handle(fleet.start(true, 4), SWEEP, Duration.ofSeconds(92));
        assertThat(report).containsEntry("unfinished", 0);
        var enqueued = (int) report.getOrDefault("enqueued", 0);
        var checked = (int) report.getOrDefault("checked", 0);
        assertThat(enqueued).isGreaterThan(500);
        // What was looked at and is due is in the report, and in the queue.
        var both = ReportEntry.of(report)
                .filter(entry -> "due".equals(entry.json().get("state")))
                .count();
        assertThat(enqueued + checked).isEqualTo(2_000 + (int) both);

        fleet.sqs.put("{\"action\":\"sweep\"}"); // somebody's mistake: it names nobody
        QueueRuns.process(fleet, 3, RUN);
        thenAllIsRotatedOnce(fleet);
        assertThat(fleet.sqs.deadLetters()).containsExactly("{\"action\":\"sweep\"}");
    }

    /** 1,500 reads of one project: 1,080 at once, the others at 450 a minute. */
    @Test
    void a_project_that_is_bigger_than_its_bucket_is_paced_and_not_refused() {
        var fleet = new Fleet(1_500, 1, FACTOR);
        var begun = fleet.time.instant();
        var report = fleet.handle(fleet.start(false, 5), SWEEP, RUN);
        var took = Duration.between(begun, fleet.time.instant());
        print("one project", fleet, took);

        assertThat(report)
                .containsEntry("unfinished", 0)
                .satisfies(all -> assertThat(ReportEntry.of(all)).noneMatch(ReportEntry::isFailed));
        assertThat(fleet.throttles()).isZero();
        thenAllIsRotatedOnce(fleet);
        assertThat(took).isBetween(Duration.ofMinutes(1), Duration.ofMinutes(6));
    }

    private static void thenAllIsWell(Fleet fleet, Map<String, Object> report) {
        assertThat(report)
                .containsEntry("checked", fleet.members.size())
                .containsEntry("unfinished", 0)
                .satisfies(all -> assertThat(ReportEntry.of(all)).noneMatch(ReportEntry::isFailed));
        assertThat(fleet.throttles()).isZero();
        thenAllIsRotatedOnce(fleet);
    }

    private static void thenAllIsRotatedOnce(Fleet fleet) {
        assertThat(fleet.throttles()).isZero();
        assertThat(fleet.members).allSatisfy(member -> {
            assertThat(fleet.currentWorks(member)).isTrue();
            assertThat(fleet.secrets(member)).isEqualTo(member.due() ? 2 : 1);
        });
    }

    /** One list a hundred, one batch a twenty; nobody is asked about whom nothing is to be done. */
    private static void thenSecretsManagerIsAskedNoMoreThanItTakes(Fleet fleet) {
        assertThat(fleet.calls("ListSecrets")).isLessThanOrEqualTo(fleet.members.size() / 100);
        assertThat(fleet.calls("BatchGetSecretValue")).isLessThanOrEqualTo(fleet.members.size() / 20);
        for (Member member : fleet.members) {
            if (!member.due()) {
                for (String operation : List.of("DescribeSecret", "GetSecretValue", "ListSecretVersionIds")) {
                    assertThat(fleet.calls(operation, member.arn())).isZero();
                }
            }
        }
    }

    /** For whoever wants to know what a fleet takes. */
    private static void print(String what, Fleet fleet, Duration took) {
        System.out.printf(
                "Fleet of %,d (%s): %,d s, %d throttled, %,d lines, calls %s%n",
                fleet.members.size(), what, took.toSeconds(), fleet.throttles(), fleet.lines(), fleet.calls());
    }
}
