package dev.atlasrotator.cli;

/** A command that could not be done; its message is for the error output. Nothing in it is secret. */
final class NotDone extends RuntimeException {
    NotDone(String message) {
        super(message);
    }
}
