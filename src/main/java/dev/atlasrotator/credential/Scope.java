package dev.atlasrotator.credential;

import java.util.regex.Pattern;

/** What a service account belongs to: a project (a group in Atlas's API) or an organization. */
public sealed interface Scope {
    /** Both ids have this form (Atlas's API description). */
    Pattern FORM = Pattern.compile("[a-f0-9]{24}");

    /** The id, 24 hexadecimal digits. */
    String id();

    /** The key under which the report shows the id. */
    default String key() {
        return this instanceof Project ? "groupId" : "orgId";
    }

    /** The first two segments of the account's path in Atlas's API. */
    default String path() {
        return (this instanceof Project ? "groups/" : "orgs/") + id();
    }

    record Project(String id) implements Scope {
        public Project {
            check("groupId", id);
        }
    }

    record Organization(String id) implements Scope {
        public Organization {
            check("orgId", id);
        }
    }

    private static void check(String key, String id) {
        Whitespace.require(FORM, id, key + " is not an Atlas id: expected 24 hexadecimal digits in lower case");
    }
}
