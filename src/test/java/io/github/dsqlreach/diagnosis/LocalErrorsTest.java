package io.github.dsqlreach.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Jvm;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Scarce;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.internal.client.TrustStores;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * Errors of this machine are reported as such, and never as the network's: in JVMs of their own that have no file handles,
 * threads or local ports left, or may not connect, or have no loopback interface; with English and with German messages.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "takes away what Linux gives: ulimit, name spaces, seccomp")
class LocalErrorsTest {
    @TempDir
    private static Path directory;

    private static final AwsCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIDLOCAL", "localErrors"));

    private static boolean german;

    /** In which language the system reports errors. */
    enum Language {
        ENGLISH,
        GERMAN;

        Map<String, String> environment() {
            if (this == ENGLISH) {
                return Map.of("LC_ALL", "C");
            }
            assumeTrue(german, "needs localedef with the German locale, and the C library's German messages");
            return Map.of("LC_ALL", "de_DE.UTF-8", "LANGUAGE", "de", "LOCPATH", directory.toString());
        }
    }

    @BeforeAll
    static void makeGerman() throws Exception {
        try {
            Jvm.outputOf(new ProcessBuilder(
                    "localedef",
                    "-i",
                    "de_DE",
                    "-f",
                    "UTF-8",
                    directory.resolve("de_DE.UTF-8").toString()));
            german = Files.isDirectory(directory.resolve("de_DE.UTF-8"))
                    && Files.exists(Path.of("/usr/share/locale/de/LC_MESSAGES/libc.mo"));
        } catch (IOException e) {
            german = false;
        }
    }

    /** What a check in another JVM found. */
    private record Found(
            String what, Verdict verdict, Cause cause, Confidence confidence, Phase phase, String summary) {
        static Found parse(String line) {
            String[] words = line.split(" ", 7);
            return new Found(
                    words[1],
                    Verdict.valueOf(words[2]),
                    words[3].equals("-") ? null : Cause.valueOf(words[3]),
                    words[4].equals("-") ? null : Confidence.valueOf(words[4]),
                    words[5].equals("-") ? null : Phase.valueOf(words[5]),
                    words[6]);
        }
    }

    private static void print(String what, Reachability reachability) {
        System.out.println("found " + what + " " + reachability.verdict() + " "
                + reachability.diagnosis().cause().map(Cause::name).orElse("-") + " "
                + (reachability.isReachable() ? "-" : reachability.diagnosis().confidence()) + " "
                + reachability.diagnosis().layer().map(Phase::name).orElse("-") + " " + reachability.summary());
    }

    private static List<Found> run(
            Class<?> main, Language language, List<String> wrapper, List<String> options, String... arguments)
            throws Exception {
        ProcessBuilder builder = Jvm.running(main, Jvm.inJars(directory), options, arguments);
        builder.command().addAll(0, wrapper);
        builder.environment().putAll(language.environment());
        String said = Jvm.outputOf(builder);

        assertThat(said).endsWith("over\n");
        return said.lines()
                .filter(line -> line.startsWith("found "))
                .map(Found::parse)
                .toList();
    }

    private static Reachability check(Endpoint endpoint) {
        return ReachabilityCheck.of(endpoint)
                .credentials(CREDENTIALS)
                .timeout(Duration.ofSeconds(3))
                .run();
    }

    private static Endpoint cluster(HostAndPort connectTo) {
        return Endpoint.builder("abc.dsql.us-east-1.on.aws")
                .connectTo(connectTo)
                .build();
    }

    /** Hears the ClientHello, and resets. */
    private static LoopbackServer resetting() throws IOException {
        return new LoopbackServer((client, connection) -> {
            client.getInputStream().read();
            client.setSoLinger(true, 0);
        });
    }

    /** Takes all there is, and checks each time it has given one back, until what is true is found several times. */
    static final class Exhausted {
        public static void main(String[] arguments) throws Exception {
            Scarce scarce = Scarce.valueOf(arguments[0]);
            Endpoint endpoint = cluster(HostAndPort.parse(arguments[1], 0));
            // So that every class is loaded: without handles the JDK could not load one, now or later.
            print("first", check(endpoint));
            awaitExperiments();
            scarce.takeAll();
            int right = 0;
            do {
                Reachability found = check(endpoint);
                print("then", found);
                right = found.verdict() == Verdict.BLOCKED ? right + 1 : 0;
            } while (scarce.giveOneBack() && right < 5);
            scarce.giveAllBack();
            print("last", check(endpoint));
            System.out.println("over");
            System.out.flush();
            Runtime.getRuntime().halt(0);
        }
    }

    /** An experiment that ends after its check gives handles back, which would then be left for the next check. */
    private static void awaitExperiments() throws InterruptedException {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("dsql-reach-experiment-")) {
                thread.join(Duration.ofSeconds(30).toMillis());
            }
        }
    }

    private static List<Found> exhausted(Scarce scarce, Language language) throws Exception {
        try (LoopbackServer server = resetting()) {
            return run(
                    Exhausted.class,
                    language,
                    scarce.wrapper(),
                    scarce.options(),
                    scarce.name(),
                    server.address().toString());
        }
    }

    private static void assertTold(Cause cause, List<Found> all) {
        Cause reset = all.get(all.size() - 1).cause();
        assertThat(reset.verdict()).isEqualTo(Verdict.BLOCKED);
        assertThat(all).allSatisfy(found -> assertThat(found.cause()).isIn(cause, reset));
        assertThat(all).extracting(Found::cause).contains(cause);
    }

    @ParameterizedTest
    @EnumSource
    void handlesThatRunOutAreToldHoweverManyAreLeft(Language language) throws Exception {
        assertTold(Cause.FILE_HANDLES_EXHAUSTED, exhausted(Scarce.FILE_HANDLES, language));
    }

    @Test
    void threadsThatCannotBeStartedAreToldHoweverManyAreLeft() throws Exception {
        assertTold(Cause.THREADS_EXHAUSTED, exhausted(Scarce.THREADS, Language.ENGLISH));
    }

    /** Checks a server on loopback, an address elsewhere, and a name. */
    static final class Checks {
        public static void main(String[] arguments) throws Exception {
            String what = arguments[0];
            if (!what.equals("name")) {
                loopback(what.equals("ports"));
                print("address", check(cluster(new HostAndPort("192.0.2.7", 5432))));
            }
            print("name", check(Endpoint.builder("abc.dsql.us-east-1.on.aws").build()));
            System.out.println("over");
            System.out.flush();
            Runtime.getRuntime().halt(0);
        }

        private static void loopback(boolean withoutPorts) throws Exception {
            List<Socket> held = new ArrayList<>();
            try (LoopbackServer server =
                    new LoopbackServer((client, connection) -> LoopbackServer.hearOut(client, Duration.ofMinutes(1)))) {
                if (withoutPorts) {
                    takeAllPorts(server.address(), held);
                }
                print("loopback", check(cluster(server.address())));
            } catch (IOException e) {
                print("loopback", check(cluster(new HostAndPort("127.0.0.1", 5432))));
            } finally {
                for (Socket socket : held) {
                    socket.close();
                }
            }
        }

        private static void takeAllPorts(HostAndPort address, List<Socket> held) {
            try {
                while (true) {
                    held.add(new Socket(address.host(), address.port()));
                }
            } catch (IOException e) {
                // That was the last one.
            }
        }
    }

    private static List<Found> checks(Language language, List<String> wrapper, String what) throws Exception {
        return run(Checks.class, language, wrapper, List.of("-XX:TieredStopAtLevel=1", "-Xmx256m"), what);
    }

    /** A network of its own, in which only what the script brings up is up. */
    private static List<String> namespace(String script) throws Exception {
        List<String> wrapper = List.of("unshare", "-rn", "sh", "-c", script + " && exec \"$@\"", "sh");
        List<String> trial = new ArrayList<>(wrapper);
        trial.addAll(List.of("echo", "fine"));
        assumeTrue(
                Jvm.outputOf(new ProcessBuilder(trial)).equals("fine\n"),
                "needs 'unshare -rn' and, in there, '" + script + "'");
        return wrapper;
    }

    @ParameterizedTest
    @EnumSource
    void aLoopbackInterfaceThatIsDownIsToldWhereItIsNeeded(Language language) throws Exception {
        List<Found> all = checks(language, namespace("true"), "loopback");

        assertThat(all)
                .extracting(Found::what, Found::cause, Found::confidence, Found::phase)
                .containsExactly(
                        tuple("loopback", Cause.LOOPBACK_INTERFACE_DOWN, Confidence.CONFIRMED, Phase.TCP),
                        // No route there: that is so whatever loopback is.
                        tuple("address", Cause.NETWORK_UNREACHABLE, Confidence.CONFIRMED, Phase.TCP),
                        tuple("name", Cause.LOOPBACK_INTERFACE_DOWN, Confidence.LIKELY, Phase.DNS));
    }

    @ParameterizedTest
    @EnumSource
    void localPortsThatRunOutAreTold(Language language) throws Exception {
        List<String> wrapper = namespace("ip link set lo up && echo 40000 40009"
                + " > /proc/sys/net/ipv4/ip_local_port_range && echo 1 > /proc/sys/net/ipv4/tcp_tw_reuse");

        List<Found> all = checks(language, wrapper, "ports");

        assertThat(all.get(0))
                .extracting(Found::cause, Found::confidence, Found::phase)
                .containsExactly(Cause.LOCAL_PORTS_EXHAUSTED, Confidence.CONFIRMED, Phase.TCP);
    }

    /** TCP would time out behind such a rule, as behind a firewall elsewhere; a lookup is told at once. */
    @ParameterizedTest
    @EnumSource
    void aLocalFirewallThatForbidsLookupsIsTold(Language language) throws Exception {
        List<String> wrapper = namespace("ip link set lo up && ip route add default dev lo"
                + " && iptables -A OUTPUT -p udp --dport 53 -j REJECT");

        assertThat(checks(language, wrapper, "name"))
                .extracting(Found::cause, Found::confidence, Found::phase)
                .containsExactly(tuple(Cause.CONNECTION_NOT_PERMITTED, Confidence.LIKELY, Phase.DNS));
    }

    /** What a sandbox answers to a call of the system, with the number of the error on Linux. */
    enum Forbidden {
        CONNECT_EPERM("connect", 1, Cause.CONNECTION_NOT_PERMITTED, true),
        CONNECT_EACCES("connect", 13, Cause.CONNECTION_NOT_PERMITTED, true),
        CONNECT_ENOBUFS("connect", 105, Cause.MEMORY_EXHAUSTED, false, Language.values()),
        CONNECT_ENOMEM("connect", 12, Cause.MEMORY_EXHAUSTED, false),
        SOCKET_EPERM("socket", 1, Cause.CONNECTION_NOT_PERMITTED, true),
        SOCKET_EACCES("socket", 13, Cause.CONNECTION_NOT_PERMITTED, true),
        SOCKET_ENOBUFS("socket", 105, Cause.MEMORY_EXHAUSTED, false),
        SOCKET_EMFILE("socket", 24, Cause.FILE_HANDLES_EXHAUSTED, false),
        SOCKET_ENFILE("socket", 23, Cause.FILE_HANDLES_EXHAUSTED, false);

        private final String call;
        private final int error;
        private final Cause cause;
        /** Whether its text is known in every language; else the answer is {@code UNKNOWN}, which fails as well. */
        private final boolean translated;

        private final Language[] languages;

        Forbidden(String call, int error, Cause cause, boolean translated) {
            this(call, error, cause, translated, translated ? Language.values() : new Language[] {Language.ENGLISH});
        }

        Forbidden(String call, int error, Cause cause, boolean translated, Language[] languages) {
            this.languages = languages;
            this.call = call;
            this.error = error;
            this.cause = cause;
            this.translated = translated;
        }
    }

    /** A filter of system calls (seccomp): installed by Python, because Java 17 calls no C. */
    private static final String SANDBOX = """
            import ctypes, os, struct, sys
            error, number = int(sys.argv[1]), int(sys.argv[2])
            program = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x50000 | error), (0x06, 0, 0, 0x7fff0000)]
            filters = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *each) for each in program))
            whole = ctypes.create_string_buffer(struct.pack('HxxxxxxQ', len(program), ctypes.addressof(filters)))
            libc = ctypes.CDLL(None)
            assert libc.prctl(38, 1, 0, 0, 0) == 0
            assert libc.prctl(22, 2, whole, 0, 0) == 0
            os.execvp(sys.argv[3], sys.argv[3:])
            """;

    private static List<String> sandbox(Forbidden forbidden) throws Exception {
        Map<String, Integer> numbers = switch (System.getProperty("os.arch")) {
            case "amd64" -> Map.of("connect", 42, "socket", 41);
            case "aarch64" -> Map.of("connect", 203, "socket", 198);
            default -> Map.of();
        };
        assumeTrue(numbers.containsKey(forbidden.call), "knows the numbers of x86-64's and arm64's system calls");
        Path script = Files.writeString(directory.resolve(forbidden + ".py"), SANDBOX);
        List<String> wrapper = List.of(
                "python3",
                script.toString(),
                String.valueOf(forbidden.error),
                String.valueOf(numbers.get(forbidden.call)));
        List<String> trial = new ArrayList<>(wrapper);
        trial.addAll(List.of("echo", "fine"));
        try {
            assumeTrue(
                    Jvm.outputOf(new ProcessBuilder(trial)).equals("fine\n"),
                    "needs Python 3, and to install a filter");
        } catch (IOException e) {
            assumeTrue(false, "needs Python 3");
        }
        return wrapper;
    }

    @ParameterizedTest
    @EnumSource
    void whatASandboxForbidsIsToldInEveryPhase(Forbidden forbidden) throws Exception {
        for (Language language : forbidden.languages) {
            List<Found> all = checks(language, sandbox(forbidden), "sandbox");

            assertThat(all).extracting(Found::what).containsExactly("loopback", "address", "name");
            if (language == Language.ENGLISH || forbidden.translated) {
                assertThat(all)
                        .as(language.toString())
                        .allSatisfy(found -> assertThat(found.cause()).isEqualTo(forbidden.cause));
                assertThat(all.get(0).confidence()).isEqualTo(Confidence.CONFIRMED);
            } else {
                assertThat(all)
                        .as(language.toString())
                        .allSatisfy(found -> assertThat(found.verdict()).isIn(Verdict.UNKNOWN, Verdict.MISCONFIGURED));
            }
        }
    }

    /** The JDK keeps the empty store that it got when it could not open the file. */
    static final class Roots {
        public static void main(String[] arguments) throws Exception {
            // The JDK's own parts.
            KeyStore.getInstance(KeyStore.getDefaultType());
            TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            Trust jdk = Trust.jdk();
            try {
                TrustStores.of(Trust.rootCertificate(Path.of("/none")));
            } catch (IOException e) {
                // Now the class is loaded.
            }
            Scarce.FILE_HANDLES.takeAll();
            try {
                TrustStores.of(jdk);
                System.out.println("read");
            } catch (Exception | LinkageError e) {
                System.out.println("not read");
            }
            Scarce.FILE_HANDLES.giveAllBack();
            System.out.println(TrustStores.of(jdk).getAcceptedIssuers().length > 0 ? "then read" : "empty");
        }
    }

    @Test
    void rootsThatCouldNotBeReadAreReadLater() throws Exception {
        ProcessBuilder builder = Jvm.running(Roots.class, Jvm.inJars(directory), Scarce.FILE_HANDLES.options());
        builder.command().addAll(0, Scarce.FILE_HANDLES.wrapper());

        assertThat(Jvm.outputOf(builder)).endsWith("not read\nthen read\n");
    }
}
