package dev.atlasrotator.sweep;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.failure.Severity;
import dev.atlasrotator.finding.Failed;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.Margin;
import dev.atlasrotator.finding.RotationFinding.RotationNotRead;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.report.AccountReport;
import dev.atlasrotator.report.FleetReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** One account's failure stays its own: it goes into the report, and the others go on. */
record AccountIsolation(FleetReport report, Log log) {
    /**
     * Works on one account.
     *
     * @param member the stored secret as it was listed, where it was
     * @param task gives the account's entry to its argument as soon as there is one
     */
    void run(String secretId, Optional<ListedSecret> member, Consumer<Consumer<AccountReport>> task) {
        var entries = new ArrayList<AccountReport>(1);
        Log.around(Map.of("secret", secretId), () -> {
            try {
                task.accept(entries::add);
                entries.forEach(this::add);
            } catch (RotatorException failure) {
                add(failed(secretId, member, entries.stream().findFirst(), failure));
            } catch (RuntimeException unexpected) {
                add(failed(secretId, member, entries.stream().findFirst(), log.defect(unexpected)));
            }
            return report;
        });
    }

    /** Each finding that somebody must hear of is a line of the log, from which the dashboard lists them. */
    void add(AccountReport entry) {
        for (Finding finding : entry.findings()) {
            if (finding.severity() != Severity.INFO || finding instanceof Failed) {
                log(finding, Map.of("name", entry.name()));
            }
        }
        report.add(entry);
    }

    private void log(Finding finding, Map<String, String> more) {
        var level = switch (finding.severity()) {
            case CRITICAL -> Log.Level.ERROR;
            case WARNING -> Log.Level.WARN;
            case INFO -> Log.Level.INFO;
        };
        var fields = new LinkedHashMap<String, String>(more);
        fields.put("code", finding.code().name());
        fields.put("severity", finding.severity().text());
        log.line(level, finding.code() + ": " + finding.text(), fields);
    }

    /**
     * The entry of an account that failed; what had been seen and done before stays in it.
     *
     * @param member the stored secret as it was listed, where it was
     */
    private AccountReport failed(
            String secretId, Optional<ListedSecret> member, Optional<AccountReport> entry, RotatorException failure) {
        if (entry.isPresent()) {
            return entry.get().failed(failure, entry.get().margin(report.at()));
        }
        var margin = member.map(one -> one.margin(report.at())).orElse(Margin.AMPLE);
        var failed = AccountReport.failed(secretId, failure, margin);
        // Promise 10: the labels tell that a rotation is in progress, and what that has made at Atlas has shortened the
        // lifetime of the secret in use.
        return member.flatMap(one -> one.stored().attempt())
                .map(pending -> failed.and(new RotationNotRead(pending.value())))
                .orElse(failed);
    }

    /** An account that failed before anything was seen of it. */
    void failed(String secretId, Optional<ListedSecret> member, RotatorException failure) {
        add(failed(secretId, member, Optional.empty(), failure));
    }

    /** Something is wrong with the deployment, and not with one account. */
    void failed(RotatorException failure) {
        log(report.add(failure), Map.of());
    }
}
