package dev.atlasrotator.simulator.secretsmanager;

/** How staging labels move: one holder a label, AWSPREVIOUS follows AWSCURRENT. */
final class SecretStages {
    static final String CURRENT = "AWSCURRENT";
    static final String PENDING = "AWSPENDING";
    static final String PREVIOUS = "AWSPREVIOUS";

    private SecretStages() {}

    /** Takes the label from whoever has it. */
    static void detach(StoredSecret draft, String stage) {
        draft.under(stage).ifPresent(holder -> draft.change(holder.id(), version -> version.without(stage)));
    }

    /** Moves the label to this version; whoever had AWSCURRENT becomes AWSPREVIOUS. */
    static void attach(StoredSecret draft, String stage, String versionId) {
        var holder = draft.under(stage).map(SecretVersion::id);
        if (holder.isPresent() && holder.get().equals(versionId)) {
            return;
        }
        detach(draft, stage);
        draft.change(versionId, version -> version.with(stage));
        if (stage.equals(CURRENT)) {
            // A version that becomes current again is no longer the previous one.
            detach(draft, PREVIOUS);
            holder.ifPresent(old -> draft.change(old, version -> version.with(PREVIOUS)));
        }
    }
}
