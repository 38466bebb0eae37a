package io.github.dsqlreach;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The table of waits: every call that can wait without an end of its own, with what ends it and what is said then. A new
 * one fails this test until it has a row, and so does a row whose call is gone. Calls that take a time are not listed.
 */
class WaitsTest {
    private static final String ROOT = WaitsTest.class.getPackageName();
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    /** Calls that wait as long as another thread, process, machine or JVM likes, as {@code Type.method(parameters)}. */
    private static final List<Pattern> WAITING = Stream.of(
                    // threads, latches, queues, futures, locks
                    "[\\w$]+\\.wait\\(\\)",
                    "Thread\\.join\\(\\)",
                    "\\w*(Latch|Barrier|Condition|Phaser)\\w*\\.(await|awaitUninterruptibly|awaitAdvance)\\((int)?\\)",
                    "Semaphore\\.(acquire|acquireUninterruptibly)\\((int)?\\)",
                    "\\w*(Queue|Deque)\\.(take|takeFirst|takeLast|put|putFirst|putLast)\\(.*\\)",
                    "\\w*Exchanger\\.exchange\\(Object\\)",
                    "\\w*(Future|FutureTask|CompletableFuture|ForkJoinTask)\\.(get|join|invoke)\\(\\)",
                    "\\w*Executor\\w*\\.(invokeAll|invokeAny)\\(Collection\\)",
                    "\\w*ExecutorService\\.close\\(\\)",
                    "CompletionService\\.take\\(\\)",
                    "LockSupport\\.park\\((Object)?\\)",
                    "\\w*Lock\\.(lock|lockInterruptibly|readLock|writeLock)\\(\\)",
                    // processes and other JVMs
                    "Process\\.waitFor\\(\\)",
                    "Process\\.(getInputStream|getErrorStream|getOutputStream|inputReader|errorReader)\\(.*\\)",
                    "FileChannel\\.lock\\(.*\\)",
                    // networks
                    "Server\\w*Socket\\w*\\.accept\\(\\)",
                    "Socket\\.<init>\\((String|InetAddress), int.*\\)",
                    "\\w*Socket\\.connect\\(SocketAddress\\)",
                    "\\w*Socket\\.(getInputStream|getOutputStream)\\(\\)",
                    "SocketFactory\\.createSocket\\(.*int.*\\)",
                    "SocketChannel\\.(open\\(SocketAddress\\)|connect\\(SocketAddress\\))",
                    "Selector\\.select\\((Consumer)?\\)",
                    "URL\\.(openStream|openConnection|getContent)\\(.*\\)",
                    "\\w*URLConnection\\.(connect|getInputStream|getOutputStream|getResponseCode|getHeaderField)\\(.*\\)",
                    "HttpClient\\.send\\(.*\\)",
                    "InetAddress\\.(getByName|getAllByName|getLocalHost|getCanonicalHostName|getHostName)\\(.*\\)",
                    "InetSocketAddress\\.(<init>\\(String, int\\)|getHostName\\(\\))",
                    "\\w*DirContext\\.(getAttributes|lookup|search)\\(.*\\)",
                    // what the driver, the SDK or its users do
                    "DriverManager\\.getConnection\\(.*\\)",
                    "Driver\\.connect\\(.*\\)",
                    "DataSource\\.getConnection\\(.*\\)",
                    "\\w*Statement\\.execute\\w*\\(.*\\)",
                    "\\w*Connection\\.(close|commit|rollback)\\(\\)",
                    "\\w*CredentialsProvider\\.resolveCredentials\\(\\)",
                    // files that may be a pipe or a device
                    "Files\\.(newInputStream|newBufferedReader|read\\w+|lines|newByteChannel)\\(Path.*\\)",
                    "FileInputStream\\.<init>\\(.*\\)",
                    "FileReader\\.<init>\\(.*\\)",
                    "FileChannel\\.open\\(.*\\)")
            .map(Pattern::compile)
            .toList();

    private static final Set<String> NO_WAITS = Set.of("Files.readAttributes", "Files.readSymbolicLink");

    private static final String ADDRESS = "the text is an address, which is not looked up";
    private static final String RESOLVER =
            "the system's resolver gives up, on Linux after 5 s for each server and try;" + " its own message";
    private static final String USER =
            "the caller's thread waits for what the caller chose, as without this library; the exception is passed on";

    private static final Map<String, String> TABLE = Map.ofEntries(
            // cli
            entry(
                    "cli.LoginDeadlineSocket: Socket.getInputStream",
                    "30 s for the login, then PostgreSQL's error 57014;" + " then as long as the tool likes"),
            entry("cli.LocalCommand: Connection.close", "its own PostgreSQL"),
            entry(
                    "cli.LocalCommand: DataSource.getConnection",
                    "the driver's connectTimeout of 10 s; its own PostgreSQL"),
            entry("cli.LocalScript: AwsCredentialsProvider.resolveCredentials", "fixed credentials"),
            entry("cli.LocalScript: Files.newInputStream", "its own file"),
            entry("cli.TunnelCommand: CountDownLatch.await", "Ctrl-C: the command runs until then"),
            entry("cli.TunnelCommand: InetAddress.getByName", ADDRESS + ", or localhost"),
            entry("cli.TunnelTarget: Socket.getOutputStream", "a few bytes, which the kernel takes; the relay's close"),
            // connect
            entry("connect.AuthToken: AwsCredentialsProvider.resolveCredentials", USER),
            entry("connect.ConnectToSocketFactory: InetSocketAddress.<init>", RESOLVER),
            entry(
                    "connect.DsqlDataSource: Driver.connect",
                    "the driver's connectTimeout, loginTimeout and socketTimeout;" + " its own messages"),
            entry("connect.WebSocketSocketFactory: InetSocketAddress.<init>", RESOLVER),
            // diagnosis
            entry(
                    "diagnosis.ExperimentPlan: InetAddress.getByName",
                    "the deadline of the experiments: 'did not finish'"),
            entry("diagnosis.AttemptMonitor: InetAddress.getByName", ADDRESS),
            // fault
            entry("fault.FaultSocketFactory: InetSocketAddress.<init>", RESOLVER),
            entry("fault.FaultyDsql: AwsCredentialsProvider.resolveCredentials", USER),
            entry("fault.RemoteToxiproxy: InetSocketAddress.<init>", RESOLVER),
            entry("fault.RemoteToxiproxy: Socket.getOutputStream", "one request, which the kernel takes"),
            entry("fault.UnreachableTarget: InetAddress.getByName", ADDRESS),
            entry("fault.UnreachableTarget: Socket.getOutputStream", "one answer, which the kernel takes"),
            // internal
            entry("internal.JvmSettings: Files.newInputStream", "the JDK's own file"),
            entry("internal.AcceptLoop: ServerSocket.accept", "closing the listener: the loop runs until then"),
            entry("internal.BoundedFiles: Files.newInputStream", "a regular file only, up to a size"),
            entry("internal.DeadlineInputStream: Socket.getInputStream", "its deadline: 'Read timed out'"),
            entry("internal.client.ForwardingSocket: Socket.connect", "forwards what its caller asks for"),
            entry("internal.client.ForwardingSocket: Socket.getInputStream", "forwards what its caller asks for"),
            entry("internal.client.ForwardingSocket: Socket.getOutputStream", "forwards what its caller asks for"),
            entry(
                    "internal.client.FrameOutput: ReentrantLock.lock",
                    "a writer waits for the writer before it, as on any socket;" + " closing ends both"),
            entry("internal.client.HttpProxy: InetSocketAddress.<init>", RESOLVER),
            entry(
                    "internal.client.HttpProxy: Socket.getInputStream",
                    "the given socket's deadline: 'proxy P does not answer" + " CONNECT'"),
            entry("internal.client.HttpProxy: Socket.getOutputStream", "one request, which the kernel takes"),
            entry("internal.client.NoProxy: InetAddress.getByName", ADDRESS),
            entry("internal.client.TimedSocket: Socket.getInputStream", "one deadline for all reads: 'Read timed out'"),
            entry("internal.client.TrustStores: Files.newInputStream", "a regular file only"),
            entry("internal.client.TrustStores: Files.readAllBytes", "a regular file of 4 MiB at most"),
            entry(
                    "internal.client.WebSocketSocket: Socket.getOutputStream",
                    "a write waits for the server to read, as on any" + " socket; a close waits 1 s for it"),
            entry("internal.Relay: Socket.getInputStream", "the end of one of the two connections, and 5 s after it"),
            entry("internal.Relay: Socket.getOutputStream", "the end of one of the two connections, and 5 s after it"),
            entry("internal.Rfc9525HostnameVerifier: InetAddress.getByName", ADDRESS),
            // internal.probe
            entry("internal.probe.AttemptRunner: Connection.close", "1 s: the socket's deadline"),
            entry("internal.probe.DnsQuery: Files.newInputStream", "a regular file only"),
            entry(
                    "internal.probe.DnsQuery: InetAddress.getAllByName",
                    "BoundedCall: 'the system's resolver did not" + " answer'"),
            entry("internal.probe.DnsQuery: InetAddress.getByName", ADDRESS),
            entry(
                    "internal.probe.DnsQuery: InitialDirContext.getAttributes",
                    "BoundedCall and JNDI's own timeout: 'no" + " DNS server answered'"),
            entry("internal.probe.LocalErrors: FileChannel.open", "a file of the JDK"),
            entry(
                    "internal.probe.ObservedSocket: Socket.getInputStream",
                    "the phase's deadline, for reads together:" + " 'no answer in … after …'"),
            entry(
                    "internal.probe.ObservedSocket: Socket.getOutputStream",
                    "the phase's deadline, by the watchdog, which" + " closes the socket"),
            entry("internal.probe.OsErrorMessages: FileInputStream.<init>", "files of the kernel"),
            entry("internal.probe.OsErrorMessages: InetAddress.getAllByName", "the C library itself refuses the name"),
            entry("internal.probe.OsErrorMessages: ServerSocket.accept", "1 s, set before it; then nothing is learned"),
            entry("internal.probe.OsErrorMessages: Socket.getOutputStream", "one byte, which the kernel takes"),
            entry(
                    "internal.probe.Resolver: InetAddress.getAllByName",
                    "BoundedCall: 'the resolver did not answer for …'"),
            entry("internal.probe.Session: Driver.connect", "BoundedCall and the socket's deadline"),
            entry("internal.probe.Session: Statement.executeQuery", "BoundedCall and the socket's deadline"),
            entry("internal.probe.SocketTable: Files.newInputStream", "a file of the kernel"),
            entry(
                    "internal.probe.TokenPhase: AwsCredentialsProvider.resolveCredentials",
                    "BoundedCall: '… did not answer" + " in …'"),
            // internal.results
            entry("internal.results.StepSummary: FileChannel.open", "a regular file: it was read before"),
            // junit
            entry(
                    "junit.SharedCheck: CompletableFuture.join",
                    "the deadline of the check that another test class runs"),
            entry("junit.LocalCluster: Connection.close", "its own PostgreSQL"),
            entry(
                    "junit.LocalCluster: DataSource.getConnection",
                    "the driver's connectTimeout of 10 s; its own PostgreSQL"),
            // local
            entry(
                    "local.Answers: Object.wait",
                    "PostgreSQL answers the client's own statement, or the connection ends"),
            entry("local.Backend: InetSocketAddress.<init>", RESOLVER),
            entry("local.Backend: Socket.getInputStream", "the end of the client's connection"),
            entry("local.Backend: Socket.getOutputStream", "the end of the client's connection"),
            entry("local.Cache: FileChannel.open", "a lock file of its own directory; the lock: 90 s"),
            entry("local.ClusterIdentity: Files.newBufferedReader", "its own file"),
            entry("local.DsqlSessions: Connection.close", "its own PostgreSQL"),
            entry("local.DsqlSessions: Statement.execute", "its own PostgreSQL; its end cancels it"),
            entry("local.DsqlSessions: PreparedStatement.execute", "its own PostgreSQL"),
            entry("local.DsqlSessions: PreparedStatement.executeQuery", "its own PostgreSQL"),
            entry("local.HeldSnapshot: Connection.close", "its own PostgreSQL"),
            entry("local.HeldSnapshot: Statement.execute", "its own PostgreSQL"),
            entry("local.HeldSnapshot: Statement.executeQuery", "its own PostgreSQL"),
            entry("local.DsqlListener: Socket.getOutputStream", "one error, which the kernel takes"),
            entry("local.DsqlListener: ServerSocket.accept", "closing the listener: the loop runs until then"),
            entry(
                    "local.KeptData: FileChannel.open",
                    "a lock file of a directory of this user alone; the lock is only tried"),
            entry("local.EmbeddedServer: Files.readString", "a file of its own PostgreSQL"),
            entry("local.KeptData: Connection.close", "its own PostgreSQL"),
            entry("local.KeptData: Statement.execute", "its own PostgreSQL"),
            entry("local.KeptData: Files.readAllLines", "its own file"),
            entry("local.KeptData: Files.readString", "its own file"),
            entry("local.Leftovers: FileChannel.open", "a lock file of its own directories; the lock is only tried"),
            entry("local.LocalDsql: Connection.close", "its own PostgreSQL"),
            entry("local.LocalDsql: Driver.connect", "the driver's connectTimeout of 10 s; its own PostgreSQL"),
            entry("local.LocalDsql: Statement.execute", "its own PostgreSQL"),
            entry("local.PostgresProcess: Files.newByteChannel", "its own log"),
            entry("local.PostgresProcess: Files.readAllLines", "its own file"),
            entry("local.PostgresPrograms: Files.readString", "a program that it unpacked"),
            entry("local.PostgresPrograms: URL.openConnection", "a resource of the class path"),
            entry("local.PostgresPrograms: URLConnection.getInputStream", "a resource of the class path"),
            entry("local.PostgresUser: Files.lines", "/etc/passwd"),
            entry("local.PreparedData: Connection.close", "its own PostgreSQL"),
            entry("local.PreparedData: Files.readString", "its own log"),
            entry("local.PreparedData: Statement.execute", "its own PostgreSQL"),
            entry("local.RolePassword: Files.readAllLines", "its own file"),
            entry("local.Roles: Connection.close", "its own PostgreSQL"),
            entry("local.Roles: Driver.connect", "the driver's connectTimeout of 10 s; its own PostgreSQL"),
            entry("local.Roles: PreparedStatement.executeQuery", "its own PostgreSQL"),
            entry("local.Roles: Statement.execute", "its own PostgreSQL"),
            entry("local.RunDirectory: FileChannel.lock", "a new file that nobody else knows yet"),
            entry("local.RunDirectory: FileChannel.open", "lock files of its own directories"),
            entry("local.SessionTransaction: ReentrantLock.lock", "the watcher lets a transaction give way: 5 s"),
            entry("local.ServerConnection: Socket.getInputStream", "the login timeout; then the client's connection"),
            entry("local.ServerConnection: Socket.getOutputStream", "the client's connection"),
            entry(
                    "local.ServerConnection: Thread.join",
                    "the other direction of the same connection, which closing ends"),
            entry("local.ServerWebSocket: SSLSocket.getInputStream", "the login timeout; then the client's connection"),
            entry("local.ServerWebSocket: SSLSocket.getOutputStream", "the client's connection"),
            // toxiproxy
            entry("toxiproxy.Addresses: InetAddress.getAllByName", RESOLVER + ", on a thread of its own"),
            entry("toxiproxy.Addresses: InetAddress.getByName", RESOLVER),
            entry(
                    "toxiproxy.EventLoop: Selector.select",
                    "a connection, a timer or a call: the loop runs until its close"),
            entry("toxiproxy.InterceptKeys: Files.newInputStream", "the file that the user names as key store"),
            entry("toxiproxy.Interceptor: InetAddress.getByName", ADDRESS),
            entry(
                    "toxiproxy.Interceptor: ServerSocket.accept",
                    "10 s, set before it; the end of the client's connection"),
            entry("toxiproxy.Interceptor: Socket.getInputStream", "the end of the client's connection"),
            entry("toxiproxy.Interceptor: Socket.getOutputStream", "the end of the client's connection"),
            entry("toxiproxy.Link: SocketChannel.connect", "does not block"),
            entry("toxiproxy.Link: SocketChannel.open", "a listener of this JVM on loopback, which has room for it"),
            entry("toxiproxy.Ports: InetAddress.getByName", ADDRESS),
            entry("toxiproxy.ToxicProxy: ServerSocketChannel.accept", "does not block"),
            entry("toxiproxy.ToxiproxyServer: InetAddress.getByName", ADDRESS));

    @Test
    void everyWaitHasABoundAndAReason() {
        Set<String> found = waits();
        Set<String> unlisted = new TreeSet<>(found);
        unlisted.removeAll(TABLE.keySet());
        Set<String> stale = new TreeSet<>(TABLE.keySet());
        stale.removeAll(found);

        assertThat(unlisted).as("waits that need a bound and a row here").isEmpty();
        assertThat(stale).as("rows whose wait is gone").isEmpty();
    }

    /** Each as {@code package.Class: Type.method}. */
    private static Set<String> waits() {
        return CLASSES.stream()
                .flatMap(type -> type.getCodeUnitAccessesFromSelf().stream()
                        .filter(WaitsTest::waits)
                        .map(access -> topLevel(type) + ": " + name(access.getTarget())))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean waits(JavaCodeUnitAccess<?> access) {
        CodeUnitAccessTarget target = access.getTarget();
        String call = name(target) + "("
                + target.getRawParameterTypes().stream()
                        .map(JavaClass::getSimpleName)
                        .collect(Collectors.joining(", "))
                + ")";
        return !target.getOwner().getName().startsWith(ROOT)
                && !NO_WAITS.contains(name(target))
                && WAITING.stream().anyMatch(pattern -> pattern.matcher(call).matches());
    }

    private static String name(CodeUnitAccessTarget target) {
        return target.getOwner().getName().replaceFirst(".*[.$]", "") + "." + target.getName();
    }

    private static String topLevel(JavaClass type) {
        return type.getName().substring(ROOT.length() + 1).replaceFirst("\\$.*", "");
    }

    /** The patterns find what they are meant to find. */
    @Test
    void findsWaitsOfEveryKind() {
        JavaClasses waiting = new ClassFileImporter().importClasses(Waiting.class);

        assertThat(waiting.get(Waiting.class).getCodeUnitAccessesFromSelf().stream()
                        .filter(WaitsTest::waits)
                        .map(access -> name(access.getTarget())))
                .contains(
                        "Object.wait",
                        "Thread.join",
                        "CountDownLatch.await",
                        "BlockingQueue.take",
                        "Future.get",
                        "Lock.lock",
                        "Process.waitFor",
                        "FileChannel.lock",
                        "ServerSocket.accept",
                        "Socket.<init>",
                        "Socket.connect",
                        "URL.openStream",
                        "InetAddress.getByName",
                        "Files.newInputStream")
                .doesNotContain("CountDownLatch.countDown");
    }

    /** One of each. */
    @SuppressWarnings("unused")
    private abstract static class Waiting {
        abstract java.util.concurrent.BlockingQueue<String> queue();

        abstract java.util.concurrent.Future<String> future();

        abstract java.util.concurrent.locks.Lock lock();

        abstract java.nio.channels.FileChannel file();

        void waitForAll(Thread thread, Process process, java.util.concurrent.CountDownLatch latch) throws Exception {
            synchronized (this) {
                wait();
            }
            thread.join();
            latch.await();
            latch.countDown();
            latch.await(1, java.util.concurrent.TimeUnit.SECONDS);
            queue().take();
            future().get();
            lock().lock();
            process.waitFor();
            file().lock().close();
            new java.net.ServerSocket(0).accept();
            new java.net.Socket("localhost", 1).connect(new java.net.InetSocketAddress(1));
            new java.net.URL("http://localhost").openStream();
            java.net.InetAddress.getByName("localhost");
            java.nio.file.Files.newInputStream(java.nio.file.Path.of("x"));
        }
    }
}
