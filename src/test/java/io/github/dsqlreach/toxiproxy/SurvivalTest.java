package io.github.dsqlreach.toxiproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.dsqlreach.Jvm;
import io.github.dsqlreach.Scarce;
import io.github.dsqlreach.internal.Daemon;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A moment without threads or file handles ends what began in it, and nothing for good. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "takes away what Linux gives, by ulimit")
class SurvivalTest {
    @TempDir
    private static Path directory;

    static final class Survivor {
        private static ToxiproxyServer server;

        public static void main(String[] arguments) throws Exception {
            Scarce scarce = Scarce.valueOf(arguments[0]);
            try (ServerSocket upstream = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
                    ToxiproxyServer started = ToxiproxyServer.start(0)) {
                server = started;
                Daemon.start("greeting", () -> greet(upstream));
                ToxiproxyServer.Proxy byAddress =
                        server.createProxy("a", "127.0.0.1:0", "127.0.0.1:" + upstream.getLocalPort());
                ToxiproxyServer.Proxy byName =
                        server.createProxy("n", "127.0.0.1:0", "localhost:" + upstream.getLocalPort());
                say("before", byAddress, byName);
                // The threads that looked up the name have ended, so that the next lookup needs a new one.
                await().until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().contains("resolver")));
                scarce.takeAll();
                if (scarce == Scarce.FILE_HANDLES) {
                    scarce.giveOneBack(); // for the client's own socket
                }
                say("without", byAddress, byName);
                scarce.giveAllBack();
                await().until(() -> isServed(byAddress) && isServed(byName) && isApiServed());
                byAddress.add(ToxicDefinition.latency(Duration.ofMillis(1)));
                say("after", byAddress, byName);
            }
        }

        private static void say(String when, ToxiproxyServer.Proxy byAddress, ToxiproxyServer.Proxy byName) {
            BooleanSupplier[] all = {() -> isServed(byAddress), () -> isServed(byName), Survivor::isApiServed};
            for (BooleanSupplier each : all) {
                System.out.println(when + " " + each.getAsBoolean());
            }
        }

        private static void greet(ServerSocket upstream) {
            while (!upstream.isClosed()) {
                try (Socket client = upstream.accept()) {
                    client.getOutputStream().write('x');
                } catch (IOException e) {
                    // Without a handle: the next one.
                }
            }
        }

        private static boolean isServed(ToxiproxyServer.Proxy proxy) {
            int port = Integer.parseInt(proxy.listen().replaceFirst(".*:", ""));
            try (Socket client = new Socket("127.0.0.1", port)) {
                client.setSoTimeout(1_000);
                return client.getInputStream().read() == 'x';
            } catch (IOException e) {
                return false;
            }
        }

        private static boolean isApiServed() {
            try (Socket client = new Socket("127.0.0.1", server.port())) {
                client.setSoTimeout(1_000);
                client.getOutputStream()
                        .write("GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                return client.getInputStream().read() == 'H';
            } catch (IOException e) {
                return false;
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void servesAgainWhenThereIsEnough(Scarce scarce) throws Exception {
        ProcessBuilder builder = Jvm.running(Survivor.class, Jvm.inJars(directory), scarce.options(), scarce.name());
        builder.command().addAll(0, scarce.wrapper());

        String said = Jvm.outputOf(builder);

        assertThat(served(said, "before")).as(said).containsExactly("true", "true", "true");
        if (scarce == Scarce.THREADS) {
            // What needs no new thread is served all the while: connections by address, and the API by its spare
            // thread.
            assertThat(served(said, "without")).as(said).containsExactly("true", "false", "true");
        } else {
            assertThat(served(said, "without")).as(said).contains("false");
        }
        assertThat(served(said, "after")).as(said).containsExactly("true", "true", "true");
    }

    private static Stream<String> served(String said, String when) {
        return said.lines().filter(line -> line.startsWith(when + " ")).map(line -> line.substring(when.length() + 1));
    }
}
