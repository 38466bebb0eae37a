package io.github.dsqlreach.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Its certificates have the bytes that Bouncy Castle writes for the same content, and Java's validator accepts them. */
class CertificateIssuerTest {
    private static final Instant FROM = Instant.parse("2026-01-02T03:04:05Z");
    private static final Instant UNTIL = Instant.parse("2026-02-02T03:04:05Z");

    private final KeyPair authorityKeys = CertificateIssuer.keyPair();
    private final KeyPair keys = CertificateIssuer.keyPair();

    @ParameterizedTest
    @CsvSource({
        "Some Test CA, ''",
        "Prüfstelle 試験, Ünïcode & Söhne",
        "'a, b=c + \"d\" \\ e', '; <#> +'",
        "'', an organization without a common name"
    })
    void issuesAnAuthority(String commonName, String organization) throws Exception {
        sameAsBouncyCastle(commonName, organization, FROM, UNTIL);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 110, 127, 128, 255, 256, 65_000, 70_000})
    void encodesLengthsOfAnySize(int length) throws Exception {
        sameAsBouncyCastle("CA", "x".repeat(length), FROM, UNTIL);
    }

    @ParameterizedTest
    @CsvSource({
        "1949-12-31T23:59:59Z, 1950-01-01T00:00:00Z",
        "1999-12-31T23:59:59Z, 2000-01-01T00:00:00Z",
        "2049-12-31T23:59:59Z, 2050-01-01T00:00:00Z",
        "2026-06-01T00:00:00.999Z, 9999-12-31T23:59:59Z"
    })
    void encodesTimesOfAnyCentury(Instant from, Instant until) throws Exception {
        sameAsBouncyCastle("CA", "", from, until);
    }

    @Test
    void issuesAServerCertificate() throws Exception {
        sameAsBouncyCastle(List.of("abc.dsql.us-east-1.on.aws"));
        sameAsBouncyCastle(List.of("*.dsql.us-east-1.on.aws", "b.example", "localhost"));
        sameAsBouncyCastle(List.of("x".repeat(63) + "." + "y".repeat(63) + ".example"));
        sameAsBouncyCastle(IntStream.range(0, 3_000)
                .mapToObj(i -> "host-" + i + ".example")
                .toList());
    }

    @Test
    void issuesAChainThatIsValid() throws Exception {
        X509Certificate root = CertificateIssuer.authority("CA", "", authorityKeys, FROM, UNTIL);
        X509Certificate leaf = server(root, List.of("a.example"));
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(FROM.plusSeconds(1)));

        assertThatCode(() -> CertPathValidator.getInstance("PKIX")
                        .validate(CertificateFactory.getInstance("X.509").generateCertPath(List.of(leaf)), parameters))
                .doesNotThrowAnyException();
        assertThatCode(() -> root.verify(authorityKeys.getPublic())).doesNotThrowAnyException();
        assertThat(root.getBasicConstraints()).isZero();
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
        assertThat(leaf.getSubjectAlternativeNames()).singleElement().isEqualTo(List.of(2, "a.example"));
        assertThat(leaf.getSerialNumber()).isPositive().isNotEqualTo(root.getSerialNumber());
    }

    @Test
    void refusesANameThatIsNotAscii() {
        X509Certificate root = CertificateIssuer.authority("CA", "", authorityKeys, FROM, UNTIL);

        assertThatThrownBy(() -> server(root, List.of("bücher.example")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "'bücher.example' is not ASCII; a certificate needs the form that java.net.IDN.toASCII gives");
    }

    private X509Certificate server(X509Certificate root, List<String> hosts) {
        return CertificateIssuer.server(hosts, keys.getPublic(), FROM, UNTIL, root, authorityKeys.getPrivate());
    }

    private void sameAsBouncyCastle(String commonName, String organization, Instant from, Instant until)
            throws Exception {
        X509Certificate ours = CertificateIssuer.authority(commonName, organization, authorityKeys, from, until);

        X500NameBuilder name = new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, commonName);
        if (!organization.isEmpty()) {
            name.addRDN(BCStyle.O, organization);
        }
        X509v3CertificateBuilder theirs = new JcaX509v3CertificateBuilder(
                        name.build(),
                        ours.getSerialNumber(),
                        Date.from(from),
                        Date.from(until),
                        name.build(),
                        authorityKeys.getPublic())
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                .addExtension(
                        Extension.subjectKeyIdentifier, false, new SubjectKeyIdentifier(identifier(authorityKeys)));
        assertSame(ours, theirs);
    }

    private void sameAsBouncyCastle(List<String> hosts) throws Exception {
        X509Certificate root = CertificateIssuer.authority("CA", "Org", authorityKeys, FROM, UNTIL);
        X509Certificate ours = server(root, hosts);

        String first = hosts.get(0);
        X500Name subject = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, first.substring(Math.max(0, first.length() - 64)))
                .build();
        GeneralName[] names = hosts.stream()
                .map(host -> new GeneralName(GeneralName.dNSName, host))
                .toArray(GeneralName[]::new);
        X509v3CertificateBuilder theirs = new JcaX509v3CertificateBuilder(
                        X500Name.getInstance(root.getSubjectX500Principal().getEncoded()),
                        ours.getSerialNumber(),
                        Date.from(FROM),
                        Date.from(UNTIL),
                        subject,
                        keys.getPublic())
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                .addExtension(
                        Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(identifier(authorityKeys)))
                .addExtension(Extension.subjectKeyIdentifier, false, new SubjectKeyIdentifier(identifier(keys)))
                .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
        assertSame(ours, theirs);
    }

    private static byte[] identifier(KeyPair pair) throws Exception {
        byte[] digest =
                MessageDigest.getInstance("SHA-256").digest(pair.getPublic().getEncoded());
        return Arrays.copyOf(digest, 20);
    }

    private void assertSame(X509Certificate ours, X509v3CertificateBuilder theirs) throws Exception {
        X509CertificateHolder signed =
                theirs.build(new JcaContentSignerBuilder("SHA256withECDSA").build(authorityKeys.getPrivate()));
        assertThat(HexFormat.of().formatHex(ours.getTBSCertificate()))
                .isEqualTo(HexFormat.of()
                        .formatHex(signed.toASN1Structure().getTBSCertificate().getEncoded()));
    }
}
