package io.github.dsqlreach.connect;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.internal.HostNames;
import io.github.dsqlreach.internal.Rfc9525HostnameVerifier;
import io.github.dsqlreach.internal.client.ConnectedSocketFactory;
import io.github.dsqlreach.internal.client.HttpProxy;
import io.github.dsqlreach.internal.client.TimedSocket;
import io.github.dsqlreach.internal.client.TrustStores;
import io.github.dsqlreach.internal.client.WebSocketSocket;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

/**
 * Makes the PostgreSQL driver connect over the WebSocket on port 443 of a cluster, for networks that block port 5432. It
 * needs only this jar and the driver:
 *
 * <pre>{@code
 * jdbc:postgresql://abc.dsql.us-east-1.on.aws:443/postgres?sslmode=disable
 *     &socketFactory=io.github.dsqlreach.connect.WebSocketSocketFactory
 * }</pre>
 *
 * <p>{@code sslmode=disable} only prevents TLS inside TLS. The connection is always encrypted, and chain and host name are
 * verified as with {@code sslmode=verify-full}, before a password is sent. The trusted roots are those of the driver's
 * {@code sslrootcert}, or else the JDK's. {@code connectTimeout} and {@code loginTimeout} bound TCP, TLS and the upgrade
 * together. {@code socketFactoryArg=HOST:PORT} makes TCP connect to a tunnel, and
 * {@code socketFactoryArg=http://HOST:PORT} to an HTTP proxy. The name in the URL is still the one that is verified.
 */
public final class WebSocketSocketFactory extends ConnectedSocketFactory {
    private static final int DEFAULT_TIMEOUT_SECONDS = 10;
    private static final int POSTGRESQL_PORT = 5432;

    private final HostAndPort server;
    private final Optional<HostAndPort> tunnel;
    private final Optional<HttpProxy> proxy;
    private final Trust trust;
    private final int timeoutMillis;

    /**
     * The constructor that the driver calls, with its connection properties.
     *
     * @throws IllegalArgumentException if one of them cannot be used; the message names it
     */
    public WebSocketSocketFactory(Properties properties) {
        this.server = server(properties);
        Optional<String> target = Optional.ofNullable(properties.getProperty("socketFactoryArg"));
        this.proxy = target.filter(text -> text.startsWith(Endpoint.PROXY_SCHEME))
                .map(text -> HttpProxy.at(HostAndPort.parse(text.substring(Endpoint.PROXY_SCHEME.length()), 0)));
        this.tunnel = proxy.isPresent() ? Optional.empty() : target.map(text -> HostAndPort.parse(text, 0));
        this.trust = Optional.ofNullable(properties.getProperty("sslrootcert"))
                .filter(file -> !file.isEmpty() && !file.equals("system"))
                .map(file -> Trust.rootCertificate(Path.of(file)))
                .orElseGet(Trust::jdk);
        int connect = seconds(properties, "connectTimeout", DEFAULT_TIMEOUT_SECONDS);
        // The driver stops waiting at its loginTimeout, but does not end this call.
        int login = seconds(properties, "loginTimeout", 0);
        this.timeoutMillis = 1_000 * (login > 0 && (connect == 0 || login < connect) ? login : connect);
    }

    /** A factory for that endpoint, over a WebSocket whatever its transport is. */
    public static WebSocketSocketFactory to(Endpoint endpoint) {
        Endpoint other = endpoint.over(Transport.WEBSOCKET);
        Properties properties = new Properties();
        properties.setProperty("PGHOST", other.host());
        properties.setProperty("PGPORT", String.valueOf(other.port()));
        DriverProperties.of(other).forEach(properties::setProperty);
        return new WebSocketSocketFactory(properties);
    }

    private static HostAndPort server(Properties properties) {
        String host = properties.getProperty("PGHOST", "localhost");
        String port = properties.getProperty("PGPORT", String.valueOf(POSTGRESQL_PORT));
        if (host.indexOf(',') >= 0) {
            throw new IllegalArgumentException("the URL names several hosts (" + host + "); allowed is one");
        }
        HostAndPort server = HostAndPort.parse(
                (host.indexOf(':') < 0 || host.startsWith("[") ? host : "[" + host + "]") + ":" + port, 0);
        if (server.port() == POSTGRESQL_PORT) {
            throw new IllegalArgumentException("port 5432, also the driver's default, has no WebSocket; write " + host
                    + ":" + WebSocketSocket.DEFAULT_PORT + " in the URL");
        }
        return server;
    }

    private static int seconds(Properties properties, String name, int otherwise) {
        String text = properties.getProperty(name);
        if (text == null) {
            return otherwise;
        }
        if (!text.matches("\\d{1,6}")) {
            throw new IllegalArgumentException(name + " '" + text + "' is not a number of seconds");
        }
        return Integer.parseInt(text);
    }

    /** A socket over a WebSocket to the verified server. */
    @Override
    public Socket createSocket() throws IOException {
        Optional<HttpProxy> proxy = tunnel.isPresent() || this.proxy.isPresent() ? this.proxy : HttpProxy.to(server);
        HostAndPort target = proxy.map(HttpProxy::address).or(() -> tunnel).orElse(server);
        TimedSocket wire = new TimedSocket(timeoutMillis);
        String awaited = null;
        try {
            connect(wire, target, proxy);
            awaited = "TLS";
            SSLSocket encrypted = encrypt(wire);
            awaited = "the WebSocket upgrade";
            WebSocketSocket socket = WebSocketSocket.upgradeForUse(encrypted, wire, server);
            socket.setSoTimeout(0);
            return socket;
        } catch (SocketTimeoutException e) {
            wire.close();
            throw awaited == null
                    ? e
                    : new SocketTimeoutException("no answer to " + awaited + " from " + server
                            + proxy.map(p -> " through " + p).orElse("") + " within " + timeoutMillis / 1_000 + " s");
        } catch (IOException | RuntimeException e) {
            wire.close();
            throw e;
        }
    }

    private void connect(TimedSocket wire, HostAndPort target, Optional<HttpProxy> proxy) throws IOException {
        try {
            wire.connect(new InetSocketAddress(target.host(), target.port()), timeoutMillis);
        } catch (IOException e) {
            throw proxy.isEmpty() ? e : new ConnectException(proxy.get() + " cannot be reached: " + e.getMessage());
        }
        wire.setTcpNoDelay(true);
        if (proxy.isPresent()) {
            proxy.get().tunnel(wire, server);
        }
    }

    private SSLSocket encrypt(Socket wire) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {TrustStores.of(trust)}, null);
            SSLSocket socket =
                    (SSLSocket) context.getSocketFactory().createSocket(wire, server.host(), server.port(), true);
            SSLParameters parameters = socket.getSSLParameters();
            // RFC 6066 forbids an address as the server name.
            if (!HostNames.isAddress(server.host())) {
                parameters.setServerNames(List.of(new SNIHostName(HostNames.withoutFinalDot(server.host()))));
            }
            parameters.setApplicationProtocols(new String[] {WebSocketSocket.ALPN});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            if (!new Rfc9525HostnameVerifier().verify(server.host(), socket.getSession())) {
                throw new SSLPeerUnverifiedException("the server's certificate is not for " + server.host());
            }
            return socket;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS is not available: " + e.getMessage(), e);
        }
    }
}
