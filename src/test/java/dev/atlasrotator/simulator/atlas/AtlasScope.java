package dev.atlasrotator.simulator.atlas;

/**
 * Where an account lives: a project ({@code groups} in paths) or an organization ({@code orgs}).
 */
public sealed interface AtlasScope {
    /** 24 hex digits. */
    String id();

    /** A project. */
    record Project(String id) implements AtlasScope {}

    /** An organization. */
    record Organization(String id) implements AtlasScope {}
}
