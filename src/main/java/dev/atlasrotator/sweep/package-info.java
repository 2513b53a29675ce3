/** Many accounts: order, time, and one's trouble kept from the others. */
@NullMarked
package dev.atlasrotator.sweep;

import org.jspecify.annotations.NullMarked;
