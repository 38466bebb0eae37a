package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Work;
import io.github.dsqlreach.internal.TlsAlerts;
import io.github.dsqlreach.internal.client.Credentials;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Twice as long an answer, error text or file of this machine is twice the work. */
class LinearReadingTest {
    @ParameterizedTest
    @CsvSource({
        "messagesOfTheServer, 3000",
        "messagesByteByByte, 3000",
        "receivedByteByByte, 3000",
        "fieldsOfAnError, 3000",
        "oneFieldOfAnError, 3000",
        "pageWithoutEndOfTags, 1000",
        "pageWithBlankTitle, 1000",
        "pageOfTitles, 1000",
        "greeting, 3000",
        "alertText, 3000",
        "wordsOfTheSdk, 1000",
        "oneWordOfTheSdk, 1000",
        "providersOfTheSdk, 1000",
        "profileFilesOfTheSdk, 1000",
        "propertiesOfTheSdk, 1000",
        "bracketsOfTheSdk, 1000",
        "hostsFile, 1000",
        "oneLineOfAHostsFile, 3000"
    })
    void isLinear(String work, int size) {
        Work.assertLinear(LinearReadingTest.class, work, size);
    }

    static void messagesOfTheServer(int size) throws IOException {
        byte[] bytes = notices(size);
        driver().check(bytes, 0, bytes.length);
    }

    static void messagesByteByByte(int size) throws IOException {
        byte[] bytes = notices(size);
        DriverSocket socket = driver();
        for (int i = 0; i < bytes.length; i++) {
            socket.check(bytes, i, 1);
        }
    }

    static void receivedByteByByte(int size) throws IOException {
        new DriverSocket(Work.drippingSocket(notices(size)), Deadline.in(Duration.ofDays(1)))
                .getInputStream()
                .readAllBytes();
    }

    private static DriverSocket driver() throws IOException {
        return new DriverSocket(new Socket(), Deadline.in(Duration.ofDays(1)));
    }

    private static byte[] notices(int size) {
        ByteBuffer notices = ByteBuffer.allocate(7 * size);
        for (int i = 0; i < size; i++) {
            notices.put((byte) 'N').putInt(6).put(new byte[2]);
        }
        return notices.array();
    }

    static void fieldsOfAnError(int size) {
        error("Hx\0".repeat(size));
    }

    static void oneFieldOfAnError(int size) {
        error("H" + "x".repeat(size));
    }

    private static void error(String fields) {
        byte[] bytes = ("C28000\0Mx\0" + fields).getBytes(StandardCharsets.ISO_8859_1);
        byte[] message = ByteBuffer.allocate(5 + bytes.length)
                .put((byte) 'E')
                .putInt(4 + bytes.length)
                .put(bytes)
                .array();
        ErrorResponse.parse(message).ifPresent(error -> error.note(Evidence.builder()));
    }

    static void pageWithoutEndOfTags(int size) {
        note("HTTP/1.1 200 OK\r\n" + "<title".repeat(size));
    }

    static void pageWithBlankTitle(int size) {
        note("HTTP/1.1 200 OK\r\n<title>" + " ".repeat(size));
    }

    static void pageOfTitles(int size) {
        note("HTTP/1.1 200 OK\r\n" + "<title> ".repeat(size));
    }

    static void greeting(int size) {
        note("220 " + "x ".repeat(size));
    }

    private static void note(String answer) {
        ProtocolDetector.note(Evidence.builder(), answer.getBytes(StandardCharsets.ISO_8859_1));
    }

    static void alertText(int size) {
        TlsAlerts.in(new IOException("Received fatal alert: ".repeat(size)));
    }

    static void wordsOfTheSdk(int size) {
        credentials("Unable to load credentials from any of the providers in the chain X : [" + "a, ".repeat(size));
    }

    static void oneWordOfTheSdk(int size) {
        credentials("Unable to load credentials from any of the providers in the chain X : [a.Provider: x" + ", "
                + "Provider".repeat(size));
    }

    static void providersOfTheSdk(int size) {
        credentials("Unable to load credentials from any of the providers in the chain X : ["
                + "a.Provider(profileName=x): no, ".repeat(size) + "]");
    }

    static void profileFilesOfTheSdk(int size) {
        credentials("ProfileFile(".repeat(size) + "Profile(name=a)".repeat(size));
    }

    static void propertiesOfTheSdk(int size) {
        credentials("Profile property '".repeat(size));
    }

    static void bracketsOfTheSdk(int size) {
        credentials("Unable to load credentials from any of the providers in the chain X : [a.Provider"
                + "(".repeat(size) + ": x, b.Provider" + "(".repeat(size));
    }

    private static void credentials(String message) {
        CredentialsFailures.of(Credentials.defaultChain(), new IllegalStateException(message));
    }

    static void hostsFile(int size) throws IOException {
        hosts("127.0.0.1 a b # c\n".repeat(size));
    }

    static void oneLineOfAHostsFile(int size) throws IOException {
        hosts("127.0.0.1" + " \t".repeat(size) + "#".repeat(size));
    }

    private static void hosts(String text) throws IOException {
        Path file = Files.createTempFile("hosts", null);
        try {
            Files.writeString(file, text);
            DnsQuery.inHostsFile("abc.dsql.us-east-1.on.aws", file);
        } finally {
            Files.delete(file);
        }
    }
}
