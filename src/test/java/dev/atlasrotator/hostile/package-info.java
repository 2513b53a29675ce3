/**
 * The function against whoever writes its events, its stored values and its services' answers. What
 * is found by chance here gets a test with a name of its own.
 */
@NullMarked
package dev.atlasrotator.hostile;

import org.jspecify.annotations.NullMarked;
