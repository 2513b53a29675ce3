package dev.atlasrotator.simulator.secretsmanager;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Function;

/** Describes a state without ids and without absolute dates. */
final class SecretsFingerprint {
    private final Instant now;
    private final Function<StoredValue, String> valueName;
    private final StringBuilder text = new StringBuilder(256);

    SecretsFingerprint(Instant now, Function<StoredValue, String> valueName) {
        this.now = now;
        this.valueName = valueName;
    }

    String of(SecretsCore core, SecretRotation rotation) {
        var secrets = core.state.all(now, SecretsState.NOW);
        secrets.sort(Comparator.comparing(secret -> secret.name));
        for (var secret : secrets) {
            add(secret, core);
        }
        for (var due : rotation.waiting()) {
            text.append("due ").append(due.functionArn()).append(due.testOnly() ? " test" : " all");
            core.state
                    .find(due.secretArn(), now, SecretsState.NOW)
                    .ifPresent(secret -> text.append(' ')
                            .append(secret.name)
                            .append(' ')
                            .append(secret.version(due.token())
                                    .map(secret.versions::indexOf)
                                    .orElse(-1)));
            text.append('\n');
        }
        return text.toString();
    }

    private void add(StoredSecret secret, SecretsCore core) {
        text.append(secret.name);
        age(" changed", Optional.of(secret.changed));
        age(" rotated", secret.rotated);
        age(" deletion", secret.deletion);
        age(" next", secret.nextRotation);
        secret.rotationEnabled.ifPresent(enabled -> text.append(" rotation ").append(enabled));
        secret.rotationFunctionArn.ifPresent(arn -> text.append(" by ").append(arn));
        secret.tags.ifPresent(tags -> text.append(" tags ").append(tags));
        secret.type.ifPresent(type -> text.append(" type ").append(type));
        secret.owningService.ifPresent(service -> text.append(" of ").append(service));
        secret.primaryRegion.ifPresent(region -> text.append(" from ").append(region));
        text.append('\n');
        for (var version : secret.versions) {
            text.append(' ').append(version.stages());
            text.append(version.registered() ? " registered " : " put ");
            text.append(core.temporary.contains(version.id()) ? "temporary " : "");
            text.append(version.value().map(valueName).orElse("-"));
            age("", Optional.of(version.created()));
            text.append('\n');
        }
    }

    private void age(String what, Optional<Instant> date) {
        date.ifPresent(then ->
                text.append(what).append(' ').append(Duration.between(then, now).toMillis()));
    }
}
