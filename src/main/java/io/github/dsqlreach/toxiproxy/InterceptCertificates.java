package io.github.dsqlreach.toxiproxy;

import io.github.dsqlreach.internal.CertificateIssuer;
import io.github.dsqlreach.toxiproxy.ToxicDefinition.Certificate;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Makes certificates as an inspecting proxy does. */
final class InterceptCertificates {
    private static final Duration DAY = Duration.ofDays(1);

    /** A private key, and its certificate with those that vouch for it. */
    record KeyAndChain(PrivateKey key, X509Certificate... chain) {}

    private InterceptCertificates() {}

    static KeyAndChain make(Certificate certificate, String asked) {
        String name = certificate == Certificate.WRONG_NAME ? "wrong.name.invalid" : asked;
        Instant now = Instant.now();
        Instant end = now.plus(certificate == Certificate.EXPIRED ? DAY.negated() : DAY);
        KeyPair authority = CertificateIssuer.keyPair();
        KeyPair own = CertificateIssuer.keyPair();
        X509Certificate root = CertificateIssuer.authority(
                "Inspecting Proxy CA", "dsql-reach simulation", authority, now.minus(DAY), now.plus(DAY));
        X509Certificate leaf = CertificateIssuer.server(
                List.of(name), own.getPublic(), end.minus(DAY.multipliedBy(2)), end, root, authority.getPrivate());
        return new KeyAndChain(own.getPrivate(), leaf, root);
    }
}
