package dev.atlasrotator.sweep;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toSet;

import dev.atlasrotator.atlas.ServiceAccounts;
import dev.atlasrotator.atlas.ServiceAccounts.Answer;
import dev.atlasrotator.atlas.ServiceAccounts.Profile;
import dev.atlasrotator.credential.AtlasCredential;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.ClientId;
import dev.atlasrotator.credential.Scope;
import dev.atlasrotator.credential.StoredValue;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.policy.RotationOwner;
import dev.atlasrotator.report.Unmanaged;
import dev.atlasrotator.report.Unmanaged.UnmanagedAccount;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.StoredSecret;
import dev.atlasrotator.snapshot.AdminCredentials;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Gatherers;
import java.util.stream.Stream;

/**
 * Finds what no sweep reads: accounts without a managed stored secret, and stored secrets that are attached to this
 * function and have no tag. Reads, and changes nothing.
 */
public record Discovery(
        SecretVault vault, ServiceAccounts accounts, AdminCredentials admins, SweepParts.Bounds bounds) {
    private record Place(Scope scope, AtlasCredential admin) {}

    /**
     * Asks both services.
     *
     * @param function this function's ARN, if it runs in Lambda
     * @throws RotatorException.Configuration if no admin credential can be used
     */
    public Unmanaged discover(Optional<String> function, Deadline deadline) {
        var began = deadline.clock().instant();
        var stored = list(deadline);
        var tagged = stored.stream()
                .filter(one -> one.tags().containsKey(bounds.tag()))
                .toList();
        var listed = read(tagged, deadline);
        var managed = listed.stream()
                .flatMap(one -> one.account(bounds.tag()).stream())
                .collect(toSet());
        var places =
                places(listed.stream().flatMap(one -> one.parsed().stream()).toList(), deadline);
        if (places.isEmpty()) {
            throw new RotatorException.Configuration("""
                To find accounts that nobody manages, an admin credential is needed that can be read \
                (ADMIN_SECRET_ID, or adminSecretArn in a value), and one managed stored secret. Nothing was changed.\
                """);
        }
        var found = new LinkedHashMap<ClientId, UnmanagedAccount>();
        var unread = listed.stream()
                .filter(one -> one.account(bounds.tag()).isEmpty())
                .map(one -> "The value of %s is not understood: its account may be among these."
                        .formatted(one.stored().name()))
                .collect(toCollection(ArrayList::new));
        for (Place place : places) {
            switch (accounts.profiles(place.scope(), place.admin(), deadline)) {
                case Answer.Given<List<Profile>>(List<Profile> profiles, Instant at) ->
                    profiles.stream()
                            .filter(one -> !managed.contains(one.clientId()))
                            .forEach(one -> found.putIfAbsent(one.clientId(), unmanaged(place.scope(), one, at)));
                case Answer.NotAuthenticated<List<Profile>>(String why) -> unread.add(why);
                case Answer.Denied<List<Profile>>(int status, String code, String why) -> unread.add(why);
            }
        }
        return new Unmanaged(
                began,
                found.values().stream()
                        .sorted(Comparator.comparing(Discovery::expiry))
                        .toList(),
                stored.stream()
                        .filter(one -> !one.tags().containsKey(bounds.tag()) && isAttached(one, function))
                        .toList(),
                unread);
    }

    private List<StoredSecret> list(Deadline deadline) {
        var all = new ArrayList<StoredSecret>();
        var page = vault.list(Optional.empty(), bounds.namePrefix(), Optional.empty(), deadline);
        all.addAll(page.secrets());
        while (page.next().isPresent()) {
            page = vault.list(Optional.empty(), bounds.namePrefix(), page.next(), deadline);
            all.addAll(page.secrets());
        }
        return all;
    }

    /** With their values, where these can be read; what is wrong with the others, {@code check} says. */
    private List<ListedSecret> read(List<StoredSecret> tagged, Deadline deadline) {
        return tagged.stream()
                .gather(Gatherers.windowFixed(FleetValues.BATCH))
                .flatMap(batch -> FleetValues.listed(batch, vault.readCurrent(FleetValues.arns(batch), deadline)))
                .toList();
    }

    /** Each project and organization in which a managed account lives, with an admin credential for it. */
    private Set<Place> places(List<StoredValue> values, Deadline deadline) {
        var places = new LinkedHashSet<Place>();
        Map<Optional<String>, Optional<AtlasCredential>> known = new LinkedHashMap<>();
        for (StoredValue value : values) {
            known.computeIfAbsent(value.adminSecretArn(), arn -> admin(value, deadline))
                    .ifPresent(admin -> Stream.concat(Stream.of(value.account()), value.otherwise().stream())
                            .forEach(account -> places.add(new Place(account.scope(), admin))));
        }
        return places;
    }

    private Optional<AtlasCredential> admin(StoredValue value, Deadline deadline) {
        try {
            return admins.forValue(value, deadline);
        } catch (RotatorException unreadable) {
            return Optional.empty(); // check names it
        }
    }

    private static UnmanagedAccount unmanaged(Scope scope, Profile profile, Instant now) {
        return new UnmanagedAccount(
                profile.clientId(),
                scope,
                profile.name(),
                profile.secrets().stream()
                        .map(AtlasSecret::expiresAt)
                        .filter(now::isBefore)
                        .min(Comparator.naturalOrder()),
                profile.secrets().size());
    }

    private static Instant expiry(UnmanagedAccount account) {
        return account.expiresAt().orElse(Instant.MAX);
    }

    private static boolean isAttached(StoredSecret stored, Optional<String> function) {
        return stored.rotationLambdaArn().isPresent()
                && function.isPresent()
                && RotationOwner.of(stored, function) instanceof RotationOwner.BySecretsManager;
    }
}
