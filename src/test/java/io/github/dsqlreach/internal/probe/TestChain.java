package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.local.TestCertificateAuthority;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A chain as the server sends it, with faults that {@link TestCertificateAuthority} does not make. */
public record TestChain(List<X509Certificate> certificates, PrivateKey key) {
    /** One for all who need a good one: to make it takes long. */
    private static final KeyPair GOOD = pair(2048);

    /** The server's own only. */
    public TestChain alone() {
        return new TestChain(certificates.subList(0, 1), key);
    }

    /** A TLS server that shows this chain, whatever the JDK thinks of it. */
    public SSLContext serverContext() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {new Redaction()}, null, null);
        return context;
    }

    public static Authority authority(String name) {
        KeyPair pair = pair(1024);
        X500Name subject = new X500Name("CN=" + name);
        return new Authority(
                List.of(sign(builder(subject, subject, pair, true), pair.getPrivate(), "SHA256withRSA")),
                pair.getPrivate());
    }

    /** What signs. */
    public record Authority(List<X509Certificate> certificates, PrivateKey key) {
        /** One below this. */
        public Authority authority(String name) {
            KeyPair pair = pair(1024);
            X509Certificate own =
                    sign(builder(subject(), new X500Name("CN=" + name), pair, true), key, "SHA256withRSA");
            return new Authority(with(own), pair.getPrivate());
        }

        public TestChain issue(Consumer<Leaf> how) {
            Leaf leaf = new Leaf();
            how.accept(leaf);
            return new TestChain(with(leaf.issue(this)), leaf.pair.getPrivate());
        }

        public Path write(Path directory) throws IOException {
            StringWriter text = new StringWriter();
            try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
                pem.writeObject(certificates.get(certificates.size() - 1));
            }
            return Files.writeString(directory.resolve("root.pem"), text.toString());
        }

        private X500Name subject() {
            return X500Name.getInstance(
                    certificates.get(0).getSubjectX500Principal().getEncoded());
        }

        private List<X509Certificate> with(X509Certificate first) {
            return Stream.concat(Stream.of(first), certificates.stream()).toList();
        }
    }

    /** A server's certificate; a good one without names, if nothing is said. */
    public static final class Leaf {
        private KeyPair pair = GOOD;
        private String commonName = "server";
        private String signature = "SHA256withRSA";
        private KeyPurposeId purpose = KeyPurposeId.id_kp_serverAuth;
        private final List<GeneralName> names = new ArrayList<>();
        private String issuerAt;

        public Leaf names(String name) {
            names.add(new GeneralName(GeneralName.dNSName, name));
            return this;
        }

        /** Another type of name, such as {@link GeneralName#iPAddress}. */
        public Leaf name(int type, String name) {
            names.add(new GeneralName(type, name));
            return this;
        }

        public Leaf commonName(String name) {
            commonName = name;
            return this;
        }

        public Leaf rsa(int bits) {
            pair = pair(bits);
            return this;
        }

        public Leaf signature(String algorithm) {
            signature = algorithm;
            return this;
        }

        public Leaf purpose(KeyPurposeId other) {
            purpose = other;
            return this;
        }

        public Leaf issuerAt(String url) {
            issuerAt = url;
            return this;
        }

        private X509Certificate issue(Authority authority) {
            try {
                X509v3CertificateBuilder builder =
                        builder(authority.subject(), new X500Name("CN=" + commonName), pair, false);
                builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
                if (!names.isEmpty()) {
                    builder.addExtension(
                            Extension.subjectAlternativeName,
                            false,
                            new GeneralNames(names.toArray(GeneralName[]::new)));
                }
                if (issuerAt != null) {
                    builder.addExtension(
                            Extension.authorityInfoAccess,
                            false,
                            new AuthorityInformationAccess(
                                    AccessDescription.id_ad_caIssuers,
                                    new GeneralName(GeneralName.uniformResourceIdentifier, issuerAt)));
                }
                return sign(builder, authority.key, signature);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, KeyPair pair, boolean authority) {
        Instant from = Instant.now().minus(Duration.ofDays(1));
        try {
            return new JcaX509v3CertificateBuilder(
                            issuer,
                            new BigInteger(120, new SecureRandom()),
                            Date.from(from),
                            Date.from(from.plus(Duration.ofDays(30))),
                            subject,
                            pair.getPublic())
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key, String algorithm) {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(key)));
        } catch (OperatorException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair pair(int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Shows the chain as it is: the JDK's key manager would sort out what is not fit. */
    private final class Redaction extends X509ExtendedKeyManager {
        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
            return keyType.equals("RSA") ? "it" : null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return certificates.toArray(X509Certificate[]::new);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers) {
            return new String[] {"it"};
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
            return null;
        }
    }
}
