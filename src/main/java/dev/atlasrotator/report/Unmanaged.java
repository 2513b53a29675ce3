package dev.atlasrotator.report;

import dev.atlasrotator.credential.ClientId;
import dev.atlasrotator.credential.Scope;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.secretsmanager.StoredSecret;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The answer of {@code discover}: what no sweep reads.
 *
 * @param accounts without a managed stored secret, the next to expire first
 * @param notTagged attached to this function, and without the tag that puts them into the sweep
 * @param unread what could not be read: a project or an organization, with what Atlas said; a stored secret
 */
public record Unmanaged(
        Instant at, List<UnmanagedAccount> accounts, List<StoredSecret> notTagged, List<String> unread) {
    /**
     * An account at Atlas.
     *
     * @param expiresAt when the first of its living secrets expires; empty where it has none
     * @param secrets how many it has
     */
    public record UnmanagedAccount(
            ClientId clientId, Scope scope, Optional<String> name, Optional<Instant> expiresAt, int secrets) {}

    public String json() {
        var json = new LinkedHashMap<String, Object>();
        json.put("action", "discover");
        json.put("at", at.toString());
        json.put("unmanaged", accounts.stream().map(Unmanaged::json).toList());
        json.put(
                "notTagged",
                notTagged.stream()
                        .map(one -> Map.of("secretArn", one.arn(), "name", one.name()))
                        .toList());
        json.put("unread", unread);
        return Json.text(json);
    }

    private static Map<String, Object> json(UnmanagedAccount account) {
        var json = new LinkedHashMap<String, Object>();
        json.put("clientId", account.clientId().value());
        json.put(account.scope().key(), account.scope().id());
        account.name().ifPresent(name -> json.put("name", name));
        account.expiresAt().ifPresent(at -> json.put("expiresAt", at.toString()));
        json.put("secrets", account.secrets());
        return json;
    }
}
