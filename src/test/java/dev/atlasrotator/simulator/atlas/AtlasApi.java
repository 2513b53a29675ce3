package dev.atlasrotator.simulator.atlas;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.atlasrotator.simulator.atlas.AtlasRules.AccessList;
import dev.atlasrotator.simulator.atlas.AtlasRules.RateLimits;
import dev.atlasrotator.simulator.atlas.AtlasRules.WideAccounts;
import dev.atlasrotator.simulator.atlas.AtlasState.Account;
import dev.atlasrotator.simulator.atlas.AtlasState.Grants;
import dev.atlasrotator.simulator.atlas.AtlasState.Secret;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The Admin API's answer to one request: version, credential, limits, access list, membership and
 * role, then the operation. Where nobody has written in which order Atlas checks, this one is ours.
 */
final class AtlasApi {
    /** The one version that has the service accounts' secrets. */
    private static final LocalDate VERSION = LocalDate.of(2024, 8, 5);

    private static final Map<String, String> AS_JSON =
            Map.of("content-type", "application/vnd.atlas." + VERSION + "+json;charset=utf-8");
    private static final Pattern ACCEPT = Pattern.compile("application/vnd\\.atlas\\.([^+]*)\\+json");
    private static final Pattern BODY_TYPE = Pattern.compile("application/(vnd\\.atlas\\.[0-9-]+\\+)?json(\\s*;.*)?");
    private static final int MIN_HOURS = 8;
    private static final String HOURS = "secretExpiresAfterHours";

    /** Ends the call with an answer. */
    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient AtlasAnswer answer;

        Refusal(AtlasAnswer answer) {
            super(null, null, false, false);
            this.answer = answer;
        }
    }

    private record Caller(AtlasActor actor, Grants grants) {}

    private final AtlasState state;
    private final AtlasRules rules;
    private final Instant now;
    private final AtlasDigest digest;

    AtlasApi(AtlasState state, AtlasRules rules, Instant now) {
        this.state = state;
        this.rules = rules;
        this.now = now;
        this.digest = new AtlasDigest(state, rules, now);
    }

    AtlasAnswer answer(AtlasRequest request, AtlasRoute route) {
        AtlasAnswer answer;
        try {
            checkVersion(request);
            Caller caller = caller(request);
            String organizationId = organizationOf(route);
            takeFromBucket(route);
            checkAccessList();
            checkMembership(caller.grants(), route.scopeId(), organizationId);
            answer = switch (route.operation()) {
                case READ_PROJECT -> project(route, organizationId);
                case LIST_ACCOUNTS -> list(route, caller, organizationId);
                case CREATE_ACCOUNT -> createAccount(request, route, caller, organizationId);
                case DELETE_ACCOUNT -> deleteAccount(route, caller, organizationId);
                case READ_ACCOUNT -> read(route, caller, organizationId);
                case READ_SETTINGS -> settings(organizationId);
                case CREATE_SECRET -> create(request, route, caller, organizationId);
                case DELETE_SECRET -> delete(route, caller, organizationId);
                case MINT_TOKEN, REVOKE_TOKEN -> throw new IllegalStateException("belongs to the token endpoint");
            };
        } catch (Refusal refusal) {
            answer = refusal.answer;
        }
        return withLimits(answer, route);
    }

    /** Later dates resolve downward (inferred from what MongoDB's own clients send). */
    private static void checkVersion(AtlasRequest request) {
        Matcher version = ACCEPT.matcher(request.header("accept"));
        if (!version.find()) {
            throw refuse(406, "INVALID_VERSION_DATE", "A version is needed: application/vnd.atlas.YYYY-MM-DD+json");
        }
        try {
            if (!LocalDate.parse(version.group(1)).isBefore(VERSION)) {
                return;
            }
        } catch (DateTimeParseException nonsense) {
            // Refused as a date that is too early is.
        }
        throw refuse(400, "INVALID_VERSION_DATE", "There is no such version.");
    }

    private Caller caller(AtlasRequest request) {
        String authorization = request.header("authorization");
        if (authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
            String token = authorization.substring(7).strip();
            var owner = state.ownerOf(token, now);
            var known = state.token(token, now);
            if (owner.isPresent() && known.isPresent()) {
                return new Caller(
                        new AtlasActor.ServiceAccount(
                                owner.get().clientId(), known.get().secretId()),
                        owner.get().grants());
            }
            throw new Refusal(unauthorized().with("www-authenticate", "Bearer error=\"invalid_token\""));
        }
        return switch (digest.verify(request)) {
            case AtlasDigest.Verdict.Accepted(AtlasState.Key key) ->
                new Caller(new AtlasActor.ApiKey(key.publicKey()), key.grants());
            case AtlasDigest.Verdict.Wrong() ->
                throw new Refusal(unauthorized().with("www-authenticate", digest.challenge(false)));
            case AtlasDigest.Verdict.Stale() ->
                throw new Refusal(unauthorized().with("www-authenticate", digest.challenge(true)));
            case AtlasDigest.Verdict.OtherTarget() ->
                throw refuse(400, "INVALID_AUTHORIZATION", "The digest is for another target.");
        };
    }

    private static AtlasAnswer unauthorized() {
        return AtlasErrors.apiError(401, "NOT_AUTHORIZED", "You are not authorized for this resource.");
    }

    private void checkAccessList() {
        if (rules.accessList == AccessList.REFUSES_ADDRESS) {
            throw refuse(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST", "Address not on the access list.");
        }
        if (rules.accessList == AccessList.MISSING) {
            throw refuse(403, "ORG_REQUIRES_ACCESS_LIST", "The organization requires an access list.");
        }
    }

    /** The organization that the path leads to. */
    private String organizationOf(AtlasRoute route) {
        if (route.space() == AtlasRoute.Space.GROUPS) {
            AtlasState.Project project = state.projects.get(route.scopeId());
            if (project == null) {
                throw refuse(404, "GROUP_NOT_FOUND", "No project has this id.");
            }
            return project.organizationId();
        }
        if (!state.organizations.containsKey(route.scopeId())) {
            throw refuse(404, "ORG_NOT_FOUND", "No organization has this id.");
        }
        return route.scopeId();
    }

    /** Who is not a member gets a 401, not a 403. */
    private static void checkMembership(Grants grants, String scopeId, String organizationId) {
        if (grants.in(scopeId).isEmpty() && !grants.in(organizationId).contains(AtlasModel.ORG_OWNER)) {
            throw refuse(401, "NOT_A_MEMBER", "The caller is not a member of it.");
        }
    }

    /**
     * Rule 6: Project Owner for projects, Organization Owner for organizations (and for every
     * project in them).
     */
    private void checkMayManage(Caller caller, AtlasRoute route, Account account, String organizationId) {
        boolean wide = account.grants().roles().keySet().stream()
                        .filter(state.projects::containsKey)
                        .count()
                > 1;
        checkOwner(caller, route, organizationId, !wide || rules.wideAccounts == WideAccounts.PROJECT_OWNER_MAY);
    }

    private static void checkOwner(
            Caller caller, AtlasRoute route, String organizationId, boolean projectOwnerIsEnough) {
        Set<String> roles = caller.grants().in(route.scopeId());
        boolean organizationOwner = caller.grants().in(organizationId).contains(AtlasModel.ORG_OWNER);
        if (!organizationOwner && !(roles.contains(AtlasModel.PROJECT_OWNER) && projectOwnerIsEnough)) {
            throw refuse(403, "USER_UNAUTHORIZED", "The caller's role does not allow this.");
        }
    }

    /**
     * Reading needs Project Read Only, which every role in a project includes, or Organization Read
     * Only.
     */
    private void checkMayRead(Caller caller, AtlasRoute route, String organizationId) {
        if (route.space() == AtlasRoute.Space.GROUPS) {
            return;
        }
        Set<String> roles = caller.grants().in(organizationId);
        if (!roles.contains(AtlasModel.ORG_OWNER) && !roles.contains(AtlasModel.ORG_READ_ONLY)) {
            throw refuse(403, "USER_UNAUTHORIZED", "The caller's role does not allow this.");
        }
    }

    private Account account(AtlasRoute route) {
        Account account = state.accounts.get(route.clientId());
        // A fleet has thousands of members in one organization, so the list is searched for guests
        // only.
        boolean here = account != null
                && (account.home().id().equals(route.scopeId())
                        || state.membersOf(route.scopeId()).contains(route.clientId()));
        if (account == null || !here) {
            throw refuse(404, "SERVICE_ACCOUNT_NOT_FOUND", "No such service account here.");
        }
        return account;
    }

    private AtlasAnswer list(AtlasRoute route, Caller caller, String organizationId) {
        checkMayRead(caller, route, organizationId);
        int page = number(route, "pageNum", 1, Integer.MAX_VALUE, 1);
        int size = number(route, "itemsPerPage", 1, 500, 100);
        List<Object> otherAccounts = state.otherAccountsOf(route.scopeId());
        List<String> members = state.membersOf(route.scopeId());
        int all = otherAccounts.size() + members.size();
        int from = (int) Math.min(all, (page - 1L) * size);
        int to = Math.min(all, from + size);
        List<Object> results = new ArrayList<>(to - from);
        for (int i = from; i < to; i++) {
            results.add(
                    i < otherAccounts.size()
                            ? otherAccounts.get(i)
                            : AtlasBodies.account(
                                    state.account(members.get(i - otherAccounts.size())), route, rules, now));
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("links", AtlasBodies.links(route, page, size, to < all));
        body.put("results", results);
        body.put("totalCount", all);
        return answer(200, body);
    }

    private static int number(AtlasRoute route, String name, int least, int most, int otherwise) {
        String text = route.query().get(name);
        if (text == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException nonsense) {
            // Refused as a number out of bounds is.
        }
        throw new Refusal(AtlasErrors.badField("INVALID_QUERY_PARAMETER", name, "Out of bounds."));
    }

    /** Atlas Administration API, "Return One Project". It has no clusters here. */
    private static AtlasAnswer project(AtlasRoute route, String organizationId) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("id", route.scopeId());
        body.put("orgId", organizationId);
        body.put("name", "project of the stand-in");
        body.put("clusterCount", 0);
        return answer(200, body);
    }

    private AtlasAnswer createAccount(AtlasRequest request, AtlasRoute route, Caller caller, String organizationId) {
        checkOwner(caller, route, organizationId, true);
        Map<String, Object> body = body(request, "name", "description", "roles", HOURS);
        int hours = hours(body, state.organization(organizationId).maxHours());
        String name = text(body, "name");
        text(body, "description");
        if (!(body.get("roles") instanceof List<?> roles) || roles.isEmpty()) {
            throw new Refusal(AtlasErrors.badField("INVALID_ATTRIBUTE", "roles", "At least one is needed."));
        }
        AtlasScope home = route.space() == AtlasRoute.Space.GROUPS
                ? new AtlasScope.Project(route.scopeId())
                : new AtlasScope.Organization(route.scopeId());
        Set<String> granted = roles.stream().map(String::valueOf).collect(Collectors.toUnmodifiableSet());
        Account account = state.account(state.addAccount(home, now, granted)).named(name);
        Secret secret = state.addSecret(account, now, hours, caller.actor());
        Map<String, Object> created = AtlasBodies.account(account, route, rules, now);
        created.put("secrets", List.of(AtlasBodies.newSecret(secret)));
        return answer(201, created);
    }

    private static String text(Map<String, Object> body, String field) {
        if (body.get(field) instanceof String text && !text.isEmpty()) {
            return text;
        }
        throw new Refusal(AtlasErrors.badField("INVALID_ATTRIBUTE", field, "A text is needed."));
    }

    private AtlasAnswer deleteAccount(AtlasRoute route, Caller caller, String organizationId) {
        Account account = account(route);
        checkMayManage(caller, route, account, organizationId);
        state.deleteAccount(account, now, caller.actor());
        return AtlasAnswer.of(204, Map.of(), "");
    }

    private AtlasAnswer read(AtlasRoute route, Caller caller, String organizationId) {
        checkMayRead(caller, route, organizationId);
        return answer(200, AtlasBodies.account(account(route), route, rules, now));
    }

    /**
     * Atlas Administration API, "Return Settings for One Organization": of its fields the one that we read. Every
     * member may.
     */
    private AtlasAnswer settings(String organizationId) {
        var hours = state.organization(organizationId).maxHours();
        return answer(
                200, new LinkedHashMap<>(Map.<String, Object>of("maxServiceAccountSecretValidityInHours", hours)));
    }

    private AtlasAnswer create(AtlasRequest request, AtlasRoute route, Caller caller, String organizationId) {
        Account account = account(route);
        checkMayManage(caller, route, account, organizationId);
        int hours =
                hours(body(request, HOURS), state.organization(organizationId).maxHours());
        if (now.isBefore(account.lastCreate().plus(rules.createsCollideWithin))) {
            throw refuse(409, "DATA_CONCURRENCY_ERROR", "The data was changed by another request.");
        }
        if (account.secrets().size() >= AtlasModel.MOST_SECRETS) {
            throw refuse(rules.fullStatus, rules.fullCode, "The account has two secrets already.");
        }
        boolean collisionsMatter = !rules.createsCollideWithin.isZero();
        Secret secret =
                state.addSecret(collisionsMatter ? account.createdSecretAt(now) : account, now, hours, caller.actor());
        return answer(201, AtlasBodies.newSecret(secret));
    }

    private static Map<String, Object> body(AtlasRequest request, String... fields) {
        if (!BODY_TYPE
                .matcher(request.header("content-type").toLowerCase(Locale.ROOT))
                .matches()) {
            throw refuse(415, "UNSUPPORTED_MEDIA_TYPE", "The body must be JSON.");
        }
        Map<String, Object> body;
        try {
            body = JSON.std.mapFrom(request.body());
        } catch (IOException malformed) {
            throw refuse(400, "MALFORMED_JSON", "The body is not a JSON object.");
        }
        for (String name : body.keySet()) {
            if (!List.of(fields).contains(name)) {
                throw new Refusal(AtlasErrors.badField("INVALID_ATTRIBUTE", name, "Unknown."));
            }
        }
        for (String field : fields) {
            if (!body.containsKey(field)) {
                throw new Refusal(AtlasErrors.badField("MISSING_ATTRIBUTE", field, "Required."));
            }
        }
        return body;
    }

    private static int hours(Map<String, Object> body, int maxHours) {
        if (!(body.get(HOURS) instanceof Integer hours) || hours < MIN_HOURS || hours > maxHours) {
            throw new Refusal(AtlasErrors.badField(
                    "INVALID_ATTRIBUTE", HOURS, "Must be an integer from " + MIN_HOURS + " to " + maxHours + "."));
        }
        return hours;
    }

    private AtlasAnswer delete(AtlasRoute route, Caller caller, String organizationId) {
        Account account = account(route);
        checkMayManage(caller, route, account, organizationId);
        if (account.secret(route.secretId()).isEmpty()) {
            throw refuse(404, "SERVICE_ACCOUNT_SECRET_NOT_FOUND", "No such secret.");
        }
        state.deleteSecret(account, route.secretId(), now, caller.actor());
        return AtlasAnswer.of(204, Map.of(), "");
    }

    private void takeFromBucket(AtlasRoute route) {
        if (rules.rateLimits == RateLimits.OFF) {
            return;
        }
        AtlasState.Bucket bucket = bucket(route);
        if (bucket.left() >= 1) {
            state.buckets.put(route.scopeId(), new AtlasState.Bucket(bucket.left() - 1, now));
            return;
        }
        state.buckets.put(route.scopeId(), bucket);
        AtlasAnswer answer = AtlasErrors.rateLimited();
        if (rules.rateLimits == RateLimits.ON) {
            long seconds = (long) Math.ceil((1 - bucket.left()) * 60 / Limit.of(route).backPerMinute);
            answer = answer.with("retry-after", Long.toString(Math.max(1, seconds)));
        }
        throw new Refusal(answer);
    }

    private enum Limit {
        PROJECT(1200, 500),
        ORGANIZATION(500, 250);

        final int most;
        final int backPerMinute;

        Limit(int most, int backPerMinute) {
            this.most = most;
            this.backPerMinute = backPerMinute;
        }

        static Limit of(AtlasRoute route) {
            return route.space() == AtlasRoute.Space.GROUPS ? PROJECT : ORGANIZATION;
        }
    }

    private AtlasState.Bucket bucket(AtlasRoute route) {
        Limit limit = Limit.of(route);
        AtlasState.Bucket bucket = state.buckets.get(route.scopeId());
        if (bucket == null) {
            return new AtlasState.Bucket(limit.most, now);
        }
        double back = Duration.between(bucket.at(), now).toMillis() * limit.backPerMinute / 60_000.0;
        return new AtlasState.Bucket(Math.min(limit.most, bucket.left() + back), now);
    }

    private AtlasAnswer withLimits(AtlasAnswer answer, AtlasRoute route) {
        if (rules.rateLimits == RateLimits.OFF || !state.buckets.containsKey(route.scopeId())) {
            return answer;
        }
        return answer.with("ratelimit-limit", Integer.toString(Limit.of(route).most))
                .with("ratelimit-remaining", Integer.toString((int)
                        bucket(route).left()));
    }

    private static AtlasAnswer answer(int status, Map<String, Object> body) {
        try {
            return new AtlasAnswer(status, AS_JSON, AtlasErrors.JSON_WITH_NULLS.asBytes(body));
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static Refusal refuse(int status, String errorCode, String detail) {
        return new Refusal(AtlasErrors.apiError(status, errorCode, detail));
    }
}
