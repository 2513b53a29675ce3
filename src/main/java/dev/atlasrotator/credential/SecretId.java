package dev.atlasrotator.credential;

import java.util.regex.Pattern;

/** Atlas's id of a client secret, 24 hexadecimal digits (Atlas's API description). Not secret itself. */
public record SecretId(String value) {
    private static final Pattern FORM = Pattern.compile("[a-f0-9]{24}");

    public SecretId {
        Whitespace.require(
                FORM, value, "secretId is not an Atlas secret id: expected 24 hexadecimal digits in lower case");
    }

    @Override
    public String toString() {
        return value;
    }
}
