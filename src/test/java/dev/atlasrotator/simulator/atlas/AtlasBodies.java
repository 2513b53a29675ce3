package dev.atlasrotator.simulator.atlas;

import dev.atlasrotator.simulator.atlas.AtlasState.Account;
import dev.atlasrotator.simulator.atlas.AtlasState.Secret;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the Admin API's good answers hold. A secret's value is in one of them only: the create's.
 */
final class AtlasBodies {
    private AtlasBodies() {}

    static Map<String, Object> account(Account account, AtlasRoute route, AtlasRules rules, Instant now) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("clientId", account.clientId());
        body.put("createdAt", AtlasTimes.json(account.createdAt()));
        body.put("description", "A service account of the stand-in");
        body.put("name", account.name());
        body.put("roles", account.grants().in(route.scopeId()).stream().sorted().toList());
        List<Object> secrets = new ArrayList<>(2);
        for (Secret secret : account.secrets()) {
            secrets.add(oldSecret(secret, rules, now));
        }
        body.put("secrets", secrets);
        return body;
    }

    /** With its value and without a mask. */
    static Map<String, Object> newSecret(Secret secret) {
        Map<String, Object> body = frame(secret);
        body.put("secret", secret.value());
        body.put("lastUsedAt", null);
        return body;
    }

    /** With a mask and without its value. */
    private static Map<String, Object> oldSecret(Secret secret, AtlasRules rules, Instant now) {
        Map<String, Object> body = frame(secret);
        body.put(
                "lastUsedAt",
                secret.lastUseUpTo(now.minus(rules.lastUsedLag))
                        .map(AtlasTimes::json)
                        .orElse(null));
        body.put("maskedSecretValue", mask(secret.value(), rules.mask));
        return body;
    }

    private static Map<String, Object> frame(Secret secret) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("id", secret.id());
        body.put("createdAt", AtlasTimes.json(secret.createdAt()));
        body.put("expiresAt", AtlasTimes.json(secret.expiresAt()));
        return body;
    }

    private static String mask(String value, AtlasRules.Mask shown) {
        return switch (shown) {
            case STARS -> "mdb_sa_sk_********";
            case SHOWS_END -> "mdb_sa_sk_****" + value.substring(value.length() - 4);
        };
    }

    static List<Object> links(AtlasRoute route, int page, int size, boolean more) {
        List<Object> links = new ArrayList<>(3);
        links.add(link(route, "self", page, size));
        if (page > 1) {
            links.add(link(route, "previous", page - 1, size));
        }
        if (more) {
            links.add(link(route, "next", page + 1, size));
        }
        return links;
    }

    private static Map<String, Object> link(AtlasRoute route, String relation, int page, int size) {
        String space = route.space() == AtlasRoute.Space.GROUPS ? "groups" : "orgs";
        Map<String, Object> link = new LinkedHashMap<>();
        link.put("rel", relation);
        link.put(
                "href",
                "https://cloud.mongodb.com/api/atlas/v2/"
                        + space
                        + "/"
                        + route.scopeId()
                        + "/serviceAccounts?pageNum="
                        + page
                        + "&itemsPerPage="
                        + size);
        return link;
    }
}
