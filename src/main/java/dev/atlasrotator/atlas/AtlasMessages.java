package dev.atlasrotator.atlas;

import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException.Unavailable;
import dev.atlasrotator.retry.Deadline;

/** The sentences for what goes wrong with Atlas: what happened, what holds now, what to do. */
final class AtlasMessages {
    private AtlasMessages() {}

    static Unavailable lost(AtlasRequest request, String subject, CallResult.Lost lost) {
        return new Unavailable(lost.code(), lostAnswer(request, subject, lost) + " " + lost.advice());
    }

    /** The same without what to do, where whoever asked knows that better. */
    static String lostAnswer(AtlasRequest request, String subject, CallResult.Lost lost) {
        return "Atlas " + lost.how() + " (" + named(request, subject) + "). " + state(request, lost.seen());
    }

    /** Throttled, or out of order. */
    static Unavailable notNow(AtlasRequest request, String subject, AtlasResponse reply, Deadline deadline) {
        return new Unavailable(
                reply.verdict() == AtlasResponse.Verdict.NOT_NOW ? Code.THROTTLED : Code.ATLAS_UNAVAILABLE,
                badAnswer(request, subject, reply, deadline) + " Try again later.",
                reply.retryAfter());
    }

    /** The same without what to do. */
    static String badAnswer(AtlasRequest request, String subject, AtlasResponse reply, Deadline deadline) {
        var left = deadline.left();
        var wait = reply.retryAfter()
                .map(pause -> " It asks to be left alone for "
                        + pause.toSeconds()
                        + " s"
                        + (pause.compareTo(left) < 0 ? "." : ", and " + left.toSeconds() + " s of this run are left."))
                .orElse("");
        return heard(request, subject, reply) + wait + " "
                + state(request, reply.verdict() != AtlasResponse.Verdict.NOT_NOW);
    }

    static Unavailable redirect(AtlasRequest request, String subject, AtlasResponse reply) {
        return new Unavailable(Code.ATLAS_UNAVAILABLE, refusal(request, subject, reply));
    }

    static Unavailable unclear(AtlasRequest request, String subject, AtlasResponse reply) {
        return new Unavailable(
                Code.ATLAS_UNAVAILABLE,
                heard(request, subject, reply)
                        + " That does not say whether the credential is good. This call changed"
                        + " nothing; check ATLAS_BASE_URL and what stands between the function and"
                        + " Atlas.");
    }

    static Unavailable unreadable(AtlasRequest request, String subject, String why) {
        return new Unavailable(
                Code.ATLAS_UNAVAILABLE,
                unreadableAnswer(request, subject, why) + " Try again later; if it stays so, check ATLAS_BASE_URL.");
    }

    /** The same without what to do. */
    static String unreadableAnswer(AtlasRequest request, String subject, String why) {
        return "Atlas's answer cannot be used: " + why + " (" + named(request, subject) + "). " + state(request, true);
    }

    /** A final no, in a sentence for whoever reports it. */
    static String refusal(AtlasRequest request, String subject, AtlasResponse reply) {
        return heard(request, subject, reply) + " " + state(request, false) + " " + advice(reply);
    }

    private static String advice(AtlasResponse reply) {
        if (reply.verdict() == AtlasResponse.Verdict.REDIRECT) {
            return "That is a redirect, and a credential is never sent after one: check" + " ATLAS_BASE_URL.";
        }
        return switch (reply.error().code()) {
            case "IP_ADDRESS_NOT_ON_ACCESS_LIST", "ORG_REQUIRES_ACCESS_LIST" ->
                "Put the address from which the function calls on the API access list.";
            case String other ->
                switch (reply.status()) {
                    case 401 ->
                        "The credential signs in, but is not let in here: check that it"
                                + " belongs to this project or organization.";
                    case 403 -> "Check the roles of the credential that was used.";
                    case 404 -> "Check the ids of the account and where it lives.";
                    default -> "Trying again does not help; see what Atlas says.";
                };
        };
    }

    private static String heard(AtlasRequest request, String subject, AtlasResponse reply) {
        var error = reply.error();
        return "Atlas answered "
                + (reply.status() + " " + error.code()).strip()
                + " ("
                + named(request, subject)
                + ")"
                + (error.detail().isEmpty() ? "." : ": \"" + error.detail() + "\".");
    }

    private static String named(AtlasRequest request, String subject) {
        return request.operation().word() + ", " + subject;
    }

    private static String state(AtlasRequest request, boolean perhaps) {
        return switch (request.operation()) {
            case CREATE_SECRET -> perhaps ? "A secret may have been created." : "No secret was created.";
            case DELETE_SECRET -> perhaps ? "The secret may be gone or not." : "The secret was not deleted.";
            // And no more is known here: a run may have done something before it.
            case MINT_TOKEN, REVOKE_TOKEN, READ_ACCOUNT, LIST_ACCOUNTS -> "This call changed nothing.";
        };
    }
}
