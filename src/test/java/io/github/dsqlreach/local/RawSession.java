package io.github.dsqlreach.local;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** A session that is logged in and sends exactly the messages that a test wants. */
final class RawSession implements AutoCloseable {
    private final RawClient client;

    private RawSession(RawClient client) {
        this.client = client;
    }

    static RawSession of(LocalDsql cluster) throws Exception {
        RawClient client = RawClient.connect(cluster);
        client.startTls(cluster, "TLSv1.3", cluster.endpoint().host(), null);
        client.startup("user", "admin", "database", "postgres");
        client.readMessage();
        client.password(cluster.token("admin"));
        RawSession session = new RawSession(client);
        session.answer();
        return session;
    }

    RawSession send(byte[]... messages) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] message : messages) {
            all.writeBytes(message);
        }
        client.send(all.toByteArray());
        return this;
    }

    /** By the simple protocol. */
    String query(String sql) throws IOException {
        return send(queryMessage(sql)).answer();
    }

    /** By the extended protocol, unnamed, in one go. */
    String execute(String sql) throws IOException {
        return send(parse("", sql), bind("", ""), executePortal(""), sync()).answer();
    }

    static byte[] queryMessage(String sql) {
        return Wire.message('Q', new Wire.Body().text(sql).bytes());
    }

    static byte[] parse(String name, String sql) {
        return Wire.message(
                'P', new Wire.Body().text(name).text(sql).raw(new byte[2]).bytes());
    }

    static byte[] bind(String portal, String statement) {
        return Wire.message(
                'B',
                new Wire.Body().text(portal).text(statement).raw(new byte[6]).bytes());
    }

    static byte[] describeStatement(String name) {
        return Wire.message(
                'D', new Wire.Body().raw(new byte[] {'S'}).text(name).bytes());
    }

    static byte[] executePortal(String portal) {
        return Wire.message('E', new Wire.Body().text(portal).number(0).bytes());
    }

    static byte[] sync() {
        return Wire.message('S', new byte[0]);
    }

    static byte[] flush() {
        return Wire.message('H', new byte[0]);
    }

    static byte[] copyData(String data) {
        return Wire.message('d', data.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] copyDone() {
        return Wire.message('c', new byte[0]);
    }

    /** Everything up to ReadyForQuery, in words: {@code BEGIN, ready T}, {@code 0A000 text, ready I}. */
    String answer() throws IOException {
        StringJoiner answer = new StringJoiner(", ");
        String next;
        do {
            next = next();
            if (!next.isEmpty()) {
                answer.add(next);
            }
        } while (!next.startsWith("ready"));
        return answer.toString();
    }

    /** The next message, in words; empty for what tests do not look at. */
    String next() throws IOException {
        Wire.Message message = client.readMessage();
        String text = new String(message.body(), StandardCharsets.UTF_8);
        return switch (message.type()) {
            case 'C' -> text.substring(0, text.length() - 1);
            case 'Z' -> "ready " + text;
            case 'E' -> field(text, 'C') + " " + field(text, 'M');
            case 'D' -> "row " + row(message.body());
            case '1' -> "parsed";
            case '2' -> "bound";
            case '3' -> "closed";
            case 'I' -> "empty";
            case 'n' -> "no data";
            case 'G' -> "copy in";
            case 'H' -> "copy out";
            case 's' -> "suspended";
            case 'V' -> "called";
            case 'N' -> "notice " + field(text, 'C');
            default -> "";
        };
    }

    /** Whether the server has ended the connection. */
    boolean isEnded() throws IOException {
        return client.next() == -1;
    }

    private static String field(String fields, char name) {
        for (String field : fields.split("\0")) {
            if (!field.isEmpty() && field.charAt(0) == name) {
                return field.substring(1);
            }
        }
        return "";
    }

    private static String row(byte[] body) {
        ByteBuffer buffer = ByteBuffer.wrap(body);
        List<String> values = new ArrayList<>();
        for (int count = buffer.getShort(); count > 0; count--) {
            int length = buffer.getInt();
            byte[] value = new byte[Math.max(length, 0)];
            buffer.get(value);
            values.add(length < 0 ? "null" : new String(value, StandardCharsets.UTF_8));
        }
        return String.join("|", values);
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
