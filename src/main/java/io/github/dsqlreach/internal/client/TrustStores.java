package io.github.dsqlreach.internal.client;

import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.Trust;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** The trust anchors of a {@link Trust}. */
public final class TrustStores {
    private static final long LARGEST_FILE = 4 << 20;
    private static final int LONGEST_REASON = 200;
    private static final String TRUST_STORE = "javax.net.ssl.trustStore";
    private static final String TRUST_STORE_PASSWORD = "javax.net.ssl.trustStorePassword";

    /** The trust managers of files, because an attempt and its experiments ask for the same file many times. */
    private record FileRoots(Path file, FileTime modified, long size, X509ExtendedTrustManager trustManager) {}

    private static volatile @Nullable FileRoots last;

    /** The JDK's own roots, which are read once because that takes tens of milliseconds. */
    private static volatile @Nullable X509ExtendedTrustManager jdk;

    /** The file with the roots cannot be used; the message names it. */
    public static class UnreadableRootsException extends IOException {
        private static final long serialVersionUID = 1;

        UnreadableRootsException(String message) {
            super(message);
        }
    }

    /** The trust store of this JVM cannot be used; the message says why. */
    public static final class UnusableTrustStoreException extends UnreadableRootsException {
        private static final long serialVersionUID = 1;

        UnusableTrustStoreException(String message, @Nullable Throwable cause) {
            super(message);
            initCause(cause);
        }
    }

    private TrustStores() {}

    /**
     * The trust manager with these roots. It verifies the chain, and the host name if the socket asks for it.
     *
     * @throws UnreadableRootsException if the file cannot be used
     */
    public static X509ExtendedTrustManager of(Trust trust) throws GeneralSecurityException, IOException {
        return trust.rootCertificate().isPresent()
                ? ofFile(trust.rootCertificate().get())
                : ofJdk();
    }

    private static X509ExtendedTrustManager ofJdk() throws GeneralSecurityException, IOException {
        X509ExtendedTrustManager known = jdk;
        if (known == null) {
            try {
                known = trustManager(null);
                if (isEmpty(known)) {
                    known = trustManager(jdkKeyStore());
                }
            } catch (UnreadableRootsException e) {
                throw e;
            } catch (GeneralSecurityException | IOException | RuntimeException e) {
                throw new UnusableTrustStoreException("this JVM's trust store cannot be read: " + reason(e), e);
            }
            if (isEmpty(known)) {
                throw new UnusableTrustStoreException("this JVM's trust store contains no certificates" + hint(), null);
            }
            jdk = known;
        }
        return known;
    }

    /** The innermost message, except that a wrong password is told one level higher. */
    private static String reason(Exception e) {
        String file = System.getProperty(TRUST_STORE, "");
        if (isPem(file)) {
            return "'" + file + "' is a PEM file, and the JDK reads PKCS12 or JKS (keytool -importcert makes one)";
        }
        Throwable cause = e;
        while (cause.getCause() != null
                && cause.getCause().getMessage() != null
                && !(cause.getCause() instanceof UnrecoverableKeyException)) {
            cause = cause.getCause();
        }
        return Scrubber.line(String.valueOf(cause.getMessage()), LONGEST_REASON);
    }

    private static boolean isPem(String file) {
        if (file.isEmpty() || !Files.isRegularFile(Path.of(file))) {
            return false;
        }
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            return new String(in.readNBytes(LONGEST_REASON), StandardCharsets.ISO_8859_1).contains("-----BEGIN");
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    /** The JDK reads a PKCS12 file without its password, and skips the encrypted certificates. */
    private static String hint() {
        return System.getProperty(TRUST_STORE, "").isEmpty()
                        || !System.getProperty(TRUST_STORE_PASSWORD, "").isEmpty()
                ? ""
                : " that can be read without a password; set " + TRUST_STORE_PASSWORD;
    }

    /**
     * The file of the system property {@code javax.net.ssl.trustStore}, if it does not exist. The JDK then uses its own
     * trust store without a message.
     */
    public static Optional<String> missingTrustStore() {
        return Optional.of(System.getProperty(TRUST_STORE, ""))
                .filter(file -> !file.isEmpty() && !file.equals("NONE") && !Files.isRegularFile(Path.of(file)));
    }

    private static boolean isEmpty(X509ExtendedTrustManager trustManager) {
        return trustManager.getAcceptedIssuers().length == 0;
    }

    /**
     * The JDK's store. The JDK itself uses an empty store, and keeps it, if it cannot open the file, for example without
     * file handles. Here the error is thrown, and the next call reads the file again.
     */
    private static KeyStore jdkKeyStore() throws GeneralSecurityException, IOException {
        String configured = System.getProperty(TRUST_STORE, "");
        Path directory = Path.of(System.getProperty("java.home"), "lib", "security");
        Path file = !configured.isEmpty()
                ? Path.of(configured)
                : Stream.of("jssecacerts", "cacerts")
                        .map(directory::resolve)
                        .filter(Files::isRegularFile)
                        .findFirst()
                        .orElse(directory.resolve("cacerts"));
        String password = System.getProperty(TRUST_STORE_PASSWORD, "");
        KeyStore keyStore =
                KeyStore.getInstance(System.getProperty("javax.net.ssl.trustStoreType", KeyStore.getDefaultType()));
        if (!Files.isRegularFile(file)) {
            throw new UnusableTrustStoreException("the JDK's trust store '" + file + "' does not exist", null);
        }
        try (InputStream in = Files.newInputStream(file)) {
            keyStore.load(in, password.isEmpty() ? null : password.toCharArray());
        }
        return keyStore;
    }

    private static X509ExtendedTrustManager ofFile(Path file) throws GeneralSecurityException, IOException {
        if (!Files.isRegularFile(file)) {
            throw new UnreadableRootsException(
                    "the root certificate file '" + file + "' does not exist; allowed is a PEM file");
        }
        FileTime modified = Files.getLastModifiedTime(file);
        long size = Files.size(file);
        FileRoots known = last;
        if (known == null || !known.file.equals(file) || !known.modified.equals(modified) || known.size != size) {
            known = new FileRoots(file, modified, size, trusting(anchors(file)));
            last = known;
        }
        return known.trustManager;
    }

    private static Set<TrustAnchor> anchors(Path file) throws GeneralSecurityException, IOException {
        if (Files.size(file) > LARGEST_FILE) {
            throw new UnreadableRootsException(
                    "the root certificate file '" + file + "' is larger than " + LARGEST_FILE + " bytes");
        }
        Set<TrustAnchor> anchors = new HashSet<>();
        try (InputStream in = new ByteArrayInputStream(Files.readAllBytes(file))) {
            for (Certificate root : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                anchors.add(new TrustAnchor((X509Certificate) root, null));
            }
        } catch (GeneralSecurityException e) {
            throw new UnreadableRootsException("the root certificate file '" + file + "' holds no PEM certificates");
        }
        if (anchors.isEmpty()) {
            throw new UnreadableRootsException("the root certificate file '" + file + "' holds no PEM certificates");
        }
        return anchors;
    }

    /** Without a KeyStore, whose classes take about 15 ms in a new JVM. */
    private static X509ExtendedTrustManager trusting(Set<TrustAnchor> anchors) throws GeneralSecurityException {
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, null);
        // As the JDK does for a KeyStore.
        parameters.setRevocationEnabled(Boolean.getBoolean("com.sun.net.ssl.checkRevocation"));
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(new CertPathTrustManagerParameters(parameters));
        return x509(factory);
    }

    private static X509ExtendedTrustManager trustManager(@Nullable KeyStore keyStore) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(keyStore);
        return x509(factory);
    }

    private static X509ExtendedTrustManager x509(TrustManagerFactory factory) throws GeneralSecurityException {
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager x509) {
                return x509;
            }
        }
        throw new GeneralSecurityException("the JDK offers no X.509 trust manager");
    }
}
