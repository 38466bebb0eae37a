package io.github.dsqlreach.local;

import io.github.dsqlreach.internal.CertificateIssuer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * A certificate authority for tests. It issues valid server certificates and certificates with a fault. Keys are EC P-256, newly
 * generated and kept in memory only.
 *
 * <pre>{@code
 * TestCertificateAuthority authority = TestCertificateAuthority.create("Some Test CA");
 * Leaf expired = authority.issue(now.minus(ofDays(9)), now.minus(ofDays(2)), "db.example");
 * try (LocalDsql local = LocalDsql.builder().certificate(expired).start()) { … }
 * }</pre>
 */
public final class TestCertificateAuthority {
    private static final Duration VALID = Duration.ofDays(30);

    private final X509Certificate certificate;
    private final PrivateKey key;

    private TestCertificateAuthority(X509Certificate certificate, PrivateKey key) {
        this.certificate = certificate;
        this.key = key;
    }

    /**
     * A new authority with a self-signed certificate, valid from yesterday for 30 days.
     *
     * @param commonName its name, for example {@code LocalDsql Test CA}
     */
    public static TestCertificateAuthority create(String commonName) {
        KeyPair pair = CertificateIssuer.keyPair();
        Instant from = Instant.now().minus(Duration.ofDays(1));
        return new TestCertificateAuthority(
                CertificateIssuer.authority(commonName, "", pair, from, from.plus(VALID)), pair.getPrivate());
    }

    /** The authority's own certificate: what clients must trust. */
    public X509Certificate certificate() {
        return certificate;
    }

    /** The authority's own certificate as PEM text. */
    public String pem() {
        return pem(certificate);
    }

    /** Writes the authority's own certificate as PEM to that file, for the driver's {@code sslrootcert}. */
    public Path writePem(Path file) {
        try {
            return Files.writeString(file, pem());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the root certificate to " + file, e);
        }
    }

    /** A server certificate for these host names, valid from yesterday for 30 days. */
    public Leaf issue(String... hosts) {
        Instant from = Instant.now().minus(Duration.ofDays(1));
        return issue(from, from.plus(VALID), hosts);
    }

    /** A server certificate for these host names, valid between two times, which may both be in the past or in the future. */
    public Leaf issue(Instant from, Instant until, String... hosts) {
        if (hosts.length == 0) {
            throw new IllegalArgumentException("no host name; a certificate needs one at least");
        }
        KeyPair pair = CertificateIssuer.keyPair();
        X509Certificate issued =
                CertificateIssuer.server(List.of(hosts), pair.getPublic(), from, until, certificate, key);
        return new Leaf(issued, pair.getPrivate(), certificate);
    }

    /**
     * A server certificate with its key and its issuer.
     *
     * @param certificate the server's certificate
     * @param key its private key
     * @param issuer the authority's certificate
     */
    public record Leaf(X509Certificate certificate, PrivateKey key, X509Certificate issuer) {

        /** A TLS context for a server with this certificate. It trusts no certificate of a client. */
        public SSLContext serverContext() {
            char[] noPassword = new char[0];
            try {
                // In memory, where a password protects nothing: a PKCS12 store would hash it 20,000 times.
                KeyStore store = KeyStore.getInstance("JKS");
                store.load(null, noPassword);
                store.setKeyEntry("leaf", key, noPassword, new X509Certificate[] {certificate, issuer});
                KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                managers.init(store, noPassword);
                SSLContext context = SSLContext.getInstance("TLS");
                // Without trust managers of its own it would read all trust anchors of the JVM.
                context.init(managers.getKeyManagers(), new TrustManager[0], null);
                return context;
            } catch (GeneralSecurityException | IOException e) {
                throw new IllegalStateException("cannot make a TLS context", e);
            }
        }

        /** The issuer's certificate as PEM text. */
        public String issuerPem() {
            return pem(issuer);
        }

        /** The subject only, without the private key. */
        @Override
        public String toString() {
            return "Leaf(" + certificate.getSubjectX500Principal() + ")";
        }
    }

    private static String pem(X509Certificate certificate) {
        try {
            String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded());
            return "-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
