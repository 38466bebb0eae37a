package io.github.dsqlreach.toxiproxy;

import io.github.dsqlreach.toxiproxy.ToxicDefinition.Certificate;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes certificates as an inspecting proxy does; the only class that needs Bouncy Castle. */
final class InterceptCertificates {
    private static final X500Name AUTHORITY = new X500Name("CN=Inspecting Proxy CA,O=dsql-reach simulation");
    private static final Duration DAY = Duration.ofDays(1);

    /** A private key, and its certificate with those that vouch for it. */
    record KeyAndChain(PrivateKey key, X509Certificate... chain) {}

    private InterceptCertificates() {}

    static KeyAndChain make(Certificate certificate, String asked) {
        String name = certificate == Certificate.WRONG_NAME ? "wrong.name.invalid" : asked;
        Instant end = Instant.now().plus(certificate == Certificate.EXPIRED ? DAY.negated() : DAY);
        try {
            KeyPair authority = newKeys();
            KeyPair own = newKeys();
            X509Certificate root =
                    sign(authority, AUTHORITY, authority, Instant.now().plus(DAY), "");
            X509Certificate leaf = sign(own, new X500Name("CN=" + commonName(name)), authority, end, name);
            return new KeyAndChain(own.getPrivate(), leaf, root);
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
            throw new IllegalStateException("Cannot make a certificate for " + name, e);
        }
    }

    private static X509Certificate sign(KeyPair subject, X500Name name, KeyPair issuer, Instant end, String dnsName)
            throws GeneralSecurityException, OperatorCreationException, CertIOException {
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                AUTHORITY,
                new BigInteger(120, new SecureRandom()).add(BigInteger.ONE),
                Date.from(end.minus(DAY.multipliedBy(2))),
                Date.from(end),
                name,
                subject.getPublic());
        if (dnsName.isEmpty()) {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        } else {
            GeneralName alternative = new GeneralName(GeneralName.dNSName, dnsName);
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternative));
        }
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuer.getPrivate())));
    }

    /** A common name has 64 characters at most. */
    private static String commonName(String name) {
        String safe = name.replaceAll("[^A-Za-z0-9.-]", "");
        return safe.length() <= 64 ? safe : safe.substring(safe.length() - 63);
    }

    private static KeyPair newKeys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }
}
