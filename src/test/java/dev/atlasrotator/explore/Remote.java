package dev.atlasrotator.explore;

import static dev.atlasrotator.explore.CallOutcome.FAILS;
import static dev.atlasrotator.explore.CallOutcome.IS_LOST;
import static dev.atlasrotator.explore.CallOutcome.IS_REFUSED;
import static dev.atlasrotator.explore.CallOutcome.IS_STALE;
import static dev.atlasrotator.explore.CallOutcome.KILLS;
import static dev.atlasrotator.explore.CallOutcome.KILLS_AFTERWARDS;
import static dev.atlasrotator.explore.CallOutcome.PASSES;

import dev.atlasrotator.simulator.Call;
import java.util.List;

/** The kinds of remote calls, by what may become of them. */
enum Remote {
    /** A read at Atlas leaves at most a sign-in behind. */
    READ_ATLAS(PASSES, FAILS, KILLS),
    VERIFY(PASSES, FAILS, IS_LOST, KILLS),
    CREATE(PASSES, FAILS, IS_LOST, IS_REFUSED, KILLS, KILLS_AFTERWARDS),
    DELETE(PASSES, FAILS, IS_LOST, IS_REFUSED, KILLS, KILLS_AFTERWARDS),
    READ_VAULT(PASSES, FAILS, IS_STALE, KILLS),
    PUT(PASSES, FAILS, IS_LOST, IS_REFUSED, KILLS, KILLS_AFTERWARDS),
    MOVE(PASSES, FAILS, IS_LOST, KILLS, KILLS_AFTERWARDS),
    REQUEST(PASSES, FAILS, IS_LOST, KILLS, KILLS_AFTERWARDS),
    /** What people do works, and we look no closer. */
    BY_HAND(PASSES);

    @SuppressWarnings("ImmutableEnumChecker") // List.of is
    private final List<CallOutcome> verdicts;

    Remote(CallOutcome... verdicts) {
        this.verdicts = List.of(verdicts);
    }

    /** What may become of it; the first is that it passes. */
    List<CallOutcome> verdicts() {
        return verdicts;
    }

    /** The kind of a call as a stand-in names it. */
    static Remote of(Call call) {
        return switch (call.operation()) {
            case "mintToken", "revokeToken" -> VERIFY;
            case "createSecret" -> CREATE;
            case "deleteSecret" -> DELETE;
            case "readAccount", "listAccounts" -> READ_ATLAS;
            case "PutSecretValue" -> PUT;
            case "UpdateSecretVersionStage" -> MOVE;
            case "RotateSecret" -> REQUEST;
            default -> READ_VAULT;
        };
    }
}
