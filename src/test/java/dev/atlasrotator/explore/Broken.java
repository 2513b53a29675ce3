package dev.atlasrotator.explore;

/** A promise that was broken, in the words of the promises. */
record Broken(Promise promise, String how) {
    /** The promises of {@code docs/specification.md}, and what else must hold. */
    enum Promise {
        CURRENT_WORKS(1, "what AWSCURRENT holds works"),
        OVERLAP(2, "a superseded secret lives through its overlap"),
        ONLY_OURS_IS_DELETED(3, "nothing that no attempt accounts for is deleted, nor the last"),
        NOTHING_LEFT_BEHIND(4, "nothing is left behind"),
        REPEATABLE(5, "a run that dies is finished or undone by the next"),
        DEAD_PENDING_GIVEN_UP(6, "what can never work is given up, and a rotation can begin"),
        NOTHING_PRINTED(7, "no secret, token or key is printed"),
        CREATE_CAN_BE_ENDED(8, "a create is begun only when it can be ended"),
        NO_DETOUR(9, "nobody gets through us what they could not get without us"),
        URGENCY_IS_TOLD(10, "a rotation that is in progress after a create is said to be urgent"),
        MOVED_AS_SEEN(0, "AWSCURRENT is moved from where it was seen, or not at all"),
        DECLARED_ERRORS_ONLY(0, "only the declared kinds of errors come out"),
        ADVICE(0, "nobody is locked out by what a report or an error advises"),
        TOLD_AS_IT_IS(0, "a report says of each secret what it is"),
        REVOKED(0, "a revocation that ends well leaves nothing of what it revokes"),
        OTHERS_STOP_NOBODY(0, "what is not ours to manage stops nobody");

        private final int number;
        private final String words;

        Promise(int number, String words) {
            this.number = number;
            this.words = words;
        }

        @Override
        public String toString() {
            return number == 0 ? words : number + " (" + words + ")";
        }
    }

    @Override
    public String toString() {
        return "promise " + promise + ": " + how;
    }
}
