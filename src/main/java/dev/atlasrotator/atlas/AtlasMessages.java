package dev.atlasrotator.atlas;

import dev.atlasrotator.atlas.CallResult.Effect;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException.Unavailable;
import dev.atlasrotator.retry.Deadline;

/** The sentences for what goes wrong with Atlas: what happened, what holds now, what to do. */
final class AtlasMessages {
    private AtlasMessages() {}

    static Unavailable lost(AtlasRequest request, CallResult.Lost lost) {
        return new Unavailable(lost.code(), lostAnswer(request, lost) + " " + lost.advice());
    }

    /** The same without what to do, where the caller knows that better. */
    static String lostAnswer(AtlasRequest request, CallResult.Lost lost) {
        return "Atlas %s (%s). %s".formatted(lost.how(), named(request), state(request, lost.effect()));
    }

    /** Throttled, or out of order. */
    static Unavailable notNow(AtlasRequest request, AtlasResponse reply, Deadline deadline) {
        return new Unavailable(
                reply.verdict() == AtlasResponse.Verdict.THROTTLED ? Code.THROTTLED : Code.ATLAS_UNAVAILABLE,
                badAnswer(request, reply, deadline) + " Try again later.",
                reply.retryAfter());
    }

    /** The same without what to do. */
    static String badAnswer(AtlasRequest request, AtlasResponse reply, Deadline deadline) {
        var left = deadline.left();
        var wait = reply.retryAfter()
                .map(pause -> " It asks callers to wait %d s%s"
                        .formatted(
                                pause.toSeconds(),
                                pause.compareTo(left) < 0
                                        ? "."
                                        : ", and %d s of this run are left.".formatted(left.toSeconds())))
                .orElse("");
        var effect = reply.verdict() == AtlasResponse.Verdict.THROTTLED ? Effect.NONE : Effect.UNKNOWN;
        return heard(request, reply) + wait + " " + state(request, effect);
    }

    static Unavailable unclear(AtlasRequest request, AtlasResponse reply) {
        return new Unavailable(Code.ATLAS_UNAVAILABLE, heard(request, reply) + """
             That does not say whether the credential is good. This call changed nothing; check ATLAS_BASE_URL \
            and what is between the function and Atlas.\
            """);
    }

    static Unavailable unreadable(AtlasRequest request, String why) {
        return new Unavailable(
                Code.ATLAS_UNAVAILABLE,
                unreadableAnswer(request, why) + " Try again later; if it stays so, check ATLAS_BASE_URL.");
    }

    /** The same without what to do. */
    static String unreadableAnswer(AtlasRequest request, String why) {
        return "Atlas's answer cannot be used: %s (%s). %s"
                .formatted(why, named(request), state(request, Effect.UNKNOWN));
    }

    /** A final refusal. */
    static String refusal(AtlasRequest request, AtlasResponse reply) {
        return heard(request, reply) + " " + state(request, Effect.NONE) + " " + advice(reply);
    }

    private static String advice(AtlasResponse reply) {
        if (reply.verdict() == AtlasResponse.Verdict.REDIRECT) {
            return "That is a redirect, and a credential is never sent after one: check ATLAS_BASE_URL.";
        }
        return switch (reply.error().code()) {
            case "IP_ADDRESS_NOT_ON_ACCESS_LIST", "ORG_REQUIRES_ACCESS_LIST" ->
                "Put the address from which the function calls on the IP access list.";
            case String other ->
                switch (reply.status()) {
                    case 401 -> """
                        The credential authenticates, but has no access here: check that it belongs to this project or \
                        organization.\
                        """;
                    case 403 -> "Check the roles of the credential that was used.";
                    case 404 -> "Check the ids of the account and where it lives.";
                    default -> "Trying again does not help; see what Atlas says.";
                };
        };
    }

    private static String heard(AtlasRequest request, AtlasResponse reply) {
        var error = reply.error();
        return "Atlas answered %s (%s)%s"
                .formatted(
                        (reply.status() + " " + error.code()).strip(),
                        named(request),
                        error.detail().isEmpty() ? "." : ": \"" + error.detail() + "\".");
    }

    private static String named(AtlasRequest request) {
        return request.operation().word() + ", " + request.subject();
    }

    private static String state(AtlasRequest request, Effect effect) {
        boolean perhaps = effect == Effect.UNKNOWN;
        return switch (request.operation()) {
            case CREATE_SECRET -> perhaps ? "A secret may have been created." : "No secret was created.";
            case DELETE_SECRET -> perhaps ? "The secret may be gone or not." : "The secret was not deleted.";
            // And no more is known here: a run may have done something before it.
            case MINT_TOKEN, REVOKE_TOKEN, READ_ACCOUNT, LIST_ACCOUNTS, READ_PROJECT, READ_SETTINGS ->
                "This call changed nothing.";
        };
    }
}
