package dev.atlasrotator.simulator.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A key and a certificate, made by the JDK's keytool for one test run and never kept: for
 * localhost, and for names that only a {@link ForwardProxy} knows.
 */
public final class SelfSigned {
    private static final String PASSWORD = "only-for-this-run";
    private static final List<String> NAMES = List.of("atlas.test", "secretsmanager.test");

    private final SSLContext context;
    private final Certificate certificate;

    private SelfSigned(SSLContext context, Certificate certificate) {
        this.context = context;
        this.certificate = certificate;
    }

    /** Takes a second or so: make one and share it. */
    public static SelfSigned make() throws IOException, GeneralSecurityException, InterruptedException {
        Path folder = Files.createTempDirectory("stand-in-tls");
        Path file = folder.resolve("key.p12");
        try {
            keytool(file);
            KeyStore store = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(file)) {
                store.load(in, PASSWORD.toCharArray());
            }
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, PASSWORD.toCharArray());
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("stand-in", store.getCertificate("stand-in"));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return new SelfSigned(context, store.getCertificate("stand-in"));
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
    }

    private static void keytool(Path file) throws IOException, InterruptedException {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "stand-in",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost,ip:127.0.0.1,dns:" + String.join(",dns:", NAMES),
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool ended with " + keytool.exitValue());
        }
    }

    /**
     * For the server (it has the key) and for clients (it trusts the certificate and nothing else).
     */
    public SSLContext context() {
        return context;
    }

    /** Writes the certificate as an authority hands out its own: in PEM. */
    public void writePem(Path file) throws IOException, GeneralSecurityException {
        Files.writeString(file, pem(certificate));
    }

    private static String pem(Certificate certificate) throws GeneralSecurityException {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                + "\n-----END CERTIFICATE-----\n";
    }

    /**
     * Writes a trust store for another process's {@code javax.net.ssl.trustStore}: the JDK's own
     * authorities, since loading them is part of a start, and this certificate.
     */
    public void writeTrustStore(Path file) throws IOException, GeneralSecurityException {
        var store = trusted();
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, PASSWORD.toCharArray());
        }
    }

    /** The same for a process that reads its authorities in PEM. */
    public void writePemOfAuthorities(Path file) throws IOException, GeneralSecurityException {
        var store = trusted();
        try (var out = Files.newBufferedWriter(file)) {
            for (String alias : Collections.list(store.aliases())) {
                out.write(pem(store.getCertificate(alias)));
            }
        }
    }

    private KeyStore trusted() throws IOException, GeneralSecurityException {
        Path authorities = Path.of(System.getProperty("java.home"), "lib", "security", "cacerts");
        KeyStore theirs = KeyStore.getInstance(authorities.toFile(), (char[]) null);
        // This type keeps certificates in the open, so that a reader needs no password.
        KeyStore store = KeyStore.getInstance("JKS");
        store.load(null, null);
        for (String alias : Collections.list(theirs.aliases())) {
            store.setCertificateEntry(alias, theirs.getCertificate(alias));
        }
        store.setCertificateEntry("stand-in", certificate);
        return store;
    }
}
