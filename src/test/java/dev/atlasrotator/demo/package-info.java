/** The function shown at work, for somebody who has never seen Atlas. */
@NullMarked
package dev.atlasrotator.demo;

import org.jspecify.annotations.NullMarked;
