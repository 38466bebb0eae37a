package io.github.dsqlreach.toxiproxy;

import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.Quietly;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The man in the middle of one connection: a port for one client, TLS towards it with our keys, and, once it has accepted
 * them, TLS of the same kind (SSLRequest or direct, same SNI and ALPN) towards the upstream, which it trusts blindly. It
 * belongs to the link of that client, which closes it.
 */
final class Interceptor implements Closeable {
    private static final int PATIENCE_MILLIS = 10_000;
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final KeyManager[] keys;
    private final String upstream;
    private final ServerSocket server = new ServerSocket();
    private final List<Socket> sockets = new ArrayList<>();
    private boolean closed;

    private Interceptor(KeyManager[] keys, String upstream) throws IOException {
        this.keys = keys;
        this.upstream = upstream;
        server.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 1);
        server.setSoTimeout(PATIENCE_MILLIS);
    }

    /** Awaits one connection. */
    static Interceptor start(KeyManager[] keys, String upstream) throws IOException {
        Interceptor interceptor = new Interceptor(keys, upstream);
        try {
            thread(interceptor::serve);
        } catch (OutOfMemoryError e) {
            interceptor.close();
            throw e;
        }
        return interceptor;
    }

    /** Where the client's bytes are to go instead of the upstream. */
    InetSocketAddress address() {
        return (InetSocketAddress) server.getLocalSocketAddress();
    }

    /** Ends it whatever it is waiting for. */
    @Override
    public synchronized void close() {
        closed = true;
        Quietly.close(server);
        sockets.forEach(Quietly::close);
    }

    private synchronized Socket owned(Socket socket) throws IOException {
        sockets.add(socket);
        if (closed) {
            socket.close();
        }
        return socket;
    }

    private void serve() {
        try (server;
                Socket client = owned(server.accept())) {
            server.close();
            intercept(client);
        } catch (IOException | GeneralSecurityException | OutOfMemoryError e) {
            // The client refused the certificate, one side is gone, or there is no thread for it: both are closed.
        }
    }

    private void intercept(Socket client) throws IOException, GeneralSecurityException {
        byte[] first = client.getInputStream().readNBytes(PostgresRequest.LENGTH);
        boolean asked = PostgresRequest.SSL_REQUEST.starts(first);
        if (asked) {
            client.getOutputStream().write('S');
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, null, null);
        InputStream consumed = asked ? null : new ByteArrayInputStream(first);
        try (SSLSocket down = (SSLSocket) context.getSocketFactory().createSocket(client, consumed, true)) {
            down.setHandshakeApplicationProtocolSelector(
                    (socket, protocols) -> protocols.isEmpty() ? "" : protocols.get(0));
            down.setSoTimeout(PATIENCE_MILLIS);
            down.startHandshake();
            down.setSoTimeout(0);
            try (Socket plain = connect();
                    SSLSocket up = encrypt(plain, down, asked)) {
                thread(() -> copyThenClose(up, down));
                copyThenClose(down, up);
            }
        }
    }

    private Socket connect() throws IOException {
        IOException last = new IOException("no address");
        for (InetSocketAddress address : Addresses.upstream(upstream)) {
            Socket socket = owned(new Socket());
            try {
                socket.connect(address, PATIENCE_MILLIS);
                socket.setTcpNoDelay(true);
                return socket;
            } catch (IOException e) {
                Quietly.close(socket);
                last = e;
            }
        }
        throw last;
    }

    private static SSLSocket encrypt(Socket plain, SSLSocket down, boolean ask)
            throws IOException, GeneralSecurityException {
        plain.setSoTimeout(PATIENCE_MILLIS);
        if (ask) {
            plain.getOutputStream().write(PostgresRequest.SSL_REQUEST.bytes());
            if (plain.getInputStream().read() != 'S') {
                throw new IOException("the upstream refuses TLS");
            }
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustAll()}, null);
        SSLSocket up = (SSLSocket) context.getSocketFactory()
                .createSocket(plain, plain.getInetAddress().getHostAddress(), plain.getPort(), true);
        SSLParameters parameters = up.getSSLParameters();
        List<SNIServerName> names = ((ExtendedSSLSession) down.getSession()).getRequestedServerNames();
        parameters.setServerNames(names);
        if (!down.getApplicationProtocol().isEmpty()) {
            parameters.setApplicationProtocols(new String[] {down.getApplicationProtocol()});
        }
        up.setSSLParameters(parameters);
        up.startHandshake();
        up.setSoTimeout(0);
        return up;
    }

    private static void copyThenClose(Socket from, Socket to) {
        try (from;
                to) {
            OutputStream out = to.getOutputStream();
            from.getInputStream().transferTo(out);
        } catch (IOException e) {
            // One side is gone, and now the other too.
        }
    }

    private static void thread(Runnable task) {
        Daemon.start("dsql-reach-toxiproxy-intercept-" + COUNT.incrementAndGet(), task);
    }

    /** An interceptor has no say in whom to trust; nothing but test data passes here. */
    static final class TrustAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
