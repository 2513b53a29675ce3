/** An Atlas credential, and the value that holds it in Secrets Manager. */
@NullMarked
package dev.atlasrotator.credential;

import org.jspecify.annotations.NullMarked;
