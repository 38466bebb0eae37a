package io.github.dsqlreach.toxiproxy;

import io.github.dsqlreach.toxiproxy.ToxicDefinition.Certificate;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Where an interceptor's key and certificate come from. */
final class InterceptKeys {
    private InterceptKeys() {}

    /** A certificate for each name that a client asks for, from an authority made up for it. */
    static KeyManager[] generated(Certificate certificate) {
        Map<String, InterceptCertificates.KeyAndChain> byName = new ConcurrentHashMap<>();
        return new KeyManager[] {
            new ByName(name -> byName.computeIfAbsent(name, asked -> InterceptCertificates.make(certificate, asked)))
        };
    }

    static KeyManager[] load(String pkcs12, String password) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(Path.of(pkcs12))) {
            store.load(in, password.toCharArray());
        } catch (InvalidPathException e) {
            throw new IOException(e);
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, password.toCharArray());
        return factory.getKeyManagers();
    }

    /** Chooses by SNI: the alias is the server's name. */
    private static final class ByName extends X509ExtendedKeyManager {
        private final Function<String, InterceptCertificates.KeyAndChain> maker;

        ByName(Function<String, InterceptCertificates.KeyAndChain> maker) {
            this.maker = maker;
        }

        @Override
        public @Nullable String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
            if (!keyType.equals("EC")) {
                return null;
            }
            ExtendedSSLSession session = (ExtendedSSLSession) ((SSLSocket) socket).getHandshakeSession();
            return session.getRequestedServerNames().stream()
                    .filter(SNIHostName.class::isInstance)
                    .map(name -> ((SNIHostName) name).getAsciiName())
                    .findFirst()
                    .orElse("localhost");
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return maker.apply(alias).chain();
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return maker.apply(alias).key();
        }

        @Override
        public String @Nullable [] getServerAliases(String keyType, Principal[] issuers) {
            return null;
        }

        @Override
        public String @Nullable [] getClientAliases(String keyType, Principal[] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
            return null;
        }
    }
}
