package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.internal.JvmSettings;
import io.github.dsqlreach.internal.JvmSettings.Topic;
import io.github.dsqlreach.internal.client.TrustStores;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/** The settings of this JVM as the reason for a failed TLS handshake. */
final class JvmTls {
    /** The server can answer so to a ClientHello that offers nothing it accepts. */
    private static final Set<FailureKind> ANSWERS_TO_HELLO =
            EnumSet.of(FailureKind.TLS_ALERT, FailureKind.RESET, FailureKind.CLOSED);
    /** A server that gets no name may show the certificate of another one. */
    private static final Set<FailureKind> ANSWERS_WITHOUT_NAME = EnumSet.of(
            FailureKind.TLS_ALERT,
            FailureKind.RESET,
            FailureKind.CLOSED,
            FailureKind.HOSTNAME_MISMATCH,
            FailureKind.CERTIFICATE_UNTRUSTED);

    private static final int LONGEST_REASON = 200;
    private static final int SHORTEST_RSA_KEY = 2048;
    private static final int SHORTEST_EC_KEY = 256;

    private JvmTls() {}

    /** Notes the settings that are set, whatever they do. */
    static void note(Evidence.Builder evidence) {
        evidence.put(Evidence.JVM_SETTINGS, JvmSettings.of(JvmSettings.TLS));
    }

    /** Whether a setting may take the server's name out of the ClientHello. */
    static boolean mayLackName() {
        return !JvmSettings.of(List.of(Topic.SERVER_NAME)).isEmpty();
    }

    /** Notes a missing server name after a handshake that passed: a cluster says so only when it gets the login. */
    static void noteMissingName(SSLEngine engine, Evidence.Builder evidence) {
        try {
            OfferedTls.in(RefusedHello.hello(engine)).lackOfName().ifPresent(lack -> blame(lack, evidence));
        } catch (SSLException e) {
            // The handshake has passed, so this does not happen.
        }
    }

    /** Notes what the ClientHello lacks, if the server may have answered that. */
    static void noteLack(FailureKind kind, boolean named, SSLEngine engine, Evidence.Builder evidence) {
        if (!ANSWERS_WITHOUT_NAME.contains(kind)) {
            return;
        }
        try {
            OfferedTls offered = OfferedTls.in(RefusedHello.hello(engine));
            Optional<OfferedTls.Lack> lack = ANSWERS_TO_HELLO.contains(kind) ? offered.lack() : Optional.empty();
            lack.or(() -> named ? offered.lackOfName() : Optional.empty()).ifPresent(found -> blame(found, evidence));
        } catch (SSLException e) {
            // Another exception than that of the handshake says nothing about it.
        }
    }

    private static void blame(OfferedTls.Lack lack, Evidence.Builder evidence) {
        evidence.put(Evidence.SETTING, lack.settings()).put(Evidence.SETTING_EFFECT, "this JVM offers " + lack.what());
    }

    private static Failure failure(String setting, String effect, Evidence.Builder evidence) {
        evidence.put(Evidence.SETTING, setting).put(Evidence.SETTING_EFFECT, effect);
        return new Failure(FailureKind.JVM_SETTING, effect);
    }

    /** The trust store of this JVM cannot be used. */
    static Failure ofTrustStore(TrustStores.UnusableTrustStoreException e, Evidence.Builder evidence) {
        List<String> set = JvmSettings.of(List.of(Topic.TRUST_STORE));
        return failure(
                set.isEmpty() ? "the JDK's own trust store in " + System.getProperty("java.home") : join(set),
                String.valueOf(e.getMessage()),
                evidence);
    }

    /**
     * Whether the driver reads a key store of this JVM. A cluster does not ask for a client's certificate, but
     * {@code DefaultJavaSSLFactory} reads the key store all the same.
     */
    static boolean needsKeyStore(TlsPlan plan) {
        return plan.webSocket().isEmpty()
                && plan.trust().mode() != Trust.Mode.REQUIRE
                && plan.trust().rootCertificate().isEmpty()
                && !JvmSettings.of(List.of(Topic.KEY_STORE)).isEmpty();
    }

    /** The key store of this JVM cannot be used. */
    static Failure ofKeyStore(Exception e, Evidence.Builder evidence) {
        return failure(
                join(JvmSettings.of(List.of(Topic.KEY_STORE))),
                "this JVM's key store cannot be read: " + reason(e),
                evidence);
    }

    /** The failure, if this JVM could not even make a ClientHello. */
    static Failure ofStart(Exception e, Evidence.Builder evidence) {
        List<String> set = JvmSettings.of(List.of(
                Topic.VERSIONS, Topic.CIPHER_SUITES, Topic.GROUPS, Topic.SIGNATURES, Topic.KEY_STORE, Topic.OTHER_TLS));
        return failure(
                set.isEmpty() ? JvmSettings.suspects(Topic.VERSIONS) : join(set),
                "this JVM cannot start TLS: " + reason(e),
                evidence);
    }

    /** The failure, if a limit of this JVM was exceeded. */
    static Optional<Failure> ofLimits(Exception e, Evidence.Builder evidence) {
        List<String> set = JvmSettings.of(List.of(Topic.SIZES));
        return set.isEmpty() || !String.valueOf(e.getMessage()).contains("exceeds the maximum allowed")
                ? Optional.empty()
                : Optional.of(
                        failure(join(set), "this JVM does not accept the server's message: " + reason(e), evidence));
    }

    /** The failure, if this JVM rejects the certificate because of its settings. */
    static Optional<Failure> ofRejection(
            CapturingTrustManager.Rejection rejection,
            List<X509Certificate> chain,
            Trust trust,
            Evidence.Builder evidence) {
        return switch (rejection.kind()) {
            case CERTIFICATE_UNACCEPTABLE -> ofConstraints(rejection.reason(), chain, evidence);
            case CERTIFICATE_UNTRUSTED ->
                trust.rootCertificate().isPresent()
                        ? Optional.empty()
                        : TrustStores.missingTrustStore()
                                .map(file -> failure(
                                        join(JvmSettings.of(List.of(Topic.TRUST_STORE))),
                                        "the trust store '" + file
                                                + "' does not exist, so this JVM uses the JDK's own roots, and these do"
                                                + " not trust the certificate",
                                        evidence));
            default -> Optional.empty();
        };
    }

    private static Optional<Failure> ofConstraints(
            String reason, List<X509Certificate> chain, Evidence.Builder evidence) {
        String lower = reason.toLowerCase(java.util.Locale.ROOT);
        List<String> revocation = JvmSettings.of(List.of(Topic.REVOCATION));
        if (!revocation.isEmpty() && (lower.contains("revocation") || lower.contains("ocsp"))) {
            return Optional.of(
                    failure(join(revocation), "this JVM checks revocation and could not: " + reason, evidence));
        }
        List<String> set = JvmSettings.of(List.of(Topic.SIGNATURES));
        boolean constraint = lower.contains("constraints check failed");
        if (constraint && (!set.isEmpty() || chain.stream().allMatch(JvmTls::isStrong))) {
            return Optional.of(failure(
                    set.isEmpty() ? JvmSettings.suspects(Topic.SIGNATURES) : join(set),
                    "this JVM rejects the algorithms of the certificate: " + reason,
                    evidence));
        }
        return Optional.empty();
    }

    /** Accepted by each JDK with the default settings. */
    private static boolean isStrong(X509Certificate certificate) {
        PublicKey key = certificate.getPublicKey();
        boolean longEnough = key instanceof RSAKey rsa && rsa.getModulus().bitLength() >= SHORTEST_RSA_KEY
                || key instanceof ECKey ec && ec.getParams().getOrder().bitLength() >= SHORTEST_EC_KEY;
        return longEnough && certificate.getSigAlgName().matches("SHA(256|384|512)with(RSA|ECDSA)");
    }

    private static String reason(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null && cause.getCause().getMessage() != null) {
            cause = cause.getCause();
        }
        return Scrubber.line(String.valueOf(cause.getMessage()), LONGEST_REASON);
    }

    private static String join(List<String> settings) {
        return String.join(", ", settings);
    }
}
