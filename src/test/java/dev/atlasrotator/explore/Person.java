package dev.atlasrotator.explore;

import dev.atlasrotator.explore.Stored.Life;
import dev.atlasrotator.fake.SecretsManagerError;
import dev.atlasrotator.json.Json;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whoever may do by hand what they like with one stored secret and its account. */
record Person(Universe universe, Stored one) {
    /** Makes an Atlas secret, where there is room. */
    Optional<Life> make() {
        if (one.there.size() >= 2) {
            return Optional.empty();
        }
        var issued = universe.atlas.createSecret(one.clientId, 2160);
        universe.watch.look();
        return one.life(issued.id());
    }

    /**
     * Writes a value with an Atlas secret that they make for it, where there is room.
     *
     * @param recorded whether its id stands beside it
     */
    void write(boolean recorded) {
        make().ifPresent(
                        life -> {
                            said("writes a new value with " + life.id);
                            var value = new LinkedHashMap<String, Object>();
                            value.put("clientId", one.clientId);
                            value.put("clientSecret", life.value);
                            value.put("groupId", one.groupId);
                            if (recorded) {
                                value.put("secretId", life.id);
                            }
                            put(value);
                        });
    }

    /** Writes this value. */
    void put(Map<String, Object> value) {
        call(
                "PutSecretValue",
                Map.of(
                        "ClientRequestToken",
                        universe.newToken(),
                        "SecretString",
                        Json.text(value)));
    }

    /** Signs in with an Atlas secret that they have made and nobody has stored. */
    void useWhatTheyHaveMade() {
        one.living().stream()
                .filter(life -> !life.wasCurrent && life.maker.isEmpty())
                .findFirst()
                .flatMap(life -> universe.atlas.signIn(one.clientId, life.value))
                .ifPresent(
                        token -> {
                            universe.atlas.signOut(token);
                            said("uses what they have made");
                        });
    }

    /** Deletes what a run has made and nobody uses yet. */
    void deleteWhatIsNew() {
        one.living().stream()
                .filter(life -> life.maker.isPresent() && !life.wasCurrent)
                .findFirst()
                .ifPresent(this::delete);
    }

    /** Deletes an Atlas secret. */
    void delete(Life life) {
        said("deletes " + life.id + " at Atlas");
        universe.atlas.deleteSecret(one.clientId, life.id);
        universe.watch.look();
    }

    /** Moves AWSCURRENT to the previous version, where there is one. */
    void goBack() {
        var previous = universe.secretsManager.versionUnder(one.arn, "AWSPREVIOUS");
        var current = one.current;
        if (previous.isPresent() && current != null) {
            said("goes back to the previous version of " + one.name);
            moveCurrent(previous.get(), current);
        }
    }

    /** Moves AWSCURRENT. */
    void moveCurrent(String to, String from) {
        call(
                "UpdateSecretVersionStage",
                Map.of(
                        "VersionStage",
                        "AWSCURRENT",
                        "MoveToVersionId",
                        to,
                        "RemoveFromVersionId",
                        from));
    }

    /** Ends an attempt. */
    void takePendingOff() {
        one.attempt.ifPresent(
                pending -> {
                    said("takes AWSPENDING off " + one.name);
                    call(
                            "UpdateSecretVersionStage",
                            Map.of("VersionStage", "AWSPENDING", "RemoveFromVersionId", pending));
                });
    }

    /** Sets the tag. */
    void tag(String value) {
        call("TagResource", Map.of("Tags", List.of(Map.of("Key", Universe.TAG, "Value", value))));
    }

    /**
     * Has Secrets Manager begin a rotation.
     *
     * @return its token, whether or not it has begun
     */
    String beginRotation() {
        var token = universe.newToken();
        call("RotateSecret", Map.of("ClientRequestToken", token));
        return token;
    }

    void said(String what) {
        universe.note(() -> "a person " + what);
    }

    private void call(String operation, Map<String, Object> members) {
        var all = new LinkedHashMap<>(members);
        all.put("SecretId", one.arn);
        try {
            universe.secretsManager.call(operation, all);
        } catch (SecretsManagerError refused) {
            universe.note(() -> "    " + operation + " is refused: " + refused.code());
        }
        universe.watch.look();
    }
}
