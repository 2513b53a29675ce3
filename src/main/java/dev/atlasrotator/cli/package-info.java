/**
 * The command line: it sends the function's own events, to this process or to the deployed function, and prints the
 * answers. Nothing in the function needs it, and nothing of it is in the function's zip.
 */
@NullMarked
package dev.atlasrotator.cli;

import org.jspecify.annotations.NullMarked;
