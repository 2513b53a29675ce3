package dev.atlasrotator.credential;

import dev.atlasrotator.failure.RotatorException;
import java.util.regex.Pattern;

/** What a service account belongs to: a project (a group in Atlas's API) or an organization. */
public sealed interface Scope {
    /** Both ids have this form (Atlas's API description). */
    Pattern FORM = Pattern.compile("[a-f0-9]{24}");

    /** The id, 24 hexadecimal digits. */
    String id();

    /** The key under which the report shows the id. */
    String key();

    /** The first two segments of the account's path in Atlas's API. */
    String path();

    record Project(String id) implements Scope {
        public Project {
            check("groupId", id);
        }

        @Override
        public String key() {
            return "groupId";
        }

        @Override
        public String path() {
            return "groups/" + id;
        }
    }

    record Organization(String id) implements Scope {
        public Organization {
            check("orgId", id);
        }

        @Override
        public String key() {
            return "orgId";
        }

        @Override
        public String path() {
            return "orgs/" + id;
        }
    }

    private static void check(String key, String id) {
        if (!FORM.matcher(id).matches()) {
            throw new RotatorException.Credential(
                    key + " is not an Atlas id: expected 24 hexadecimal digits" + Whitespace.andIn(id));
        }
    }
}
