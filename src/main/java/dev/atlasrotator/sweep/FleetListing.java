package dev.atlasrotator.sweep;

import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.report.FleetReport;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.SecretVault.Page;
import dev.atlasrotator.secretsmanager.StoredSecret;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/** Which stored secrets a walk is about. What cannot be among them is in the report. */
record FleetListing(
        SecretVault vault,
        SweepParts.Bounds bounds,
        FleetReport report,
        AccountIsolation isolation,
        Deadline deadline) {
    /** Steps of this part of the fleet never meet the same place again. */
    private static final double GOLDEN_RATIO = 0.618033988749895;

    List<StoredSecret> named(List<String> secretIds, boolean mustBeTagged) {
        // By ARN: two names for the same one must not make two runs side by side of it.
        var described = new LinkedHashMap<String, StoredSecret>();
        for (String secretId : secretIds) {
            if (!deadline.allows(FleetWalk.READ_NEEDS)) {
                report.unfinished(1);
                continue;
            }
            isolation.run(secretId, Optional.empty(), entry -> {
                // Before any call: the role is narrowed in the same way.
                if (!bounds.admits(secretId)) {
                    throw outsideOfPrefix(secretId);
                }
                var stored = vault.describe(secretId, deadline);
                described.putIfAbsent(stored.arn(), stored);
            });
        }
        return described.values().stream()
                .filter(stored -> isManaged(stored, mustBeTagged))
                .toList();
    }

    private RotatorException outsideOfPrefix(String secretId) {
        return new RotatorException.Refused(Code.OWNED_ELSEWHERE, """
            Secret %s is not this function's: its name does not begin with %s (SECRET_NAME_PREFIX). Nothing was \
            changed. Ask the function that manages it, or widen the prefix.\
            """.formatted(secretId, bounds.namePrefix()));
    }

    private boolean isManaged(StoredSecret stored, boolean mustBeTagged) {
        if (stored.deleted()) {
            refused(
                    stored,
                    Code.OWNED_ELSEWHERE,
                    "is scheduled for deletion. Nothing was changed; restore it if it is still needed.");
            return false;
        }
        if (mustBeTagged && !stored.tags().containsKey(bounds.tag())) {
            refused(
                    stored,
                    Code.NOT_TAGGED,
                    "is not managed: it has no tag %s. Nothing was changed. Add the tag, or name it to rotate."
                            .formatted(bounds.tag()));
            return false;
        }
        return true;
    }

    private void refused(StoredSecret stored, Code code, String why) {
        var refused = new RotatorException.Refused(code, "Secret " + stored.name() + " " + why);
        isolation.failed(stored.arn(), Optional.empty(), refused);
    }

    /** The whole fleet. Each sweep begins at another place of it, reckoned from the time. */
    List<StoredSecret> listed() {
        var fleet = new ArrayList<StoredSecret>();
        var page = list(Optional.empty());
        fleet.addAll(page.secrets());
        while (page.next().isPresent()) {
            try {
                page = list(page.next());
            } catch (RotatorException failure) {
                // What can be done on earlier pages must not be lost with the rest.
                isolation.failed(failure);
                report.unfinished(1);
                break;
            }
            fleet.addAll(page.secrets());
        }
        long minute = report.at().getEpochSecond() / 60;
        double turns = minute * GOLDEN_RATIO;
        Collections.rotate(fleet, (int) ((turns - Math.floor(turns)) * fleet.size()));
        return fleet;
    }

    private Page list(Optional<String> page) {
        return vault.list(Optional.of(bounds.tag()), bounds.namePrefix(), page, deadline);
    }
}
