package io.github.dsqlreach.probe;

import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Trust;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
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

/**
 * Verifies as the JDK does, one question at a time, and keeps the chain and which question was answered with no: the
 * JDK's own exceptions tell that only in words.
 */
final class CapturingTrustManager extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager delegate;
    private final Trust.Mode mode;
    private final boolean lenient;
    private volatile List<X509Certificate> chain = List.of();
    private volatile FailureKind rejection;

    CapturingTrustManager(X509ExtendedTrustManager delegate, Trust.Mode mode, boolean lenient) {
        this.lenient = lenient;
        this.delegate = delegate;
        this.mode = mode;
    }

    /** The certificates the server sent, its own first. */
    List<X509Certificate> chain() {
        return chain;
    }

    /** Why the chain was rejected. */
    Optional<FailureKind> rejection() {
        return Optional.ofNullable(rejection);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] certificates, String authType, Socket socket)
            throws CertificateException {
        chain = List.of(certificates);
        if (mode == Trust.Mode.REQUIRE) {
            return;
        }
        try {
            delegate.checkServerTrusted(certificates, authType);
        } catch (CertificateException e) {
            reject(expired(certificates) ? FailureKind.CERTIFICATE_EXPIRED : FailureKind.CERTIFICATE_UNTRUSTED, e);
            return;
        }
        if (mode == Trust.Mode.VERIFY_FULL) {
            try {
                // The same chain once more, now with the socket's endpoint identification: only the name is new.
                delegate.checkServerTrusted(certificates, authType, socket);
            } catch (CertificateException e) {
                reject(isAboutTheChain(e) ? FailureKind.CERTIFICATE_UNTRUSTED : FailureKind.HOSTNAME_MISMATCH, e);
            }
        }
    }

    /** With a socket the JDK checks the algorithms in use as well; of those, and not of names, it says why by a cause. */
    private static boolean isAboutTheChain(CertificateException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof CertPathValidatorException) {
                return true;
            }
        }
        return false;
    }

    private void reject(FailureKind kind, CertificateException e) throws CertificateException {
        rejection = kind;
        if (!lenient) {
            throw e;
        }
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
        checkServerTrusted(certificates, authType, (Socket) null);
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
