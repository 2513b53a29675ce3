package dev.atlasrotator.policy;

import dev.atlasrotator.finding.Finding;
import java.util.List;

/**
 * What an account needs today, and what its owner should know. A value; nothing has happened yet.
 *
 * @param findings what a person should do or know
 */
public record Assessment(AccountState state, Decision decision, List<Finding> findings) {}
