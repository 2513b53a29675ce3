/** The one door to the JSON library. */
@NullMarked
package dev.atlasrotator.json;

import org.jspecify.annotations.NullMarked;
