package io.github.dsqlreach.local;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.connect.AuthToken;
import io.github.dsqlreach.internal.StartupCode;
import io.github.dsqlreach.internal.client.TrustStores;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** A session of any cluster, real or local, that shows answers as they are: command tags, columns, SQLSTATEs. */
final class ProbeSession implements Closeable {
    private static final int TIMEOUT_MILLIS = 15_000;
    private static final int MOST_BYTES = 1 << 24;

    private final SSLSocket socket;
    private final InputStream in;

    private ProbeSession(SSLSocket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /** What one or several statements answered; {@code sqlState} and {@code message} are {@code null} if all succeeded. */
    record Answer(List<Probe.Result> results, String sqlState, String message) {
        boolean isRefused() {
            return sqlState != null;
        }

        @Override
        public String toString() {
            return isRefused()
                    ? sqlState + " " + message
                    : results.stream().map(Probe.Result::toString).collect(Collectors.joining("; "));
        }
    }

    static ProbeSession open(Endpoint endpoint, AwsCredentialsProvider credentials) throws IOException {
        HostAndPort target = endpoint.connectTo().orElse(endpoint.address());
        Socket plain = new Socket();
        try {
            plain.connect(new InetSocketAddress(target.host(), target.port()), TIMEOUT_MILLIS);
            plain.setSoTimeout(TIMEOUT_MILLIS);
            plain.setTcpNoDelay(true);
            plain.getOutputStream()
                    .write(ByteBuffer.allocate(8)
                            .putInt(8)
                            .putInt(StartupCode.SSL_REQUEST)
                            .array());
            if (plain.getInputStream().read() != 'S') {
                throw new IOException(target + " does not offer TLS");
            }
            ProbeSession session = new ProbeSession(tls(plain, endpoint));
            session.logIn(endpoint, credentials);
            return session;
        } catch (Exception e) {
            plain.close();
            throw e instanceof IOException io ? io : new IOException(e);
        }
    }

    private static SSLSocket tls(Socket plain, Endpoint endpoint) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {TrustStores.of(endpoint.trust())}, null);
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(plain, endpoint.host(), 5432, true);
        SSLParameters parameters = tls.getSSLParameters();
        if (endpoint.trust().mode() == Trust.Mode.VERIFY_FULL) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        tls.setSSLParameters(parameters);
        tls.startHandshake();
        return tls;
    }

    private void logIn(Endpoint endpoint, AwsCredentialsProvider credentials) throws Exception {
        Wire.Body startup = new Wire.Body()
                .number(StartupCode.PROTOCOL_MAJOR << 16)
                .text("user")
                .text(endpoint.user())
                .text("database")
                .text(endpoint.database())
                .text("client_encoding")
                .text("UTF8");
        if (!endpoint.options().isEmpty()) {
            startup.text("options").text(endpoint.options());
        }
        socket.getOutputStream().write(Wire.untyped(startup.zero().bytes()));
        if (Wire.readMessage(in, MOST_BYTES).type() != 'R') {
            throw new IOException("no request for a password");
        }
        String token = AuthToken.forConnection(endpoint, credentials).value();
        send(Wire.message('p', new Wire.Body().text(token).bytes()));
        Answer answer = read(new ArrayList<>(), false);
        if (answer.isRefused()) {
            throw new IOException(answer.toString());
        }
    }

    private void send(byte[]... messages) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] message : messages) {
            all.writeBytes(message);
        }
        socket.getOutputStream().write(all.toByteArray());
    }

    /** By the simple protocol. */
    Answer query(String sql) throws IOException {
        send(Wire.message('Q', new Wire.Body().text(sql).bytes()));
        return read(new ArrayList<>(), true);
    }

    /** By the extended protocol: prepared and described, then bound and executed, each with a Sync of its own. */
    Answer execute(String sql) throws IOException {
        byte[] sync = Wire.message('S', new byte[0]);
        send(
                Wire.message(
                        'P', new Wire.Body().zero().text(sql).raw(new byte[2]).bytes()),
                Wire.message('D', new byte[] {'S', 0}),
                sync);
        List<String> columns = new ArrayList<>();
        Answer prepared = read(columns, false);
        if (prepared.isRefused()) {
            return prepared;
        }
        send(Wire.message('B', new byte[8]), Wire.message('E', new byte[5]), sync);
        return read(columns, false);
    }

    private Answer read(List<String> columns, boolean clearColumns) throws IOException {
        List<Probe.Result> results = new ArrayList<>();
        List<List<String>> rows = new ArrayList<>();
        String sqlState = null;
        String message = null;
        while (true) {
            Wire.Message next = Wire.readMessage(in, MOST_BYTES);
            ByteBuffer body = ByteBuffer.wrap(next.body());
            switch (next.type()) {
                case 'T' -> {
                    columns.clear();
                    for (int count = body.getShort(); count > 0; count--) {
                        columns.add(text(body));
                        body.position(body.position() + 18);
                    }
                }
                case 'D' -> rows.add(row(body));
                case 'C' -> {
                    results.add(new Probe.Result(text(body), List.copyOf(columns), rows));
                    rows = new ArrayList<>();
                    if (clearColumns) {
                        columns.clear();
                    }
                }
                case 'E' -> {
                    List<String> fields = Arrays.asList(new String(next.body(), StandardCharsets.UTF_8).split("\0"));
                    sqlState = field(fields, 'C');
                    message = field(fields, 'M');
                }
                case 'Z' -> {
                    return new Answer(results, sqlState, message);
                }
                default -> {
                    // Nothing that a probe looks at.
                }
            }
        }
    }

    private static String text(ByteBuffer buffer) {
        int start = buffer.position();
        while (buffer.get() != 0) {}
        return new String(buffer.array(), start, buffer.position() - 1 - start, StandardCharsets.UTF_8);
    }

    private static List<String> row(ByteBuffer buffer) {
        List<String> row = new ArrayList<>();
        for (int count = buffer.getShort(); count > 0; count--) {
            int length = buffer.getInt();
            byte[] value = new byte[Math.max(length, 0)];
            buffer.get(value);
            row.add(length < 0 ? null : new String(value, StandardCharsets.UTF_8));
        }
        return row;
    }

    private static String field(List<String> fields, char name) {
        return fields.stream()
                .filter(field -> !field.isEmpty() && field.charAt(0) == name)
                .map(field -> field.substring(1))
                .findFirst()
                .orElse("");
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
