/** The command line and its table. Nothing in the function needs it. */
@NullMarked
package dev.atlasrotator.cli;

import org.jspecify.annotations.NullMarked;
