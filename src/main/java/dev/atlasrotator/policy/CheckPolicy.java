package dev.atlasrotator.policy;

import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.Scope;
import dev.atlasrotator.failure.Severity;
import dev.atlasrotator.finding.AccessFinding.LifetimeRefused;
import dev.atlasrotator.finding.AccessFinding.NotChecked;
import dev.atlasrotator.finding.AccessFinding.NotTagged;
import dev.atlasrotator.finding.AccessFinding.RoleMissing;
import dev.atlasrotator.finding.AccessFinding.RotatesBySecretsManager;
import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.finding.Margin;
import dev.atlasrotator.policy.CreatePolicy.Overlap;
import dev.atlasrotator.policy.Decision.ToRotate;
import dev.atlasrotator.policy.Readiness.Next;
import dev.atlasrotator.snapshot.AtlasAccess.By;
import dev.atlasrotator.snapshot.Permissions;
import dev.atlasrotator.snapshot.RotationTimes;
import dev.atlasrotator.snapshot.Snapshot;
import dev.atlasrotator.snapshot.Snapshot.AtlasView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What would keep an account from rotating: {@code docs/specification.md}, "Check". Pure. */
public final class CheckPolicy {
    private static final String PROJECT_OWNER = "GROUP_OWNER";
    private static final String ORGANIZATION_OWNER = "ORG_OWNER";

    /** Only an attempt tells: the function does not write to find out. */
    private static final List<String> NEVER_CHECKED =
            List.of("permission to store a new value", "permission to encrypt with the KMS key");

    private static final String LIFETIME = "the organization's longest lifetime of a secret";

    private static final String ROLES = "the account's own roles in Atlas";

    private static final String ADMIN = "permission of the admin credential to create and delete secrets";

    private final RotationTimes times;
    private final String managedTag;
    private final CreatePolicy createPolicy;

    public CheckPolicy(RotationTimes times, String managedTag) {
        this.times = times;
        this.managedTag = managedTag;
        this.createPolicy = new CreatePolicy(times);
    }

    /**
     * What a check says.
     *
     * @param findings beside those of a sweep
     */
    public record Result(List<Finding> findings, Readiness readiness) {}

    /**
     * Whether the account will rotate, and what would keep it from that.
     *
     * @param known the findings of a sweep
     */
    public Result check(Snapshot seen, RotationOwner owner, Permissions permissions, List<Finding> known) {
        var decision = createPolicy.decideForRun(seen, Overlap.KEPT);
        boolean isExternal = owner instanceof RotationOwner.External;
        var refusal = decision instanceof Decision.Refuse refuse ? refuse.findings() : List.<Finding>of();
        var obstacles = Stream.of(roleMissing(seen, permissions), lifetimeRefused(seen, permissions))
                .flatMap(Optional::stream)
                .toList();
        var notTagged = notTagged(seen);
        var notChecked = notChecked(seen, permissions);

        var codes = known.stream().map(Finding::code).collect(Collectors.toSet());
        var findings = Stream.of(
                        isExternal ? List.<Finding>of() : refusal,
                        obstacles,
                        notTagged.stream().toList(),
                        bySecretsManager(seen, owner),
                        notChecked)
                .flatMap(List::stream)
                .filter(one -> !codes.contains(one.code()))
                .toList();

        boolean isReady = !isExternal
                && !(owner instanceof RotationOwner.Direct && notTagged.isPresent())
                && obstacles.isEmpty()
                // What goes by itself keeps no account from rotating.
                && refusal.stream().allMatch(one -> one.severity() == Severity.INFO);
        return new Result(
                findings,
                new Readiness(
                        isReady, next(seen, owner, decision), seen.current().readers(), unknown(seen, permissions)));
    }

    private static List<String> unknown(Snapshot seen, Permissions permissions) {
        var unknown = new ArrayList<>(NEVER_CHECKED);
        if (seen.atlas() instanceof AtlasView.Open open) {
            if (open.access().by() == By.ADMIN) {
                unknown.add(ADMIN);
            } else if (permissions.roles().isEmpty()) {
                unknown.add(ROLES);
            }
        }
        if (!permissions.lifetimeIsKnown()) {
            unknown.add(LIFETIME);
        }
        return List.copyOf(unknown);
    }

    private static List<Finding> bySecretsManager(Snapshot seen, RotationOwner owner) {
        return owner instanceof RotationOwner.BySecretsManager
                ? List.of(new RotatesBySecretsManager(seen.stored().name()))
                : List.of();
    }

    /** Where Atlas lets nobody in, that says more. */
    private static List<Finding> notChecked(Snapshot seen, Permissions permissions) {
        return seen.atlas() instanceof AtlasView.Open && !permissions.lifetimeIsKnown()
                ? List.of(new NotChecked(LIFETIME))
                : List.of();
    }

    private static Optional<Finding> roleMissing(Snapshot seen, Permissions permissions) {
        var needed = seen.account().scope() instanceof Scope.Project ? PROJECT_OWNER : ORGANIZATION_OWNER;
        return permissions
                .roles()
                .filter(roles -> !roles.contains(needed) && !roles.contains(ORGANIZATION_OWNER))
                .map(roles -> new RoleMissing(seen.account(), needed, seen.margin()));
    }

    private Optional<Finding> lifetimeRefused(Snapshot seen, Permissions permissions) {
        int hours = times(seen).lifetimeHours();
        return permissions.lifetimeHoursMax().stream()
                .filter(most -> hours > most)
                .<Finding>mapToObj(most -> new LifetimeRefused(seen.account(), hours, most))
                .findFirst();
    }

    private Optional<Finding> notTagged(Snapshot seen) {
        var stored = seen.stored();
        return stored.tags().containsKey(managedTag)
                ? Optional.empty()
                : Optional.of(new NotTagged(stored.name(), managedTag));
    }

    private Next next(Snapshot seen, RotationOwner owner, ToRotate decision) {
        if (owner instanceof RotationOwner.External(String why)) return new Next("nothing: " + why, Optional.empty());
        return switch (decision) {
            case Decision.Refuse(List<Finding> why) ->
                new Next(
                        "nothing: " + why.getFirst().code(),
                        why.getFirst().entry().facts().retryAt());
            case ToRotate rotate -> new Next(rotate.toString(), due(seen, owner));
        };
    }

    /** By age where no schedule of Secrets Manager's decides, and below the margin in any case. */
    private Optional<Instant> due(Snapshot seen, RotationOwner owner) {
        return seen.currentSecret().map(current -> {
            var byMargin = current.expiresAt().minus(Margin.of(lifetime(current)));
            var byAge = current.createdAt().plus(times(seen).rotateAfter());
            var due = owner instanceof RotationOwner.Direct && byAge.isBefore(byMargin) ? byAge : byMargin;
            return due.isBefore(seen.now()) ? seen.now() : due;
        });
    }

    private static Duration lifetime(AtlasSecret secret) {
        return Duration.between(secret.createdAt(), secret.expiresAt());
    }

    private RotationTimes times(Snapshot seen) {
        return times.of(seen.current());
    }
}
