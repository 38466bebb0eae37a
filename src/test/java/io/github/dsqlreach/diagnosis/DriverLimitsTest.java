package io.github.dsqlreach.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.local.LocalDsql;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An answer that comes later than the driver waits is of no use to the tests: the check says so. */
class DriverLimitsTest {
    private static LocalDsql cluster;

    @BeforeAll
    static void start() {
        cluster = LocalDsql.start();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    /** Delays the first byte that the server sends after so many: the handshake has 1,376, the tickets for resumption 1,277 more. */
    private static LoopbackServer slow(int afterBytes, long millis) throws Exception {
        return new LoopbackServer((client, connection) -> {
            try (Socket server = new Socket("127.0.0.1", cluster.address().port())) {
                LoopbackServer.inThread(() -> copy(client, server, 0, 0));
                copy(server, client, afterBytes, millis);
            }
        });
    }

    private static void copy(Socket from, Socket to, int afterBytes, long millis) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[8192];
            int sent = 0;
            boolean delayed = millis == 0;
            for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
                if (!delayed && sent >= afterBytes) {
                    TimeUnit.MILLISECONDS.sleep(millis);
                    delayed = true;
                }
                out.write(buffer, 0, count);
                sent += count;
            }
            to.shutdownOutput();
        } catch (Exception e) {
            // One of them has closed.
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0,  sslResponseTimeout=1000, the answer to the SSLRequest took",
        "0,  socketTimeout=1,         the answer to the SSLRequest took",
        "2000, socketTimeout=1,       an answer during the login took",
        "1,  loginTimeout=1,          the whole login took",
    })
    void saysWhatTheDriverWouldNotWaitFor(int afterBytes, String parameter, String what) throws Exception {
        try (LoopbackServer slow = slow(afterBytes, 1_600)) {
            ThreeClients said = ThreeClients.here(url(slow, parameter), cluster.credentialsProvider());

            assertThat(said.check()).as(said.output()).isEqualTo("MISCONFIGURED");
            assertThat(said.cause()).isEqualTo("DRIVER_LIMIT");
            assertThat(said.report()).contains(what, parameter.replaceFirst("=.*", ""));
            assertThat(said.driverConnects()).as(said.output()).isFalse();
            assertThat(said.dataSourceConnects()).as(said.output()).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, sslResponseTimeout=9000",
        "0, socketTimeout=9",
        "0, loginTimeout=0",
        "0, connectTimeout=9",
        // The driver does not apply it to the handshake.
        "1, socketTimeout=1"
    })
    void waitsAsLongAsTheDriver(int afterBytes, String parameter) throws Exception {
        try (LoopbackServer slow = slow(afterBytes, 1_600)) {
            ThreeClients said = ThreeClients.here(url(slow, parameter), cluster.credentialsProvider());

            assertThat(said.check()).as(said.output()).isEqualTo("REACHABLE");
            assertThat(said.driverConnects()).as(said.output()).isTrue();
            assertThat(said.dataSourceConnects()).as(said.output()).isTrue();
        }
    }

    @Test
    void refusesALimitThatIsNoNumber() throws Exception {
        try (LoopbackServer slow = slow(0, 0)) {
            ThreeClients said = ThreeClients.here(url(slow, "socketTimeout=soon"), cluster.credentialsProvider());

            assertThat(said.check()).as(said.output()).isEqualTo("MISCONFIGURED");
            assertThat(said.cause()).isEqualTo("URL_PARAMETER");
            assertThat(said.report()).contains("socketTimeout", "soon");
            assertThat(said.driverConnects()).isFalse();
            assertThat(said.dataSourceConnects()).isFalse();
        }
    }

    private static String url(LoopbackServer slow, String parameter) {
        return "jdbc:postgresql://" + cluster.endpoint().address()
                + "/postgres?user=admin&sslmode=verify-full&sslrootcert=" + cluster.rootCertificate()
                + "&socketFactory=io.github.dsqlreach.connect.ConnectToSocketFactory&socketFactoryArg="
                + slow.address() + "&" + parameter;
    }
}
