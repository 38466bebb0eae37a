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
 * Verifies a chain like the JDK, in separate steps, and remembers the chain and the failed step. The JDK's own exceptions
 * tell the step only in their message. If no certificate may fail (an experiment, or {@link Trust.Mode#REQUIRE}), the steps
 * still run, for the report.
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
     * A problem with the chain.
     *
     * @param kind the failed step
     * @param reason the JDK's message
     */
    record Rejection(FailureKind kind, String reason) {}

    CapturingTrustManager(X509ExtendedTrustManager delegate, TlsPlan plan) {
        this.delegate = delegate;
        this.mode = plan.trust().mode();
        this.host = plan.host();
        this.lenient = plan.lenient() || mode == Trust.Mode.REQUIRE;
    }

    /** The certificates that the server sent, its own first. */
    List<X509Certificate> chain() {
        return chain;
    }

    /** The problem with the chain, even if it did not end the handshake. */
    Optional<Rejection> rejection() {
        return Optional.ofNullable(rejection);
    }

    /** The problem that ended the handshake. */
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
            // Verifies the chain again, with the algorithms that this connection allows.
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

    /** Whether the signatures lead to a trusted root. Then the problem is another one. */
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
     * Whether the server sent only its own certificate, and that names the URL of its issuer's. Certificates of public
     * authorities do, those of TLS interception do not.
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

    /** A time at which all of them are valid. Roots do not count, because their validity is not checked. */
    private static Date middleOf(List<X509Certificate> path) {
        long from = Long.MIN_VALUE;
        long to = Long.MAX_VALUE;
        for (X509Certificate certificate : path) {
            from = Math.max(from, certificate.getNotBefore().getTime());
            to = Math.min(to, certificate.getNotAfter().getTime());
        }
        return new Date(from + (to - from) / 2);
    }

    /** Whether the validity period is the only problem with the chain. */
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
