package io.github.dsqlreach.toxiproxy;

import io.github.dsqlreach.Work;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Twice as many bytes of a client or of a request to the API are twice the work, in pieces of whatever size. */
class LinearReadingTest {
    @ParameterizedTest
    @CsvSource({
        "clientHelloByteByByte, 4000",
        "recordsOfOneByte, 4000",
        "emptyRecords, 4000",
        "manyNames, 4000",
        "manyProtocols, 4000",
        "encryptionRequestsInOneChunk, 2000",
        "encryptionRequestsByteByByte, 2000",
        "startupByteByByte, 4000",
        "recordsAfterTheHandshake, 4000",
        "recordsAfterTheHandshakeInOneChunk, 4000",
        "encryptionRequestsBeforeTheHandshake, 2000",
        "slices, 4000",
        "jsonObject, 2000",
        "jsonArray, 2000",
        "jsonString, 4000",
        "jsonNumber, 4000",
        "jsonSurrogates, 2000"
    })
    void isLinear(String work, int size) {
        Work.assertLinear(LinearReadingTest.class, work, size);
    }

    static void clientHelloByteByByte(int size) {
        send(match("sni"), hello(extension(21, new byte[size])), 1);
    }

    static void recordsOfOneByte(int size) {
        byte[] hello = hello(extension(21, new byte[size]));
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        for (int i = 5; i < hello.length; i++) {
            records.writeBytes(new byte[] {22, 3, 1, 0, 1, hello[i]});
        }
        send(match("sni"), records.toByteArray(), 1);
    }

    static void emptyRecords(int size) {
        send(match("alpn"), repeat(new byte[] {22, 3, 1, 0, 0}, size), 7);
    }

    static void manyNames(int size) {
        byte[] names = repeat(new byte[] {0, 0, 1, 'a'}, size);
        send(match("sni"), hello(extension(0, withLength(names))), 100);
    }

    static void manyProtocols(int size) {
        byte[] protocols = repeat(new byte[] {1, 'h'}, size);
        send(match("alpn"), hello(extension(16, withLength(protocols))), 100);
    }

    static void encryptionRequestsInOneChunk(int size) {
        send(match("client_hello"), repeat(PostgresRequest.SSL_REQUEST.bytes(), size), Integer.MAX_VALUE);
    }

    static void encryptionRequestsByteByByte(int size) {
        send(match("sni"), repeat(PostgresRequest.GSS_REQUEST.bytes(), size), 1);
    }

    static void startupByteByByte(int size) {
        byte[] startup = ByteBuffer.allocate(size)
                .putInt(size)
                .putInt(3 << 16)
                .put("user\0".repeat(size / 5 - 2).getBytes(StandardCharsets.US_ASCII))
                .array();
        send(match("startup"), startup, 1);
    }

    static void recordsAfterTheHandshake(int size) {
        send(afterTls(), records(size), 1);
    }

    static void recordsAfterTheHandshakeInOneChunk(int size) {
        send(afterTls(), records(size), Integer.MAX_VALUE);
    }

    static void encryptionRequestsBeforeTheHandshake(int size) {
        send(afterTls(), repeat(PostgresRequest.SSL_REQUEST.bytes(), size), 3);
    }

    static void slices(int size) {
        send(new SlicerToxic(given(Map.of("average_size", 1))), new byte[size], Integer.MAX_VALUE);
    }

    static void jsonObject(int size) {
        StringBuilder json = new StringBuilder("{\"a\": 1");
        for (int i = 0; i < size; i++) {
            json.append(",\"").append(i).append("\": \"x\"");
        }
        Json.values(Json.object(Json.parse(json + "}"), "attributes"));
    }

    static void jsonArray(int size) {
        Json.parse("[" + "{},".repeat(size) + "{}]");
    }

    static void jsonString(int size) {
        Json.string(Json.object(Json.parse("{\"a\": \"" + "\\n".repeat(size) + "\"}"), "it"), "a", "");
    }

    static void jsonNumber(int size) {
        try {
            Json.parse("{\"a\": " + "1".repeat(size) + "}");
        } catch (ApiException e) {
            // Too long a number.
        }
    }

    static void jsonSurrogates(int size) {
        Json.string(Json.object(Json.parse("{\"a\": \"" + "\\ud800".repeat(size) + "\"}"), "it"), "a", "");
    }

    private static MatchToxic match(String on) {
        return new MatchToxic(given(Map.of("on", on, "value", "none", "then", "close")));
    }

    private static AfterTlsToxic afterTls() {
        return new AfterTlsToxic(given(Map.of("message", 1_000_000, "then", "close")));
    }

    private static Attributes given(Map<String, Object> attributes) {
        return new Attributes(Direction.UPSTREAM, attributes);
    }

    private static <M> void send(Toxic<M> toxic, byte[] bytes, int piece) {
        M memory = toxic.memory();
        ToxicStub stub = new Ignored();
        for (int at = 0; at < bytes.length; at += Math.min(piece, bytes.length - at)) {
            int count = Math.min(piece, bytes.length - at);
            toxic.receive(stub, memory, new Chunk(ByteBuffer.wrap(bytes, at, count), 0));
        }
    }

    private static byte[] records(int size) {
        byte[] hello = hello(new byte[0]);
        byte[] messages = repeat(new byte[] {23, 3, 3, 0, 2, 'x', 'y'}, size);
        return ByteBuffer.allocate(hello.length + messages.length)
                .put(hello)
                .put(messages)
                .array();
    }

    private static byte[] hello(byte[] extensions) {
        int body = 2 + 32 + 1 + 2 + 2 + 1 + 1 + 2 + extensions.length;
        return ByteBuffer.allocate(9 + body)
                .put(new byte[] {22, 3, 1})
                .putShort((short) (4 + body))
                .putInt(1 << 24 | body)
                .put(new byte[2 + 32 + 1])
                .put(new byte[] {0, 2, 1, 1, 1, 0})
                .putShort((short) extensions.length)
                .put(extensions)
                .array();
    }

    private static byte[] extension(int type, byte[] content) {
        return ByteBuffer.allocate(4 + content.length)
                .putShort((short) type)
                .put(withLength(content))
                .array();
    }

    private static byte[] withLength(byte[] content) {
        return ByteBuffer.allocate(2 + content.length)
                .putShort((short) content.length)
                .put(content)
                .array();
    }

    private static byte[] repeat(byte[] bytes, int times) {
        byte[] all = new byte[bytes.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(bytes, 0, all, i * bytes.length, bytes.length);
        }
        return all;
    }

    private static final class Ignored implements ToxicStub {
        @Override
        public void pass(Chunk chunk) {}

        @Override
        public void close() {}

        @Override
        public void hold(long nanos, Runnable then, Runnable interrupted) {
            then.run();
        }

        @Override
        public void holdFirmly(long nanos, Runnable then) {
            then.run();
        }

        @Override
        public void alarm(long nanos, Runnable then) {}

        @Override
        public String upstream() {
            return "127.0.0.1:1";
        }

        @Override
        public void struck() {}

        @Override
        public boolean isOlderThanToxic() {
            return false;
        }

        @Override
        public void dataPassed() {}

        @Override
        public long nanosWithoutData() {
            return 0;
        }

        @Override
        public long answers() {
            return 0;
        }

        @Override
        public void closeUpstream() {}

        @Override
        public void endAnswers() {}

        @Override
        public void closeByReset() {}

        @Override
        public void abort() {}

        @Override
        public void answerAndClose(byte[] answer) {}

        @Override
        public void divert(Interceptor elsewhere) {}
    }
}
