package dev.atlasrotator.sweep;

import dev.atlasrotator.finding.Finding;
import dev.atlasrotator.rotation.Decision;
import java.util.List;

/**
 * What an account needs today, and what its owner should know. A value; nothing has happened yet.
 *
 * @param findings what a person should do or know
 */
public record Assessment(State state, Decision decision, List<Finding> findings) {}
