@NullMarked
package dev.atlasrotator.sweep;

import org.jspecify.annotations.NullMarked;
