package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.internal.Rfc9525HostnameVerifier;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Verifies as the JDK does, one question at a time, and keeps the chain and which question was answered with no: the
 * JDK's own exceptions tell that only in words. Where nothing may fail (an experiment, or {@link Trust.Mode#REQUIRE})
 * the questions are asked all the same, so that a report can say what was shown.
 */
final class CapturingTrustManager extends X509ExtendedTrustManager {
    private static final String AUTHORITY_INFORMATION_ACCESS = "1.3.6.1.5.5.7.1.1";

    private final X509ExtendedTrustManager delegate;
    private final Trust.Mode mode;
    private final String host;
    private final boolean lenient;
    private volatile List<X509Certificate> chain = List.of();
    private volatile @Nullable Rejection rejection;

    /**
     * What is wrong with the chain.
     *
     * @param kind which question was answered with no
     * @param reason the JDK's words for it
     */
    record Rejection(FailureKind kind, String reason) {}

    CapturingTrustManager(X509ExtendedTrustManager delegate, TlsPlan plan) {
        this.delegate = delegate;
        this.mode = plan.trust().mode();
        this.host = plan.host();
        this.lenient = plan.lenient() || mode == Trust.Mode.REQUIRE;
    }

    /** The certificates the server sent, its own first. */
    List<X509Certificate> chain() {
        return chain;
    }

    /** What is wrong with the chain, be it only noted. */
    Optional<Rejection> rejection() {
        return Optional.ofNullable(rejection);
    }

    /** What ended the handshake. */
    Optional<Rejection> refusal() {
        return lenient ? Optional.empty() : rejection();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] certificates, String authType, Socket socket)
            throws CertificateException {
        chain = List.of(certificates);
        try {
            delegate.checkServerTrusted(certificates, authType);
        } catch (CertificateException e) {
            reject(kindOf(certificates), e);
            return;
        }
        if (mode != Trust.Mode.VERIFY_FULL) {
            return;
        }
        try {
            // The same chain once more, now with the algorithms that this connection allows.
            delegate.checkServerTrusted(certificates, authType, socket);
        } catch (CertificateException e) {
            reject(FailureKind.CERTIFICATE_UNACCEPTABLE, e);
            return;
        }
        if (!Rfc9525HostnameVerifier.matches(certificates[0], host)) {
            reject(
                    FailureKind.HOSTNAME_MISMATCH,
                    new CertificateException("no name of the certificate is that of " + host));
        }
    }

    private void reject(FailureKind kind, CertificateException e) throws CertificateException {
        Throwable last = e;
        while (last.getCause() != null && last.getCause().getMessage() != null) {
            last = last.getCause();
        }
        rejection = new Rejection(kind, String.valueOf(last.getMessage()));
        if (!lenient) {
            throw e;
        }
    }

    private FailureKind kindOf(X509Certificate[] certificates) {
        if (expired(certificates)) {
            return FailureKind.CERTIFICATE_EXPIRED;
        }
        if (isSignedByTrusted(certificates)) {
            return FailureKind.CERTIFICATE_UNACCEPTABLE;
        }
        return breaksOff(certificates) ? FailureKind.CERTIFICATE_CHAIN_INCOMPLETE : FailureKind.CERTIFICATE_UNTRUSTED;
    }

    /** Whether signature by signature a trusted root is reached: then something else is wrong. */
    private boolean isSignedByTrusted(X509Certificate[] certificates) {
        X509Certificate top = certificates[0];
        for (int step = 0; step < certificates.length; step++) {
            if (issuerAmong(delegate.getAcceptedIssuers(), top).isPresent()) {
                return true;
            }
            Optional<X509Certificate> next = issuerAmong(certificates, top);
            if (next.isEmpty()) {
                return false;
            }
            top = next.get();
        }
        return false;
    }

    private static Optional<X509Certificate> issuerAmong(X509Certificate[] candidates, X509Certificate certificate) {
        return Arrays.stream(candidates)
                .filter(candidate -> candidate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal()))
                .filter(candidate -> {
                    try {
                        certificate.verify(candidate.getPublicKey());
                        return true;
                    } catch (GeneralSecurityException e) {
                        return false;
                    }
                })
                .findFirst();
    }

    /**
     * Whether the server's own certificate came alone and says where its issuer's is to be had, as those of public
     * authorities do and those of inspecting devices do not.
     */
    private static boolean breaksOff(X509Certificate[] certificates) {
        X509Certificate own = certificates[0];
        return own.getExtensionValue(AUTHORITY_INFORMATION_ACCESS) != null
                && !own.getSubjectX500Principal().equals(own.getIssuerX500Principal())
                && issuerAmong(certificates, own).isEmpty();
    }

    private boolean expired(X509Certificate[] certificates) {
        Date now = new Date();
        for (X509Certificate certificate : certificates) {
            try {
                certificate.checkValidity(now);
            } catch (CertificateExpiredException | CertificateNotYetValidException outOfTime) {
                return trustedInItsTime(certificates);
            }
        }
        return false;
    }

    /** A moment at which all of them are valid; roots do not count, their time is not checked. */
    private static Date middleOf(List<X509Certificate> path) {
        long from = Long.MIN_VALUE;
        long to = Long.MAX_VALUE;
        for (X509Certificate certificate : path) {
            from = Math.max(from, certificate.getNotBefore().getTime());
            to = Math.min(to, certificate.getNotAfter().getTime());
        }
        return new Date(from + (to - from) / 2);
    }

    /** Whether time is all that is wrong with the chain. */
    private boolean trustedInItsTime(X509Certificate[] certificates) {
        Set<TrustAnchor> anchors = Arrays.stream(delegate.getAcceptedIssuers())
                .map(root -> new TrustAnchor(root, null))
                .collect(Collectors.toSet());
        Set<X509Certificate> roots = Set.of(delegate.getAcceptedIssuers());
        List<X509Certificate> path = Arrays.stream(certificates)
                .takeWhile(certificate -> !roots.contains(certificate))
                .toList();
        if (anchors.isEmpty() || path.isEmpty()) {
            return !path.equals(List.of(certificates));
        }
        try {
            PKIXParameters parameters = new PKIXParameters(anchors);
            parameters.setRevocationEnabled(false);
            parameters.setDate(middleOf(path));
            CertPath certPath = CertificateFactory.getInstance("X.509").generateCertPath(path);
            CertPathValidator.getInstance("PKIX").validate(certPath, parameters);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] certificates, String authType) throws CertificateException {
        throw new CertificateException("only sockets are checked");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] certificates, String authType, SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("only sockets are checked");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] certificates, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("only servers are checked");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] certificates, String authType, SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("only servers are checked");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] certificates, String authType) throws CertificateException {
        throw new CertificateException("only servers are checked");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return delegate.getAcceptedIssuers();
    }
}
