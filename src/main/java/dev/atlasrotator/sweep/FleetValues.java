package dev.atlasrotator.sweep;

import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.log.Log;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.secretsmanager.SecretVault;
import dev.atlasrotator.secretsmanager.SecretVault.Reading;
import dev.atlasrotator.secretsmanager.SecretVault.VersionSelector;
import dev.atlasrotator.secretsmanager.StoredSecret;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Gatherers;
import java.util.stream.Stream;

/**
 * Reads the values of the stored secrets that a walk works on. What it cannot read, or is not asked to work on, may hold the
 * same accounts all the same.
 */
final class FleetValues {
    /** Values come in batches of so many (BatchGetSecretValue's bound). */
    static final int BATCH = 20;

    private final SecretVault vault;
    private final AccountIsolation isolation;
    private final Log log;
    private final SideBySide sideBySide;
    private final Deadline deadline;
    private final Queue<ListedSecret> others = new ConcurrentLinkedQueue<>();

    FleetValues(SecretVault vault, AccountIsolation isolation, Log log, SideBySide sideBySide, Deadline deadline) {
        this.vault = vault;
        this.isolation = isolation;
        this.log = log;
        this.sideBySide = sideBySide;
        this.deadline = deadline;
    }

    /** One by one: runs of the queue get them by name, and batches have a small quota. */
    List<ListedSecret> oneByOne(List<StoredSecret> secrets, Predicate<List<StoredSecret>> isReached) {
        return read(secrets, 1, isReached, arns -> Map.of(arns.getFirst(), value(arns.getFirst())));
    }

    /** In batches, in the order of the stored secrets. */
    List<ListedSecret> inBatches(List<StoredSecret> secrets, Predicate<List<StoredSecret>> isReached) {
        return read(secrets, BATCH, isReached, arns -> vault.readCurrent(arns, deadline));
    }

    /** The value under AWSCURRENT of one. */
    Reading value(String arn) {
        return vault.read(arn, new VersionSelector.Staged(StoredSecret.CURRENT), deadline);
    }

    private List<ListedSecret> read(
            List<StoredSecret> secrets,
            int atOnce,
            Predicate<List<StoredSecret>> isReached,
            Function<List<String>, Map<String, Reading>> reading) {
        var values = new ConcurrentHashMap<String, Reading>();
        var left = ConcurrentHashMap.<String>newKeySet();
        each(secrets, atOnce, batch -> {
            if (!isReached.test(batch)) {
                left.addAll(arns(batch));
                return;
            }
            try {
                values.putAll(reading.apply(arns(batch)));
            } catch (RotatorException failure) {
                left.addAll(failed(batch, failure));
            } catch (RuntimeException defect) {
                left.addAll(failed(batch, log.defect(defect)));
            }
        });
        var listed = listed(secrets, values).collect(Collectors.partitioningBy(one -> left.contains(one.arn())));
        others.addAll(listed.getOrDefault(true, List.of()));
        return listed.getOrDefault(false, List.of());
    }

    private void each(List<StoredSecret> secrets, int atOnce, Consumer<List<StoredSecret>> task) {
        sideBySide.each(secrets.stream().gather(Gatherers.windowFixed(atOnce)).toList(), task);
    }

    private List<String> failed(List<StoredSecret> batch, RotatorException failure) {
        batch.stream()
                .map(stored -> new ListedSecret(stored, Optional.empty()))
                .forEach(one -> isolation.failed(one.arn(), Optional.of(one), failure));
        return arns(batch);
    }

    /** Stored secrets with those values that came. */
    static Stream<ListedSecret> listed(List<StoredSecret> secrets, Map<String, Reading> values) {
        return secrets.stream().map(one -> new ListedSecret(one, Optional.ofNullable(values.get(one.arn()))));
    }

    static List<String> arns(List<StoredSecret> secrets) {
        return secrets.stream().map(StoredSecret::arn).toList();
    }

    /** Reads the rest of the fleet as well, if only to know who shares an account. What keeps it from that is one finding. */
    void readRest(FleetListing listing, List<ListedSecret> members) {
        var known = Stream.concat(members.stream(), others.stream())
                .map(ListedSecret::arn)
                .collect(Collectors.toSet());
        var failures = new ConcurrentLinkedQueue<RotatorException>();
        var values = new ConcurrentHashMap<String, Reading>();
        var rest = rest(listing, known, failures);
        each(rest, BATCH, batch -> {
            try {
                values.putAll(vault.readCurrent(arns(batch), deadline));
            } catch (RotatorException failure) {
                failures.add(failure);
            }
        });
        others.addAll(listed(rest, values).toList());
        failures.stream().findFirst().ifPresent(isolation::failed);
    }

    private static List<StoredSecret> rest(
            FleetListing listing, Set<String> known, Collection<RotatorException> failures) {
        try {
            return listing.listed().stream()
                    .filter(one -> !known.contains(one.arn()))
                    .toList();
        } catch (RotatorException failure) {
            failures.add(failure);
            return List.of();
        }
    }

    /** Those that are not worked on, and may hold the same accounts. */
    Stream<ListedSecret> others() {
        return others.stream();
    }
}
