package dev.atlasrotator.credential;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What can be told of a stored value that is not understood. Its consumers may read it all the same, as far as they need it:
 * a malformed {@code overlapHours} is none of theirs.
 *
 * @param text the whole value, well-formed or not
 */
public record MalformedValue(Sensitive text) {
    private static final Pattern CLIENT_ID = Pattern.compile("\\b" + ClientId.FORM.pattern() + "\\b");

    private static final Pattern CLIENT_SECRET = Pattern.compile("\\b" + Sensitive.ATLAS_SECRET + "[A-Za-z0-9_-]+");

    /** The account that it names first. */
    public Optional<ClientId> clientId() {
        return first(CLIENT_ID).map(ClientId::new);
    }

    /** The client secret that it holds first, if it is this account's. */
    public Optional<Sensitive> clientSecret(ClientId account) {
        return clientId()
                .filter(account::equals)
                .flatMap(named -> first(CLIENT_SECRET))
                .map(Sensitive::new);
    }

    private Optional<String> first(Pattern pattern) {
        var found = pattern.matcher(text.reveal());
        return found.find() ? Optional.of(found.group()) : Optional.empty();
    }
}
