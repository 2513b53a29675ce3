package dev.atlasrotator.network;

import dev.atlasrotator.failure.Code;
import java.io.IOException;
import java.security.InvalidAlgorithmParameterException;
import java.security.cert.CertificateException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Why a request could not be sent, if the JDK's clients tell: the service has not received it. */
public enum ConnectionFailure {
    CERTIFICATE_NOT_TRUSTED("showed a certificate that this function does not trust", """
        Where a proxy on the way inspects TLS, let the function trust its authority: the runbook says how. If no \
        proxy inspects TLS here, something else answered in the service's place. Do not trust it.\
        """),
    PROXY_REFUSED(
            "could not be reached, since the proxy did not connect to it",
            "Check HTTPS_PROXY (the password too), what the proxy lets through, and NO_PROXY.");

    private final String what;
    private final String advice;

    ConnectionFailure(String what, String advice) {
        this.what = what;
        this.advice = advice;
    }

    /** A phrase that follows the service's name. */
    public String what() {
        return what;
    }

    /** What to do, in complete sentences. */
    public String advice() {
        return advice;
    }

    /** The code of an error of this kind, where it has one of its own. */
    public Optional<Code> code() {
        return this == CERTIFICATE_NOT_TRUSTED ? Optional.of(Code.CERTIFICATE_NOT_TRUSTED) : Optional.empty();
    }

    /** Which one a call failed of, if it was one of them. */
    public static Optional<ConnectionFailure> in(@Nullable Throwable failure) {
        var cause = failure;
        for (int depth = 0; cause != null && depth < 10; depth++) {
            if (isNoTrust(cause)) {
                return Optional.of(CERTIFICATE_NOT_TRUSTED);
            }
            if (isFromProxy(cause)) {
                return Optional.of(PROXY_REFUSED);
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }

    private static boolean isNoTrust(Throwable cause) {
        return cause instanceof CertificateException
                // A trust store that is empty or cannot be read: no certificate would be accepted.
                || cause instanceof InvalidAlgorithmParameterException;
    }

    /** java.net.http and HttpURLConnection report it only by the text of their messages. */
    private static boolean isFromProxy(Throwable cause) {
        var words = String.valueOf(cause.getMessage());
        return cause instanceof IOException
                && (words.startsWith("Tunnel failed, got: ") || words.startsWith("Unable to tunnel through proxy."));
    }
}
