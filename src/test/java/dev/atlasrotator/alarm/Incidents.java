package dev.atlasrotator.alarm;

import static dev.atlasrotator.alarm.Scene.healthy;
import static dev.atlasrotator.alarm.Scene.incident;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;

import dev.atlasrotator.alarm.Deployment.Function;
import dev.atlasrotator.alarm.Deployment.Schedule;
import dev.atlasrotator.simulator.Call;
import dev.atlasrotator.simulator.Fault;
import dev.atlasrotator.simulator.Fault.Moment;
import dev.atlasrotator.simulator.Faults;
import dev.atlasrotator.simulator.atlas.AtlasErrors;
import dev.atlasrotator.simulator.atlas.AtlasRules.AccessList;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerErrors;
import dev.atlasrotator.simulator.sqs.InProcessSqs;
import dev.atlasrotator.testbed.Testbed;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** What goes wrong, and what does not. */
final class Incidents {
    private static final String CRITICAL = "CriticalFindingsAlarm";
    private static final String WARNING = "WarningFindingsAlarm";
    private static final String SWEEPS_MISSING = "SweepsMissingAlarm";
    private static final String UNFINISHED = "UnfinishedAlarm";
    private static final String ERRORS = "FunctionErrorsAlarm";
    private static final String FAILURES = "FailureQueueAlarm";
    private static final String DEAD_LETTERS = "WorkDeadLettersAlarm";
    private static final String QUEUE_AGE = "WorkQueueAgeAlarm";
    private static final String ROTATION_FAILED = "RotationFailedAlarm";

    /** An hour, and what a sweep and its data points take. */
    private static final Duration NEXT_SWEEP = ofMinutes(65);

    /** Three hours, and where periods are aligned to the clock the rest of a fourth. */
    private static final Duration THREE_SWEEPS = ofHours(3).plusMinutes(40);

    /** An hour, two repetitions, and what a queue takes that was idle. */
    private static final Duration FAILED_SWEEP = ofMinutes(85);

    private static final String ORDERS = "prod/orders";
    private static final String BILLING = "prod/billing";

    private Incidents() {}

    static List<Scene> incidents() {
        return List.of(
                // ---- a consumer is locked out, or soon will be
                incident("the secret in use is deleted in Atlas", CRITICAL, NEXT_SWEEP)
                        .trouble(d -> deletedInAtlas(d, ORDERS))
                        .mended(d -> pastedNew(d, ORDERS))
                        .told("CRITICAL " + ORDERS),
                incident("a wrong value is pasted into a stored secret, twice", CRITICAL, NEXT_SWEEP)
                        .trouble(d -> {
                            pastedWrong(d, ORDERS, "0");
                            pastedWrong(d, ORDERS, "1");
                        })
                        .mended(d -> pastedNew(d, ORDERS))
                        .told("CRITICAL " + ORDERS, "CREDENTIAL_REJECTED"),
                incident("an account is locked out, and nobody looks for three days", CRITICAL, NEXT_SWEEP)
                        .trouble(d -> deletedInAtlas(d, ORDERS))
                        .lasts(ofDays(3))
                        .mended(d -> pastedNew(d, ORDERS))
                        .told("CRITICAL " + ORDERS),
                incident("a second account is locked out while the alarm is on", CRITICAL, NEXT_SWEEP)
                        .trouble(d -> {
                            deletedInAtlas(d, ORDERS);
                            d.at(ofHours(9), () -> deletedInAtlas(d, BILLING));
                        })
                        .mended(d -> {
                            pastedNew(d, ORDERS);
                            pastedNew(d, BILLING);
                        })
                        .told("CRITICAL " + ORDERS, "CRITICAL " + BILLING),
                incident("an account is locked out, and the work queue is busy", CRITICAL, NEXT_SWEEP)
                        .withBusyQueue()
                        .fleet(d -> {
                            hourlyWork(d);
                            d.account(ORDERS, ofHours(1));
                        })
                        .trouble(d -> lockedOut(d, ORDERS))
                        .mended(d -> pastedNew(d, ORDERS))
                        .told("CRITICAL " + ORDERS),
                incident("an account is locked out, with a sweep each quarter of an hour", CRITICAL, ofMinutes(20))
                        .with("SweepIntervalMinutes", "15")
                        .trouble(d -> deletedInAtlas(d, ORDERS))
                        .lasts(ofHours(12))
                        .mended(d -> pastedNew(d, ORDERS))
                        .told("CRITICAL " + ORDERS),
                incident("an account is locked out, with two sweeps a day", CRITICAL, ofHours(13))
                        .with("SweepIntervalMinutes", "720")
                        .trouble(d -> deletedInAtlas(d, ORDERS))
                        .lasts(ofDays(4))
                        .mended(d -> pastedNew(d, ORDERS))
                        .endsWithin(ofDays(2))
                        .told("CRITICAL " + ORDERS),
                incident("an account is locked out, and a sweep takes 14 minutes", CRITICAL, ofMinutes(75))
                        .trouble(d -> {
                            d.sweepTakes = ofMinutes(14);
                            deletedInAtlas(d, ORDERS);
                        })
                        .mended(d -> pastedNew(d, ORDERS))
                        .told("CRITICAL " + ORDERS),
                incident("an account expires while the deployment only observes", CRITICAL, NEXT_SWEEP)
                        .with("SweepMode", "observe")
                        .trouble(d -> d.account("prod/late", ofDays(88)))
                        .mended(d -> pastedNew(d, "prod/late"))
                        .told("CRITICAL prod/late", "EXPIRING"),
                incident("an IP access list keeps the function out, and a secret runs out", CRITICAL, ofHours(13))
                        .fleet(d -> {
                            d.account(BILLING, ofDays(3));
                            d.rotates(d.account("prod/attached", ofHours(0), ofHours(24), Map.of()), ofDays(300));
                        })
                        .trouble(d -> accessList(d, AccessList.REFUSES_ADDRESS))
                        .lasts(ofHours(16))
                        .mended(d -> accessList(d, AccessList.ALLOWS))
                        .also(WARNING)
                        .told("CRITICAL prod/attached", "IP_ACCESS_LIST"),
                incident("somebody makes a second secret, and nobody looks for a week", CRITICAL, ofHours(130))
                        .trouble(d -> madeByHand(d, ORDERS))
                        .lasts(ofDays(7).minusHours(4))
                        .mended(d -> foreignDeleted(d, ORDERS))
                        .also(WARNING)
                        .told("CRITICAL " + ORDERS),
                incident("a rotation is in progress for 30 hours, after its create", CRITICAL, ofHours(26))
                        .fleet(d -> bySecretsManager(d, ofDays(20)))
                        .trouble(d -> {
                            d.hasTrail = false;
                            d.testbed.faults(finishing());
                            d.rotateSecret(d.kept("prod/attached"));
                        })
                        .mended(d -> d.testbed.faults(Faults.none()))
                        .also(WARNING)
                        .told("CRITICAL prod/attached", "ROTATION_STALLED"),

                // ---- somebody must do something within days
                incident("an IP access list keeps the function out", WARNING, THREE_SWEEPS)
                        .trouble(d -> accessList(d, AccessList.REFUSES_ADDRESS))
                        .mended(d -> accessList(d, AccessList.ALLOWS))
                        .told("WARNING " + ORDERS, "IP_ACCESS_LIST"),
                incident("an account's role is removed", WARNING, THREE_SWEEPS)
                        .trouble(d -> granted(d, ORDERS))
                        .mended(d -> granted(d, ORDERS, "GROUP_OWNER"))
                        .told("WARNING " + ORDERS, "ACCESS_DENIED"),
                incident("Atlas is down for a day", WARNING, THREE_SWEEPS)
                        .faults(atlas(AtlasErrors.internalError(Moment.BEFORE_EFFECT)))
                        .told("ATLAS_UNAVAILABLE"),
                incident("Atlas throttles for a day", WARNING, THREE_SWEEPS)
                        .faults(atlas(AtlasErrors.tooManyRequests(30)))
                        .told("THROTTLED"),
                incident("Secrets Manager throttles for a day", FAILURES, FAILED_SWEEP)
                        .trouble(d -> d.testbed.faults(secretsManager(SecretsManagerErrors.throttling())))
                        .mended(d -> {
                            d.testbed.faults(Faults.none());
                            d.queuesAreEmptied();
                        })
                        .also(ERRORS, SWEEPS_MISSING),
                incident("the function's role may read no value any more", WARNING, THREE_SWEEPS)
                        .faults(reading(SecretsManagerErrors.accessDenied()))
                        .told("WARNING " + ORDERS, "SECRETS_MANAGER_DENIED"),
                incident("the function's role may list nothing any more", FAILURES, FAILED_SWEEP)
                        .trouble(d ->
                                d.testbed.faults(operation("ListSecrets"::equals, SecretsManagerErrors.accessDenied())))
                        .mended(d -> {
                            d.testbed.faults(Faults.none());
                            d.queuesAreEmptied();
                        })
                        .also(ERRORS, SWEEPS_MISSING),
                incident("the KMS key is disabled", WARNING, THREE_SWEEPS)
                        .faults(reading(SecretsManagerErrors.decryptionFailure()))
                        .told("WARNING " + ORDERS, "KMS_DENIED"),
                incident("somebody makes a second secret in Atlas", WARNING, THREE_SWEEPS)
                        .trouble(d -> madeByHand(d, ORDERS))
                        .mended(d -> foreignDeleted(d, ORDERS))
                        .told("WARNING " + ORDERS, "FOREIGN_SECRET"),
                incident("a consumer uses the old secret after the overlap", WARNING, ofHours(29))
                        .trouble(d -> {
                            var kept = d.kept(ORDERS);
                            d.byHand("{\"action\":\"rotate\",\"secretId\":\"" + kept.name() + "\"}");
                            d.every(
                                    ofMinutes(50),
                                    () -> d.testbed.atlas.signIn(
                                            kept.clientId(), kept.first().value()));
                        })
                        .lasts(ofHours(40))
                        .mended(d -> deletedInAtlas(d, ORDERS))
                        .told("WARNING " + ORDERS, "OLD_SECRET_IN_USE"),
                incident("one account is kept in two stored secrets", WARNING, THREE_SWEEPS)
                        .trouble(d -> d.testbed.keep(
                                "prod/copy",
                                d.kept(ORDERS).first(),
                                d.testbed.value(d.kept(ORDERS), "AWSCURRENT"),
                                Map.of(Testbed.TAG, "true")))
                        .mended(d -> d.testbed.secretsManager.call("DeleteSecret", Map.of("SecretId", "prod/copy")))
                        .told("WARNING " + ORDERS, "SHARED_ACCOUNT"),
                incident("a stored value is no JSON any more", WARNING, THREE_SWEEPS)
                        .trouble(d -> d.testbed.secretsManager.call(
                                "PutSecretValue",
                                Map.of(
                                        "SecretId",
                                        ORDERS,
                                        "ClientRequestToken",
                                        d.testbed.newVersion().value(),
                                        "SecretString",
                                        "{\"clientId\":\"x\",}")))
                        .mended(d -> d.testbed.rolledBack(d.kept(ORDERS)))
                        .told("WARNING " + ORDERS, "VALUE_MALFORMED"),
                incident("two spellings of one key disagree", WARNING, THREE_SWEEPS)
                        .trouble(d -> d.testbed.changedByHand(
                                d.kept(ORDERS), Map.of("client_secret", "mdb_sa_sk_" + "2".repeat(40))))
                        .mended(d -> d.testbed.rolledBack(d.kept(ORDERS)))
                        .told("WARNING " + ORDERS, "SPELLINGS_DISAGREE"),
                incident("the admin credential is deleted", WARNING, THREE_SWEEPS)
                        .fleet(d -> {
                            Scene.threeAccounts(d);
                            d.testbed.adminKey("admin/atlas");
                            d.testbed.setting("ADMIN_SECRET_ID", "admin/atlas");
                        })
                        .trouble(d -> d.testbed.secretsManager.call("DeleteSecret", Map.of("SecretId", "admin/atlas")))
                        .mended(d -> d.testbed.secretsManager.call("RestoreSecret", Map.of("SecretId", "admin/atlas")))
                        .told("ADMIN_CREDENTIAL_UNAVAILABLE"),
                incident("Atlas refuses to make a secret when one is due", WARNING, THREE_SWEEPS)
                        .trouble(d -> {
                            d.testbed.faults(operation(
                                    "createSecret"::equals,
                                    AtlasErrors.api(Moment.BEFORE_EFFECT, 400, "INVALID_ATTRIBUTE", "no")));
                            d.account("prod/due", ofDays(31));
                        })
                        .mended(d -> d.testbed.faults(Faults.none()))
                        .told("WARNING prod/due"),
                incident("an account's project is deleted", WARNING, THREE_SWEEPS)
                        .trouble(d -> d.testbed.faults(call -> call.operation().equals("readAccount")
                                        && call.subject()
                                                .contains(d.kept(ORDERS).clientId())
                                ? AtlasErrors.api(Moment.BEFORE_EFFECT, 404, "RESOURCE_NOT_FOUND", "no")
                                : new Fault.None()))
                        .mended(d -> d.testbed.faults(Faults.none()))
                        .told("WARNING " + ORDERS, "NOT_FOUND"),
                incident("the work queue takes no message", WARNING, THREE_SWEEPS)
                        .withQueue()
                        .fleet(d -> d.account("prod/well", ofDays(3)))
                        .trouble(d -> {
                            d.account("prod/due", ofDays(31));
                            d.wire()
                                    .orElseThrow()
                                    .trouble(call -> Optional.of(new InProcessSqs.Instead(
                                            403,
                                            "{\"__type\":\"com.amazonaws.sqs#AccessDenied\",\"message\":\"no\"}")));
                        })
                        .mended(d -> d.wire().orElseThrow().trouble(call -> Optional.empty()))
                        .also(UNFINISHED)
                        .told("QUEUE_UNAVAILABLE"),
                incident("somebody makes a second secret, and the work queue is busy", WARNING, THREE_SWEEPS)
                        .withBusyQueue()
                        .fleet(d -> {
                            hourlyWork(d);
                            d.account(ORDERS, ofHours(1));
                        })
                        .trouble(d -> madeByHand(d, ORDERS))
                        .lasts(ofHours(11))
                        .mended(d -> foreignDeleted(d, ORDERS))
                        .told("WARNING " + ORDERS, "FOREIGN_SECRET"),

                // ---- sweeps have stopped, or do not come round
                incident("the schedule is switched off", SWEEPS_MISSING, THREE_SWEEPS)
                        .trouble(d -> d.schedule = Schedule.OFF)
                        .mended(d -> d.schedule = Schedule.ON),
                incident("the schedule is off, and people call the function by hand", SWEEPS_MISSING, THREE_SWEEPS)
                        .trouble(d -> {
                            d.schedule = Schedule.OFF;
                            d.every(ofMinutes(25), () -> d.byHand("{\"action\":\"sweep\"}"));
                            d.every(ofMinutes(40), () -> d.byHand("{\"action\":\"status\"}"));
                        })
                        .mended(d -> d.schedule = Schedule.ON),
                incident("the schedule is off, and another deployment sweeps", SWEEPS_MISSING, THREE_SWEEPS)
                        .beside(d -> {})
                        .trouble(d -> d.schedule = Schedule.OFF)
                        .mended(d -> d.schedule = Schedule.ON),
                incident("the schedule is off, with two sweeps a day", SWEEPS_MISSING, ofHours(40))
                        .with("SweepIntervalMinutes", "720")
                        .lasts(ofDays(4))
                        .trouble(d -> d.schedule = Schedule.OFF)
                        .mended(d -> d.schedule = Schedule.ON)
                        .endsWithin(ofDays(1)),
                incident("the schedule may not invoke the function", FAILURES, ofMinutes(110))
                        .trouble(d -> d.schedule = Schedule.REFUSED)
                        .mended(d -> {
                            d.schedule = Schedule.ON;
                            d.at(ofHours(1), d::queuesAreEmptied);
                        })
                        .also(SWEEPS_MISSING),
                incident("the function may not write its log", SWEEPS_MISSING, THREE_SWEEPS)
                        .trouble(d -> d.writesLog = false)
                        .mended(d -> d.writesLog = true),
                incident("Lambda starts the function no more", FAILURES, ofMinutes(140))
                        .trouble(d -> d.function = Function.THROTTLED)
                        .mended(d -> worksAgain(d))
                        .also(SWEEPS_MISSING),
                incident("the function runs out of memory, every time", FAILURES, FAILED_SWEEP)
                        .trouble(d -> d.function = Function.CRASHES)
                        .mended(d -> worksAgain(d))
                        .also(ERRORS, SWEEPS_MISSING),
                incident("one sweep fails on every attempt", FAILURES, FAILED_SWEEP)
                        .trouble(d -> {
                            d.function = Function.CRASHES;
                            d.at(ofMinutes(70), () -> d.function = Function.WORKS);
                        })
                        .lasts(ofHours(5))
                        .mended(d -> d.queuesAreEmptied()),
                incident("the function runs into its time-out, every time", FAILURES, FAILED_SWEEP)
                        .trouble(d -> d.function = Function.TIMES_OUT)
                        .mended(d -> worksAgain(d))
                        .also(ERRORS, SWEEPS_MISSING),
                incident("a setting is out of bounds", FAILURES, FAILED_SWEEP)
                        .trouble(d -> d.testbed.setting("ROTATE_AFTER_HOURS", "8000"))
                        .mended(d -> {
                            d.testbed.setting("ROTATE_AFTER_HOURS", "720");
                            d.queuesAreEmptied();
                        })
                        .also(ERRORS, SWEEPS_MISSING),
                incident("the trust store cannot be read, and nobody hears of the queue", ERRORS, THREE_SWEEPS)
                        .trouble(d -> d.function = Function.CRASHES)
                        .mended(d -> worksAgain(d))
                        .also(FAILURES, SWEEPS_MISSING),
                incident("a new stack, of which no sweep ever succeeds", FAILURES, FAILED_SWEEP)
                        .atOnce()
                        .trouble(d -> d.testbed.setting("ROTATE_AFTER_HOURS", "8000"))
                        .mended(d -> {
                            d.testbed.setting("ROTATE_AFTER_HOURS", "720");
                            d.queuesAreEmptied();
                        })
                        .also(ERRORS),
                incident("sweeps time out, and steps of Secrets Manager succeed", FAILURES, FAILED_SWEEP)
                        .trouble(d -> {
                            d.function = Function.TIMES_OUT;
                            d.strikes = event -> event.contains("sweep");
                            d.every(ofMinutes(20), () -> d.byHand("{\"action\":\"status\"}"));
                        })
                        .mended(d -> worksAgain(d))
                        .also(SWEEPS_MISSING),
                incident("the fleet is too large for a sweep", UNFINISHED, THREE_SWEEPS)
                        .with("TimeoutSeconds", "300")
                        .fleet(d -> {
                            for (int i = 0; i < 40; i++) {
                                d.account("prod/%02d".formatted(i), ofDays(3));
                            }
                        })
                        .faults(atlas(new Fault.Slow(Duration.ofSeconds(5))))
                        .lasts(ofHours(11))
                        .told("UNFINISHED"),

                // ---- the work queue
                incident("nobody takes work off the queue", QUEUE_AGE, ofMinutes(125))
                        .withBusyQueue()
                        .fleet(d -> hourlyWork(d))
                        .trouble(d -> d.workerRuns = false)
                        .lasts(ofHours(8))
                        .mended(d -> d.workerStarts()),
                incident("the function dies of one message, every time", DEAD_LETTERS, ofMinutes(170))
                        .withQueue()
                        .trouble(d -> {
                            d.function = Function.CRASHES;
                            d.strikes = event -> event.contains("Records");
                            d.account("prod/due", ofDays(31));
                        })
                        .mended(d -> {
                            d.function = Function.WORKS;
                            d.at(ofHours(2), d::queuesAreEmptied);
                        }),

                // ---- rotations by Secrets Manager
                incident("a rotation by Secrets Manager keeps failing", ROTATION_FAILED, ofMinutes(10))
                        .fleet(d -> bySecretsManager(d, ofDays(20)))
                        .trouble(d -> {
                            d.testbed.faults(finishing());
                            d.rotateSecret(d.kept("prod/attached"));
                        })
                        .mended(d -> d.testbed.faults(Faults.none()))
                        .also(WARNING, CRITICAL),
                incident("a rotation fails, and the event names no function", ROTATION_FAILED, ofMinutes(10))
                        .trouble(d ->
                                d.rotationEvent("RotationFailed", d.kept(ORDERS).arn(), Optional.empty()))
                        .lasts(ofMinutes(30)));
    }

    static List<Scene> healthyMonths() {
        return List.of(
                healthy("secrets of 90 days, rotated by the sweep")
                        .fleet(d -> {
                            d.account("prod/a", ofDays(3));
                            d.account("prod/b", ofDays(15));
                            d.account("prod/c", ofDays(29));
                        })
                        .told("1 overlap"),
                healthy("secrets of four days, rotated each day")
                        .with("SecretExpiresAfterHours", "96")
                        .with("RotateAfterHours", "24")
                        .with("OverlapHours", "12")
                        .fleet(d -> {
                            d.account("prod/a", ofHours(5), ofDays(4), Map.of());
                            d.account("prod/b", ofHours(20), ofDays(4), Map.of());
                        })
                        .told("2 overlap"),
                healthy("secrets of eight hours, rotated each fourth")
                        .with("SweepIntervalMinutes", "30")
                        .with("SecretExpiresAfterHours", "8")
                        .with("RotateAfterHours", "4")
                        .with("OverlapHours", "1")
                        .fleet(d -> d.account("prod/a", ofHours(1), ofHours(8), Map.of()))
                        .told("1 overlap"),
                healthy("rotations by Secrets Manager, each week")
                        .fleet(d -> {
                            d.rotates(d.account("prod/a", ofDays(3)), ofDays(7));
                            d.rotates(d.account("prod/b", ofDays(6)), ofDays(7));
                        })
                        .told("2 overlap"),
                healthy("the work queue, and Atlas down for twenty minutes each third day")
                        .withBusyQueue()
                        .fleet(d -> hourlyWork(d))
                        .trouble(d -> atTheNextSweep(
                                d,
                                ofDays(3),
                                () -> briefly(
                                        d, ofMinutes(20), atlas(AtlasErrors.internalError(Moment.BEFORE_EFFECT)))))
                        .told("ATLAS_UNAVAILABLE"),
                healthy("a deployment each week, during which a sweep is missed")
                        .trouble(d -> d.every(ofDays(7), () -> {
                            d.schedule = Schedule.OFF;
                            d.testbed.restart();
                            d.at(ofHours(1), () -> d.schedule = Schedule.ON);
                        })),
                healthy("a sweep that crashes each second day, and succeeds when it is repeated")
                        .trouble(d -> atTheNextSweep(d, ofDays(2), () -> {
                            d.function = Function.CRASHES;
                            // Each sweep begins within the minute after its time, and is repeated a minute later.
                            d.at(ofMinutes(3).plusSeconds(55), () -> d.function = Function.WORKS);
                        })),
                healthy("Atlas throttles for an hour each week, and is down for ten minutes each fifth day")
                        .trouble(d -> {
                            d.every(ofDays(7), () -> briefly(d, ofHours(1), atlas(AtlasErrors.tooManyRequests(30))));
                            atTheNextSweep(
                                    d,
                                    ofDays(5),
                                    () -> briefly(
                                            d, ofMinutes(10), atlas(AtlasErrors.internalError(Moment.BEFORE_EFFECT))));
                        })
                        .told("THROTTLED"),
                healthy("people who look, rotate and revoke by hand")
                        .trouble(d -> {
                            d.every(ofHours(31), () -> d.byHand("{\"action\":\"status\"}"));
                            d.every(ofHours(47), () -> d.byHand("{\"action\":\"sweep\",\"dryRun\":true}"));
                            d.every(
                                    ofDays(4),
                                    () -> d.byHand("{\"action\":\"rotate\",\"secretId\":\"" + ORDERS + "\"}"));
                            d.every(
                                    ofDays(9),
                                    () -> d.byHand("{\"action\":\"rotate\",\"secretId\":\"" + BILLING
                                            + "\",\"revokeOld\":true}"));
                        })
                        .told("1 overlap"),
                healthy("a deployment that only observes, and nothing is due").with("SweepMode", "observe"),
                healthy("two sweeps a day")
                        .with("SweepIntervalMinutes", "720")
                        .fleet(d -> {
                            d.account("prod/a", ofDays(10));
                            d.account("prod/b", ofDays(29));
                        })
                        .told("1 overlap"),
                healthy("a sweep each quarter of an hour, which takes 14 minutes")
                        .with("SweepIntervalMinutes", "15")
                        .fleet(d -> d.account(ORDERS, ofDays(20)))
                        .trouble(d -> d.sweepTakes = ofMinutes(14))
                        .told("1 overlap"),
                healthy("another deployment of the region is in trouble").beside(d -> {
                    deletedInAtlas(d, ORDERS);
                    d.every(
                            ofHours(30),
                            () -> d.rotationEvent(
                                    "RotationFailed",
                                    d.kept(BILLING).arn(),
                                    Optional.of("was not made current by Lambda " + d.functionArn() + ":live")));
                    d.at(ofDays(10), () -> d.schedule = Schedule.OFF);
                }),
                healthy("a fleet without any account").fleet(d -> {}));
    }

    // ---- troubles

    private static Faults atlas(Fault fault) {
        return call -> call.service() == Call.Service.ATLAS ? fault : new Fault.None();
    }

    private static Faults secretsManager(Fault fault) {
        return call -> call.service() == Call.Service.SECRETS_MANAGER ? fault : new Fault.None();
    }

    private static Faults reading(Fault fault) {
        return operation(name -> name.endsWith("GetSecretValue"), fault);
    }

    private static Faults operation(Predicate<String> which, Fault fault) {
        return call -> which.test(call.operation()) ? fault : new Fault.None();
    }

    /** The last step of a rotation is not allowed. */
    private static Faults finishing() {
        return operation("UpdateSecretVersionStage"::equals, SecretsManagerErrors.accessDenied());
    }

    private static void briefly(Deployment d, Duration time, Faults faults) {
        d.testbed.faults(faults);
        d.at(time, () -> d.testbed.faults(Faults.none()));
    }

    /** Three minutes before a sweep, and again and again. */
    private static void atTheNextSweep(Deployment d, Duration pause, Runnable work) {
        d.at(d.interval().minusMinutes(5), () -> d.every(pause, work));
    }

    private static void worksAgain(Deployment d) {
        d.function = Function.WORKS;
        d.queuesAreEmptied();
    }

    /** Accounts that are rotated each fifth hour, one after the other: each sweep has something to enqueue. */
    private static void hourlyWork(Deployment d) {
        for (int i = 0; i < 5; i++) {
            d.account("prod/often-" + i, ofHours(i), ofHours(32), Map.of());
        }
    }

    private static void bySecretsManager(Deployment d, Duration age) {
        d.account(BILLING, ofDays(3));
        d.rotates(d.account("prod/attached", age), ofDays(300));
    }

    private static void accessList(Deployment d, AccessList state) {
        d.testbed.atlas.rules(rules -> rules.accessList(state));
    }

    private static void granted(Deployment d, String name, String... roles) {
        d.testbed.atlas.grant(d.kept(name).clientId(), d.testbed.project().id(), roles);
    }

    private static void deletedInAtlas(Deployment d, String name) {
        var kept = d.kept(name);
        d.testbed.atlas.deleteSecret(kept.clientId(), kept.first().id());
    }

    /** Whatever the account has is deleted in Atlas. */
    private static void lockedOut(Deployment d, String name) {
        var kept = d.kept(name);
        d.testbed.idsAtAtlas(kept).forEach(id -> d.testbed.atlas.deleteSecret(kept.clientId(), id));
    }

    private static void madeByHand(Deployment d, String name) {
        d.testbed.atlas.createSecret(d.kept(name).clientId(), 2160);
    }

    private static void foreignDeleted(Deployment d, String name) {
        var kept = d.kept(name);
        var mine = d.testbed.currentAtAtlas(kept).orElseThrow();
        d.testbed.idsAtAtlas(kept).stream()
                .filter(id -> !id.equals(mine))
                .forEach(id -> d.testbed.atlas.deleteSecret(kept.clientId(), id));
    }

    private static void pastedWrong(Deployment d, String name, String letter) {
        var changes = new HashMap<String, Object>();
        changes.put("clientSecret", "mdb_sa_sk_" + letter.repeat(40));
        d.testbed.changedByHand(d.kept(name), changes);
    }

    /** Somebody makes a secret in Atlas and stores it with its id. */
    private static void pastedNew(Deployment d, String name) {
        var kept = d.kept(name);
        var made = d.testbed.atlas.createSecret(kept.clientId(), 2160);
        d.testbed.changedByHand(kept, Map.of("clientSecret", made.value(), "secretId", made.id()));
    }
}
