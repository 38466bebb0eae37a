package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Trust;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The certificates that a server sent, for reports.
 *
 * @param chain its own first; empty if it sent none
 * @param rejection the problem with them, if any
 */
record ServerCertificates(
        List<X509Certificate> chain, Optional<CapturingTrustManager.Rejection> rejection, Trust trust) {
    /** Enough to tell whether a certificate of many sites names the host. */
    private static final int MOST_NAMES = 100;

    private static final int MOST_SHOWN = 10;

    static ServerCertificates of(CapturingTrustManager seen, Trust trust) {
        return new ServerCertificates(seen.chain(), seen.rejection(), trust);
    }

    /** The server's own certificate. */
    X509Certificate own() {
        return chain.get(0);
    }

    /** Describes the problem. */
    String describe(CapturingTrustManager.Rejection rejection) {
        X509Certificate certificate = own();
        String issuer = certificate.getIssuerX500Principal().getName();
        return switch (rejection.kind()) {
            case CERTIFICATE_EXPIRED ->
                "certificate valid from "
                        + certificate.getNotBefore().toInstant() + " to "
                        + certificate.getNotAfter().toInstant();
            case HOSTNAME_MISMATCH ->
                "certificate is for "
                        + names(certificate).stream().limit(MOST_SHOWN).collect(Collectors.joining(", "));
            case CERTIFICATE_CHAIN_INCOMPLETE ->
                "certificate signed by " + issuer + ", whose own certificate the server did not send";
            case CERTIFICATE_UNACCEPTABLE -> "certificate not acceptable: " + rejection.reason();
            default -> "certificate signed by " + issuer + " is not trusted by " + trustedRoots();
        };
    }

    private String trustedRoots() {
        return trust.rootCertificate().map(Object::toString).orElse("the JDK's trust store");
    }

    void note(Evidence.Builder evidence) {
        if (chain.isEmpty()) {
            return;
        }
        X509Certificate certificate = own();
        evidence.put(
                        Evidence.CERTIFICATE_SUBJECT,
                        certificate.getSubjectX500Principal().getName())
                .put(
                        Evidence.CERTIFICATE_ISSUER,
                        certificate.getIssuerX500Principal().getName())
                .put(Evidence.CHAIN_LENGTH, chain.size())
                .put(
                        Evidence.CHAIN_ROOT,
                        chain.get(chain.size() - 1).getIssuerX500Principal().getName())
                .put(Evidence.CERTIFICATE_NAMES, names(certificate))
                .put(Evidence.CERTIFICATE_NOT_BEFORE, certificate.getNotBefore().toInstant())
                .put(Evidence.CERTIFICATE_NOT_AFTER, certificate.getNotAfter().toInstant())
                .put(Evidence.TRUST, trust.toString());
        rejection.ifPresent(wrong -> evidence.put(Evidence.CERTIFICATE_PROBLEM, ProtocolDetector.cap(wrong.reason())));
    }

    private static List<String> names(X509Certificate certificate) {
        try {
            List<String> names = certificate.getSubjectAlternativeNames() == null
                    ? List.of()
                    : certificate.getSubjectAlternativeNames().stream()
                            .map(name -> String.valueOf(name.get(1)))
                            .limit(MOST_NAMES)
                            .toList();
            return names.isEmpty()
                    ? List.of(certificate.getSubjectX500Principal().getName())
                    : names;
        } catch (CertificateParsingException e) {
            return List.of(certificate.getSubjectX500Principal().getName());
        }
    }
}
