package dev.atlasrotator.credential;

import dev.atlasrotator.failure.RotatorException;
import java.util.regex.Pattern;

/** Atlas's id of a client secret, 24 hexadecimal digits (Atlas's API description). Not secret itself. */
public record SecretId(String value) {
    private static final Pattern FORM = Pattern.compile("[a-f0-9]{24}");

    public SecretId {
        if (!FORM.matcher(value).matches()) {
            throw new RotatorException.Credential(
                    "secretId is not an Atlas secret id: expected 24 hexadecimal digits in lower case"
                            + Whitespace.andIn(value));
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
