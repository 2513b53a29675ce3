/** The only package that uses the JSON library. */
@NullMarked
package dev.atlasrotator.json;

import org.jspecify.annotations.NullMarked;
