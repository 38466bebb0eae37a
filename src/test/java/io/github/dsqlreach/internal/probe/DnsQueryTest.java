package io.github.dsqlreach.internal.probe;

import static io.github.dsqlreach.internal.probe.Given.AMPLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.probe.DnsQuery.Type;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Questions about names that fail apart. */
class DnsQueryTest {
    private static final String NAME = "fooabc.dsql.us-east-1.on.aws";
    private static final byte[] IPV4 = {127, 9, 9, 9};
    private static final byte[] IPV6 = {0x20, 1, 0xd, (byte) 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5};

    @Test
    void asksForTheTwoTypesApart() throws Exception {
        try (DnsServer server = new DnsServer(0, IPV4, IPV6)) {
            PhaseResult a = server.ask(Type.A, AMPLE);
            PhaseResult aaaa = server.ask(Type.AAAA, AMPLE);

            assertThat(a.passed()).as(a.toString()).isTrue();
            assertThat(a.evidence().list(Evidence.ADDRESSES)).containsExactly("127.9.9.9");
            assertThat(aaaa.evidence().list(Evidence.ADDRESSES)).containsExactly("2001:db8:0:0:0:0:0:5");
        }
    }

    @Test
    void tellsANameWithoutAnAddressOfThatType() throws Exception {
        try (DnsServer server = new DnsServer(0, IPV4)) {
            PhaseResult answer = server.ask(Type.AAAA, AMPLE);

            assertThat(answer.failedWith(FailureKind.NAME_LOOKUP_FAILED)).isTrue();
            assertThat(answer.failure().orElseThrow().message()).isEqualTo("the name exists and has no such address");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2, NAME_LOOKUP_FAILED, the DNS server failed (SERVFAIL)",
        "3, NAME_NOT_FOUND, no such name",
        "5, NAME_LOOKUP_FAILED, the DNS server refused the query (REFUSED)"
    })
    void tellsHowAServerRefuses(int code, FailureKind kind, String words) throws Exception {
        try (DnsServer server = new DnsServer(code)) {
            PhaseResult answer = server.ask(Type.A, AMPLE);

            assertThat(answer.failedWith(kind)).isTrue();
            assertThat(answer.failure().orElseThrow().message())
                    .startsWith(words + ": ")
                    .contains("response code " + code);
        }
    }

    @Test
    void asksAnewEachTime() throws Exception {
        try (DnsServer server = new DnsServer(3)) {
            server.ask(Type.A, AMPLE);
            int before = server.asked;
            server.ask(Type.A, AMPLE);

            assertThat(server.asked).isGreaterThan(before);
        }
    }

    @Test
    void endsWhenNobodyAnswers() throws Exception {
        try (DnsServer server = new DnsServer(-1)) {
            PhaseResult answer = server.ask(Type.A, Duration.ofMillis(300));

            assertThat(answer.failedWith(FailureKind.TIMEOUT)).isTrue();
            assertThat(answer.duration()).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void asksAsTheDriverDoes() throws Exception {
        PhaseResult loopback = DnsQuery.ofJdk("localhost", Deadline.in(AMPLE));
        PhaseResult nobody = DnsQuery.ofJdk("nobody-has-this-name.invalid.", Deadline.in(AMPLE));

        assertThat(loopback.evidence().list(Evidence.ADDRESSES)).isNotEmpty();
        assertThat(nobody.failed()).isTrue();
        assertThat(nobody.evidence().list(Evidence.ADDRESSES)).isEmpty();
    }

    @Test
    void readsTheHostsFile(@TempDir Path folder) throws IOException {
        Path hosts = Files.writeString(folder.resolve("hosts"), """
                127.0.0.1 localhost
                10.1.2.3\tfooABC.dsql.us-east-1.on.aws other # fooabd.dsql.us-east-1.on.aws
                #10.1.2.4 fooabe.dsql.us-east-1.on.aws
                """);

        assertThat(DnsQuery.inHostsFile(NAME, hosts)).containsExactly("10.1.2.3");
        assertThat(DnsQuery.inHostsFile(NAME + ".", hosts)).containsExactly("10.1.2.3");
        assertThat(DnsQuery.inHostsFile("fooabd.dsql.us-east-1.on.aws", hosts)).isEmpty();
        assertThat(DnsQuery.inHostsFile("fooabe.dsql.us-east-1.on.aws", hosts)).isEmpty();
        assertThat(DnsQuery.inHostsFile(NAME, folder.resolve("none"))).isEmpty();
    }

    /** Answers every question with that code, and with the addresses that have the right length for the type. */
    private static final class DnsServer implements AutoCloseable {
        private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"));
        private final int code;
        private final List<byte[]> addresses;
        private volatile int asked;

        DnsServer(int code, byte[]... addresses) throws IOException {
            this.code = code;
            this.addresses = List.of(addresses);
            Daemon.start("test-dns", this::serve);
        }

        PhaseResult ask(Type type, Duration time) throws InterruptedException {
            HostAndPort address = new HostAndPort("127.0.0.1", socket.getLocalPort());
            return DnsQuery.ofDns(NAME, type, Optional.of(address), Deadline.in(time));
        }

        private void serve() {
            byte[] buffer = new byte[512];
            try {
                while (true) {
                    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                    socket.receive(packet);
                    asked++;
                    if (code >= 0) {
                        byte[] answer = answer(Arrays.copyOf(buffer, packet.getLength()));
                        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                    }
                }
            } catch (IOException e) {
                // Closed.
            }
        }

        /** The question, marked as answered, and the fitting addresses behind it. */
        private byte[] answer(byte[] question) throws IOException {
            int type = question[question.length - 3];
            List<byte[]> fitting = addresses.stream()
                    .filter(address -> address.length == (type == 1 ? 4 : 16))
                    .toList();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            question[2] = (byte) 0x81;
            question[3] = (byte) (0x80 | code);
            question[7] = (byte) fitting.size();
            question[11] = 0;
            out.write(question);
            for (byte[] address : fitting) {
                out.write(new byte[] {(byte) 0xc0, 12, 0, (byte) type, 0, 1, 0, 0, 0, 9, 0, (byte) address.length});
                out.write(address);
            }
            return out.toByteArray();
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
