package io.github.dsqlreach.local;

import io.github.dsqlreach.internal.StartupCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A client that sends exactly what a test wants. */
final class RawClient implements AutoCloseable {
    private final Socket raw;
    private Socket socket;

    private RawClient(Socket raw) {
        this.raw = raw;
        this.socket = raw;
    }

    static RawClient connect(LocalDsql local) throws IOException {
        return connect(local.address().port());
    }

    static RawClient connect(int port) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(10_000);
        return new RawClient(socket);
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** The next byte, or -1 at the end; a reset counts as an end. */
    int next() throws IOException {
        try {
            return socket.getInputStream().read();
        } catch (java.net.SocketException e) {
            return -1;
        }
    }

    int request(int code) throws IOException {
        send(ByteBuffer.allocate(8).putInt(8).putInt(code).array());
        return next();
    }

    /** SSLRequest and TLS; without SNI or ALPN where they are {@code null}. */
    void startTls(LocalDsql local, String version, String sni, String alpn) throws Exception {
        if (request(StartupCode.SSL_REQUEST) != 'S') {
            throw new IOException("no S");
        }
        startTlsAtOnce(local, version, sni, alpn);
    }

    void startTlsAtOnce(LocalDsql local, String version, String sni, String alpn) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream pem = java.nio.file.Files.newInputStream(local.rootCertificate())) {
            store.setCertificateEntry(
                    "root", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(raw, null, raw.getPort(), true);
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setProtocols(new String[] {version});
        if (sni != null) {
            parameters.setServerNames(List.of(new SNIHostName(sni)));
        }
        if (alpn != null) {
            parameters.setApplicationProtocols(new String[] {alpn});
        }
        tls.setSSLParameters(parameters);
        tls.startHandshake();
        socket = tls;
    }

    void startup(String... parameters) throws IOException {
        Wire.Body body = new Wire.Body().number(3 << 16);
        for (String parameter : parameters) {
            body.text(parameter);
        }
        send(Wire.untyped(body.zero().bytes()));
    }

    void password(String password) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(Wire.message('p', new Wire.Body().text(password).bytes()));
    }

    /** The next message. */
    Wire.Message readMessage() throws IOException {
        return Wire.readMessage(socket.getInputStream(), 1 << 30);
    }

    /** The next message: {@code R} with its number, or the type and the text of an error. */
    String read() throws IOException {
        Wire.Message message = Wire.readMessage(socket.getInputStream(), 100_000);
        return message.type() == 'R'
                ? "R" + message.firstInt()
                : message.type()
                        + new String(message.body(), java.nio.charset.StandardCharsets.UTF_8).replace('\0', '|');
    }

    @Override
    public void close() throws IOException {
        raw.close();
    }
}
