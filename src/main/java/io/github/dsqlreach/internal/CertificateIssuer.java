package io.github.dsqlreach.internal;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/**
 * Issues X.509 certificates (RFC 5280) for EC keys. The JDK has no API for it, and a library for it would be the most expensive
 * part of a local cluster's start in a new JVM.
 */
public final class CertificateIssuer {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SERIAL_BITS = 120;
    private static final int LONGEST_COMMON_NAME = 64;

    private static final byte[] VERSION_3 = Der.explicit(0, Der.integer(BigInteger.TWO));
    private static final byte[] ECDSA_WITH_SHA256 = Der.sequence(Der.oid("1.2.840.10045.4.3.2"));
    private static final String COMMON_NAME = "2.5.4.3";
    private static final String ORGANIZATION = "2.5.4.10";
    private static final String SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
    private static final String KEY_USAGE = "2.5.29.15";
    private static final String SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";
    private static final String BASIC_CONSTRAINTS = "2.5.29.19";
    private static final String AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
    private static final String EXTENDED_KEY_USAGE = "2.5.29.37";
    private static final String SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";
    private static final int KEY_IDENTIFIER = 0;
    private static final int DNS_NAME = 2;
    private static final int IDENTIFIER_BYTES = 20;

    private CertificateIssuer() {}

    /** New EC P-256 keys. */
    public static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The self-signed certificate of an authority. An empty organization is left out. */
    public static X509Certificate authority(
            String commonName, String organization, KeyPair pair, Instant from, Instant until) {
        byte[] name = organization.isEmpty()
                ? Der.sequence(attribute(COMMON_NAME, commonName))
                : Der.sequence(attribute(COMMON_NAME, commonName), attribute(ORGANIZATION, organization));
        byte[] onlyServersBelow = Der.sequence(Der.yes(), Der.integer(BigInteger.ZERO));
        // The sixth and the seventh of the bits: it signs certificates and revocation lists.
        byte[] signs = Der.bits(1, new byte[] {0b0000_0110});
        return signed(
                Der.sequence(
                        VERSION_3,
                        serial(),
                        ECDSA_WITH_SHA256,
                        name,
                        validity(from, until),
                        name,
                        pair.getPublic().getEncoded(),
                        extensions(
                                critical(BASIC_CONSTRAINTS, onlyServersBelow),
                                critical(KEY_USAGE, signs),
                                extension(SUBJECT_KEY_IDENTIFIER, Der.octets(identifier(pair.getPublic()))))),
                pair.getPrivate());
    }

    /**
     * A server certificate for these names.
     *
     * @throws IllegalArgumentException if a name has a character that is not ASCII
     */
    public static X509Certificate server(
            List<String> hosts,
            PublicKey key,
            Instant from,
            Instant until,
            X509Certificate issuer,
            PrivateKey issuerKey) {
        // The first of the bits: it signs handshakes.
        byte[] signs = Der.bits(7, new byte[] {(byte) 0b1000_0000});
        byte[] names =
                Der.sequence(hosts.stream().map(CertificateIssuer::dnsName).toArray(byte[][]::new));
        return signed(
                Der.sequence(
                        VERSION_3,
                        serial(),
                        ECDSA_WITH_SHA256,
                        issuer.getSubjectX500Principal().getEncoded(),
                        validity(from, until),
                        Der.sequence(attribute(COMMON_NAME, commonName(hosts.get(0)))),
                        key.getEncoded(),
                        extensions(
                                critical(BASIC_CONSTRAINTS, Der.sequence()),
                                critical(KEY_USAGE, signs),
                                extension(
                                        AUTHORITY_KEY_IDENTIFIER,
                                        Der.sequence(Der.implicit(KEY_IDENTIFIER, identifier(issuer.getPublicKey())))),
                                extension(SUBJECT_KEY_IDENTIFIER, Der.octets(identifier(key))),
                                extension(EXTENDED_KEY_USAGE, Der.sequence(Der.oid(SERVER_AUTHENTICATION))),
                                extension(SUBJECT_ALTERNATIVE_NAME, names))),
                issuerKey);
    }

    private static String commonName(String host) {
        return host.substring(Math.max(0, host.length() - LONGEST_COMMON_NAME));
    }

    private static byte[] attribute(String type, String value) {
        return Der.set(Der.sequence(Der.oid(type), Der.utf8(value)));
    }

    private static byte[] dnsName(String host) {
        if (!StandardCharsets.US_ASCII.newEncoder().canEncode(host)) {
            throw new IllegalArgumentException(
                    "'" + host + "' is not ASCII; a certificate needs the form that java.net.IDN.toASCII gives");
        }
        return Der.implicit(DNS_NAME, host.getBytes(StandardCharsets.US_ASCII));
    }

    /** Strict clients, such as Python 3.13, insist on identifiers. RFC 5280 leaves open how they are computed. */
    private static byte[] identifier(PublicKey key) {
        return Arrays.copyOf(Digests.of("SHA-256", key.getEncoded()), IDENTIFIER_BYTES);
    }

    private static byte[] serial() {
        return Der.integer(new BigInteger(SERIAL_BITS, RANDOM).setBit(SERIAL_BITS));
    }

    private static byte[] validity(Instant from, Instant until) {
        return Der.sequence(Der.time(from), Der.time(until));
    }

    private static byte[] extensions(byte[]... extensions) {
        return Der.explicit(3, Der.sequence(extensions));
    }

    private static byte[] extension(String type, byte[] value) {
        return Der.sequence(Der.oid(type), Der.octets(value));
    }

    private static byte[] critical(String type, byte[] value) {
        return Der.sequence(Der.oid(type), Der.yes(), Der.octets(value));
    }

    private static X509Certificate signed(byte[] certificate, PrivateKey key) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(key);
            signature.update(certificate);
            byte[] whole = Der.sequence(certificate, ECDSA_WITH_SHA256, Der.bits(0, signature.sign()));
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(whole));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign a certificate", e);
        }
    }
}
