package dev.atlasrotator.simulator.secretsmanager;

import java.time.Instant;

/**
 * One thing that has happened at the stand-in; never a value.
 *
 * @param at when, by the service's clock
 * @param operation the operation, or the event of a rotation that has ended ({@code RotationFailed}
 *     and so on)
 * @param secret the ARN; what the request named if there is no such secret; empty if it is about
 *     none
 * @param version the version id that the request named; empty if none
 * @param outcome {@code ok}, the error's code, or what a fault made of it
 */
public record SecretsLedgerEntry(Instant at, String operation, String secret, String version, String outcome) {}
