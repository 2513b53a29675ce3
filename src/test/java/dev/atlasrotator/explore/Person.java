package dev.atlasrotator.explore;

import dev.atlasrotator.json.Json;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerError;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Whoever may do by hand what they like with one stored secret and its account. */
record Person(Simulation simulation, Stored one) {
    /** What they write of the ids that stand beside a {@code clientSecret}. */
    enum Ids {
        /** The right ones. */
        RIGHT,
        /** Whatever stood there before. */
        STALE,
        NONE
    }

    private AtlasAccount account() {
        return simulation.accountOf(one);
    }

    /** Makes an Atlas secret, where there is room. */
    Optional<Life> make() {
        var account = account();
        if (!account.hasRoom()) {
            return Optional.empty();
        }
        var issued = simulation.atlas.createSecret(account.clientId, 2160);
        simulation.invariants.observe();
        return account.life(issued.id());
    }

    /**
     * Writes a value with an Atlas secret that they make for it, where there is room.
     *
     * @param recorded whether its id is beside it
     */
    void write(boolean recorded) {
        make().ifPresent(life -> {
            said("writes a new value with " + life.id);
            put(value(life, recorded ? Ids.RIGHT : Ids.NONE, Map.of()));
        });
    }

    /** Puts this Atlas secret into the stored value, and leaves all other keys as they are. */
    void paste(Life life, Ids ids) {
        said("pastes " + life.id + " into " + one.name + ", ids: " + ids);
        put(value(life, ids, valueNow()));
    }

    /** The same with one that they make, or that somebody has made and nobody has stored. */
    void pasteNew(Ids ids) {
        madeByHand().or(this::make).ifPresent(life -> paste(life, ids));
    }

    /** Whether what is there has been there longer than two clocks can be apart. */
    boolean isSettled() {
        var since = one.movedAt.plus(Duration.ofMinutes(4));
        return since.isBefore(simulation.time.instant());
    }

    /** Of the ids only: the value stays. */
    void recordId(String id) {
        said("writes the secretId " + id + " into " + one.name);
        var value = new LinkedHashMap<>(valueNow());
        value.put("secretId", id);
        put(value);
    }

    /** Stores the value again, with what Atlas says of the secret in it. */
    void storeAgainWithTheRightId() {
        simulation.invariants.currentLife(one).ifPresent(life -> paste(life, Ids.RIGHT));
    }

    /** Stores one that works: one that they make, or a living one that is in some version. */
    void storeAWorkingValue() {
        var now = simulation.atlas.instant();
        make().or(() -> account().living().stream()
                        .filter(life -> life.works(now))
                        .findFirst())
                .ifPresent(life -> paste(life, Ids.RIGHT));
    }

    /**
     * Puts back an older value.
     *
     * @param whole or its {@code clientSecret} alone, into what is there now
     */
    void pasteOlder(boolean whole) {
        var now = valueNow();
        var older = texts().filter(text -> !Stored.clientSecret(text).equals(clientSecretIn(now)))
                .reduce((one, other) -> other);
        older.ifPresent(text -> {
            said("pastes an older value into " + one.name + (whole ? "" : ", in part"));
            if (whole) {
                put(parsed(text));
            } else {
                var value = new LinkedHashMap<>(now);
                Stored.clientSecret(text).ifPresent(secret -> value.put("clientSecret", secret));
                put(value);
            }
        });
    }

    /** Puts this text back, as a tool does that takes every other value for a mistake. */
    void restore(String text) {
        if (!simulation.secretsManager.valueUnder(one.arn, "AWSCURRENT").equals(Optional.of(text))) {
            said("lets a tool restore its value of " + one.name);
            put(parsed(text));
        }
    }

    /** Copies the value of another stored secret into this one. */
    void copyFrom(Stored other) {
        simulation.secretsManager.valueUnder(other.arn, "AWSCURRENT").ifPresent(text -> {
            said("copies " + other.name + " into " + one.name);
            put(parsed(text));
        });
    }

    private Map<String, Object> value(Life life, Ids ids, Map<String, Object> before) {
        var value = new LinkedHashMap<>(before);
        value.put("clientId", life.account.clientId);
        value.put("clientSecret", life.value);
        value.put("groupId", life.account.groupId);
        if (ids != Ids.STALE) {
            value.keySet().removeAll(List.of("secretId", "createdAt", "expiresAt"));
        }
        if (ids == Ids.RIGHT) {
            value.put("secretId", life.id);
        }
        return value;
    }

    private Map<String, Object> valueNow() {
        return simulation
                .secretsManager
                .valueUnder(one.arn, "AWSCURRENT")
                .map(Person::parsed)
                .orElse(Map.of());
    }

    private static Map<String, Object> parsed(String text) {
        return Json.object(text).orElse(Map.of());
    }

    private static Optional<String> clientSecretIn(Map<String, Object> value) {
        return Optional.ofNullable(value.get("clientSecret")).map(String::valueOf);
    }

    /** What the readable versions hold, the oldest first. */
    private Stream<String> texts() {
        return simulation.secretsManager.values(one.arn).stream()
                .filter(text -> Stored.clientSecret(text).isPresent());
    }

    /** Writes this value. */
    void put(Map<String, Object> value) {
        call("PutSecretValue", Map.of("ClientRequestToken", simulation.newToken(), "SecretString", Json.text(value)));
    }

    /** A living Atlas secret that somebody has made by hand and nobody has stored. */
    Optional<Life> madeByHand() {
        return account().living().stream()
                .filter(life -> !life.wasCurrent && life.maker.isEmpty())
                .findFirst();
    }

    /** Signs in with an Atlas secret that they have made and nobody has stored. */
    void useWhatTheyHaveMade() {
        madeByHand()
                .flatMap(life -> simulation.atlas.signIn(life.account.clientId, life.value))
                .ifPresent(token -> {
                    simulation.atlas.signOut(token);
                    said("uses what they have made");
                });
    }

    /** Deletes what a run has made and nobody uses yet. */
    void deleteWhatIsNew() {
        account().living().stream()
                .filter(life -> life.maker.isPresent() && !life.wasCurrent)
                .findFirst()
                .ifPresent(this::delete);
    }

    /** Deletes what no stored secret holds any more. */
    void deleteWhatIsOld() {
        account().living().stream()
                .filter(life -> life.wasCurrent && !simulation.invariants.isHeld(life))
                .findFirst()
                .ifPresent(this::delete);
    }

    /** Deletes an Atlas secret. */
    void delete(Life life) {
        said("deletes " + life.id + " at Atlas");
        simulation.atlas.deleteSecret(life.account.clientId, life.id);
        simulation.invariants.observe();
    }

    /** Moves AWSCURRENT to the previous version, where there is one. */
    void goBack() {
        var previous = simulation.secretsManager.versionUnder(one.arn, "AWSPREVIOUS");
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
                Map.of("VersionStage", "AWSCURRENT", "MoveToVersionId", to, "RemoveFromVersionId", from));
    }

    /** Ends an attempt. */
    void takePendingOff() {
        one.attempt.ifPresent(pending -> {
            said("takes AWSPENDING off " + one.name);
            call("UpdateSecretVersionStage", Map.of("VersionStage", "AWSPENDING", "RemoveFromVersionId", pending));
        });
    }

    /** Sets the tag by which it is managed. */
    void tag(String value) {
        tag(Simulation.TAG, value);
    }

    /** Sets a tag that means nothing to us, and moves LastChangedDate. */
    void tagForSomethingElse() {
        tag("team", "payments");
    }

    private void tag(String key, String value) {
        call("TagResource", Map.of("Tags", List.of(Map.of("Key", key, "Value", value))));
    }

    /** Takes it out of the sweep; whoever read it reads another one from now on. */
    void untag() {
        said("takes the tag off " + one.name);
        simulation.invariants.isLetGo(one);
        call("UntagResource", Map.of("TagKeys", List.of(Simulation.TAG)));
    }

    /**
     * Has Secrets Manager begin a rotation.
     *
     * @return its token, whether or not it has begun
     */
    String beginRotation() {
        var token = simulation.newToken();
        call("RotateSecret", Map.of("ClientRequestToken", token));
        return token;
    }

    void said(String what) {
        simulation.note(() -> "a person " + what);
    }

    private void call(String operation, Map<String, Object> members) {
        var all = new LinkedHashMap<>(members);
        all.put("SecretId", one.arn);
        try {
            simulation.secretsManager.call(operation, all);
        } catch (SecretsManagerError refused) {
            simulation.note(() -> "    " + operation + " is refused: " + refused.code());
        }
        simulation.invariants.observe();
    }
}
