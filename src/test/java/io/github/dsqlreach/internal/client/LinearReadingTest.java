package io.github.dsqlreach.internal.client;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Work;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Twice the answer of a proxy or a server, and twice the list in the environment, is twice the work. */
class LinearReadingTest {
    private static final byte[] EMPTY_FRAME = {(byte) 0x82, 0};
    private static final byte[] FRAME = {(byte) 0x82, 1, 'x'};
    private static final byte[] PING = {(byte) 0x89, 3, 'a', 'b', 'c'};

    @ParameterizedTest
    @CsvSource({
        "smallFrames, 2000",
        "drippingFrames, 2000",
        "pings, 2000",
        "emptyFrames, 2000",
        "oneFrame, 4000",
        "partsOfAMessage, 2000",
        "smallMessagesWritten, 2000",
        "oneMessageWritten, 2000",
        "drippingHeaders, 4000",
        "manyHeaders, 4000",
        "oneLongHeader, 4000",
        "longReason, 4000",
        "manyLineEnds, 4000",
        "listInAHeader, 4000",
        "loginsThatAProxyWants, 4000",
        "listOfExemptions, 2000",
        "exemptionOfColons, 4000",
        "exemptionOfBrackets, 4000",
        "exemptionOfDots, 4000",
        "exemptionOfDigits, 4000",
        "proxyOfAtSigns, 4000",
        "proxyOfLetters, 4000",
        "proxyOfColons, 4000",
        "proxyOfSlashes, 4000"
    })
    void isLinear(String work, int size) {
        Work.assertLinear(LinearReadingTest.class, work, size);
    }

    static void smallFrames(int size) throws IOException {
        read(new ByteArrayInputStream(repeat(FRAME, size)));
    }

    static void drippingFrames(int size) throws IOException {
        read(Work.dripping(repeat(FRAME, size)));
    }

    static void pings(int size) throws IOException {
        read(Work.dripping(repeat(PING, size)));
    }

    static void emptyFrames(int size) throws IOException {
        read(Work.dripping(repeat(EMPTY_FRAME, size)));
    }

    static void oneFrame(int size) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(new byte[] {(byte) 0x82, 126, (byte) (size >> 8), (byte) size});
        frame.write(new byte[size]);
        read(Work.dripping(frame.toByteArray()));
    }

    static void partsOfAMessage(int size) throws IOException {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        frames.write(new byte[] {2, 1, 'x'});
        frames.write(repeat(new byte[] {0, 1, 'x'}, size));
        frames.write(new byte[] {(byte) 0x80, 0});
        read(Work.dripping(frames.toByteArray()));
    }

    static void smallMessagesWritten(int size) throws IOException {
        FrameOutput out = new FrameOutput(OutputStream.nullOutputStream(), Runnable::run);
        for (int i = 0; i < size; i++) {
            out.write(i);
            out.flush();
        }
    }

    static void oneMessageWritten(int size) throws IOException {
        FrameOutput out = new FrameOutput(OutputStream.nullOutputStream(), Runnable::run);
        for (int i = 0; i < 100 * size; i++) {
            out.write(i);
        }
        out.flush();
    }

    private static void read(InputStream bytes) throws IOException {
        FrameInput in =
                new FrameInput(new ReadAhead(bytes), new FrameOutput(OutputStream.nullOutputStream(), Runnable::run));
        in.readAllBytes();
    }

    static void drippingHeaders(int size) throws IOException {
        answer(Work.dripping(bytes("HTTP/1.1 101 Switching\r\n" + "a: b\r\n".repeat(size / 6) + "\r\n")));
    }

    static void manyHeaders(int size) throws IOException {
        answer(new ByteArrayInputStream(bytes("HTTP/1.1 101 Switching\r\n" + "a: b\r\n".repeat(size / 6) + "\r\n")));
    }

    static void oneLongHeader(int size) throws IOException {
        answer(Work.dripping(bytes("HTTP/1.1 101 Switching\r\na: " + " ".repeat(size) + "\r\n\r\n")));
    }

    static void longReason(int size) throws IOException {
        answer(Work.dripping(bytes("HTTP/1.1 403 " + " ".repeat(size) + "x\r\n\r\n")));
    }

    static void manyLineEnds(int size) throws IOException {
        answer(Work.dripping(bytes("HTTP/1.1 403 \r\n" + "\r\r\n\r".repeat(size / 4) + "\r\n\r\n")));
    }

    static void listInAHeader(int size) throws IOException {
        answer(Work.dripping(bytes("HTTP/1.1 101 \r\nUpgrade:" + ", ".repeat(size / 2) + "\r\n\r\n")));
    }

    private static void answer(InputStream bytes) throws IOException {
        HttpAnswer answer = HttpAnswer.read(new ReadAhead(bytes), "CONNECT");
        answer.lists("Upgrade", "websocket");
        answer.values("Sec-WebSocket-Accept");
    }

    static void loginsThatAProxyWants(int size) throws IOException {
        String answer = "HTTP/1.1 407 Login\r\n" + "Proxy-Authenticate: a ,, \r\n".repeat(size / 26) + "\r\n";
        try {
            HttpProxy.at(new HostAndPort("proxy", 80))
                    .tunnel(Work.drippingSocket(bytes(answer)), new HostAndPort("server", 443));
        } catch (HttpRefusedException e) {
            e.getMessage();
        }
    }

    static void listOfExemptions(int size) {
        exempts("10.0.0.0/8, .example.org, *.b, [::1]:443,".repeat(size / 40));
    }

    static void exemptionOfColons(int size) {
        exempts(":".repeat(size));
    }

    static void exemptionOfBrackets(int size) {
        exempts("[".repeat(size) + "]".repeat(size));
    }

    static void exemptionOfDots(int size) {
        exempts(".".repeat(size));
    }

    static void exemptionOfDigits(int size) {
        exempts("1".repeat(size) + "/" + "1".repeat(size) + ",a:" + "1".repeat(size) + ",1.1.1." + "1".repeat(size));
    }

    private static void exempts(String list) {
        NoProxy.exempts(list, new HostAndPort("abc.dsql.us-east-1.on.aws", 443));
    }

    static void proxyOfAtSigns(int size) {
        proxy("@".repeat(size));
    }

    static void proxyOfLetters(int size) {
        proxy("a".repeat(size));
    }

    static void proxyOfColons(int size) {
        proxy("http://a:" + ":@".repeat(size));
    }

    static void proxyOfSlashes(int size) {
        proxy("http://user@" + "://".repeat(size));
    }

    private static void proxy(String value) {
        try {
            HttpProxy.to(new HostAndPort("server", 443), null, new Properties(), Map.of("HTTPS_PROXY", value));
        } catch (IOException e) {
            e.getMessage();
        }
    }

    private static byte[] repeat(byte[] bytes, int times) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < times; i++) {
            all.writeBytes(bytes);
        }
        return all.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
