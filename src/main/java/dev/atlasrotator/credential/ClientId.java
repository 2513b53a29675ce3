package dev.atlasrotator.credential;

import java.util.regex.Pattern;

/**
 * The id of an Atlas service account, {@code mdb_sa_id_} and 24 hexadecimal digits (Atlas's API
 * description).
 */
public record ClientId(String value) {
    static final Pattern FORM = Pattern.compile("mdb_sa_id_[a-fA-F0-9]{24}");

    public ClientId {
        Whitespace.require(
                FORM,
                value,
                "clientId is not an Atlas service account id: expected mdb_sa_id_ and 24 hexadecimal digits");
    }

    @Override
    public String toString() {
        return value;
    }
}
