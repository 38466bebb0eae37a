package io.github.dsqlreach.fault;

import static io.github.dsqlreach.fault.Parameter.SILENT;
import static io.github.dsqlreach.fault.Parameter.number;
import static io.github.dsqlreach.fault.Recipe.downstream;
import static io.github.dsqlreach.fault.Recipe.upstream;
import static io.github.dsqlreach.toxiproxy.ToxicDefinition.afterTls;
import static io.github.dsqlreach.toxiproxy.ToxicDefinition.cut;
import static io.github.dsqlreach.toxiproxy.ToxicDefinition.halfOpen;
import static io.github.dsqlreach.toxiproxy.ToxicDefinition.idle;
import static io.github.dsqlreach.toxiproxy.ToxicDefinition.intercept;
import static io.github.dsqlreach.toxiproxy.ToxicDefinition.lose;
import static io.github.dsqlreach.toxiproxy.ToxicDefinition.match;
import static io.github.dsqlreach.toxiproxy.ToxicDefinition.messageLimit;

import io.github.dsqlreach.toxiproxy.Direction;
import io.github.dsqlreach.toxiproxy.ToxicDefinition;
import io.github.dsqlreach.toxiproxy.ToxicDefinition.Certificate;
import io.github.dsqlreach.toxiproxy.ToxicDefinition.MatchOn;
import io.github.dsqlreach.toxiproxy.ToxicDefinition.MatchThen;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * The catalogue of faults: what networks do to connections to a cluster, and what goes wrong at a commit. Inject one with
 * {@code @InjectFault} or {@code @FaultSource}. In code, inject faults of the network with {@link FaultyDsql#inject(Fault)}, some
 * in front of other servers too with {@link FaultyTcp}; and faults {@linkplain #isAtCommit() at a commit} with
 * {@code LocalDsql.inject}.
 *
 * <p>A connection on which a fault has no effect is not changed, neither its bytes nor the way it ends. Many faults work on other
 * Toxiproxy servers too; the others need the server of this library. Toxics work on all connections, also on those that are
 * open when a fault is injected; there, recipes that act on the beginning of a connection act on what comes next.
 *
 * <pre>{@code
 * dsql.inject(Fault.TLS_RESET);
 * dsql.inject(Fault.LATENCY.with("latency", 500).with("jitter", 100));
 * dsql.inject(Fault.TLS_SILENCE.with("toxicity", 0.3));     // three of ten connections
 * local.inject(Fault.OCC_CONFLICT.with("times", 3));        // the next three commits
 * local.inject(Fault.COMMIT_LOST.where("INSERT INTO orders"));
 * }</pre>
 */
public enum Fault {
    /** The resolver says that the cluster's name does not exist. Connections that are open go on. */
    DNS_NAME_NOT_FOUND(
            "The resolver says that the cluster's name does not exist.",
            "a connection begins through the data source or a URL",
            Recipe.detour(UnreachableTarget.Kind.UNKNOWN_NAME)),

    /** No program listens on the port, or a firewall rejects connections: they are refused at once. Open connections go on. */
    TCP_REFUSED(
            "Connections are refused at once.",
            "a connection begins through the data source or a URL",
            Recipe.detour(UnreachableTarget.Kind.REFUSING_PORT).forAnyServer()),

    /** The SYN is dropped: connecting takes until the client's own timeout. Connections that are open go on. */
    TCP_TIMEOUT(
            "The SYN is dropped: connecting gets no answer at all.",
            "a connection begins through the data source or a URL",
            Recipe.detour(UnreachableTarget.Kind.SILENT_PORT).forAnyServer()),

    /**
     * Only an HTTP proxy leads out of the network, and it wants a login: port 5432 is refused, and a WebSocket gets HTTP 407.
     * Connections that are open go on.
     */
    PROXY_REQUIRED(
            "Only an HTTP proxy leads out, and it wants a login: TCP is refused, a WebSocket gets HTTP 407.",
            "a connection begins through the data source or a URL",
            Recipe.detour(UnreachableTarget.Kind.LOGIN_WANTING_PROXY)),

    /** TCP connects, and what the client sends vanishes: nothing ever comes back. Open connections fall silent too. */
    SILENCE(
            "TCP connects, and what the client sends vanishes: nothing ever comes back.",
            "the client sends data",
            Recipe.of(cut(Direction.UPSTREAM, 0, MatchThen.SILENCE))
                    .orStock(upstream("timeout").with("timeout", 0L))
                    .forAnyServer()),

    /** TCP connects, and the client's first bytes, SSLRequest or ClientHello, are answered by a reset. */
    SSL_REQUEST_RESET(
            "TCP connects; the client's first bytes, the SSLRequest or with direct TLS the ClientHello, get a reset.",
            "the client sends data",
            Recipe.of(cut(Direction.UPSTREAM, 0, MatchThen.RESET))
                    .orStock(upstream("reset_peer").with("timeout", 0L))
                    .forAnyServer()),

    /** The SSLRequest is answered, and the ClientHello gets a reset. This project started with it. */
    TLS_RESET(
            "TCP connects and the SSLRequest is answered; the ClientHello gets a reset.",
            "the client sends more than an SSLRequest",
            Recipe.of(cut(Direction.UPSTREAM, 9, MatchThen.RESET))
                    .orStock(
                            upstream("limit_data").with("bytes", 9L),
                            upstream("reset_peer").with("timeout", 0L).withToxicity(0))),

    /** The SSLRequest is answered, and nothing comes back for the ClientHello. */
    TLS_SILENCE(
            "TCP connects and the SSLRequest is answered; nothing comes back for the ClientHello.",
            "a new connection sends its ClientHello",
            Recipe.of(match(MatchOn.CLIENT_HELLO, MatchThen.SILENCE))),

    /** The SSLRequest is answered, and the ClientHello gets an orderly close. */
    TLS_CLOSED(
            "TCP connects and the SSLRequest is answered; the ClientHello gets an orderly close.",
            "the client sends more than an SSLRequest",
            Recipe.of(upstream("limit_data").with("bytes", 9L))),

    /** The SSLRequest is answered, and the ClientHello gets a TLS alert, {@code handshake_failure}. */
    TLS_ALERT(
            "TCP connects and the SSLRequest is answered; the ClientHello gets the TLS alert `handshake_failure`.",
            "a new connection sends its ClientHello",
            Recipe.of(match(MatchOn.CLIENT_HELLO, MatchThen.TLS_ALERT).with("alert", "handshake_failure"))),

    /** Whatever the client says first is answered by a web page, as captive portals and filters do. */
    BLOCK_PAGE(
            "The client's first bytes are answered by an HTTP page, as captive portals and filters do.",
            "a new connection sends an SSLRequest or a ClientHello",
            Recipe.of(
                    match(MatchOn.SSL_REQUEST, MatchThen.HTTP_BLOCK_PAGE),
                    match(MatchOn.CLIENT_HELLO, MatchThen.HTTP_BLOCK_PAGE))),

    /** A proxy ends TLS and shows a certificate for the cluster's name that an authority of its own has signed. */
    INTERCEPTION(
            "A proxy ends TLS and shows a certificate for the right name, signed by an unknown authority.",
            "a new connection begins with an SSLRequest or a ClientHello",
            Recipe.of(intercept(Certificate.OTHER_CA))),

    /** A filter that reads the server name (SNI) resets connections for the cluster's name; other names pass. */
    SNI_FILTER(
            "A filter resets TLS connections with the cluster's server name (SNI); other names pass.",
            "a new connection sends the cluster's name (SNI)",
            Recipe.of((values, host) ->
                    List.of(match(MatchOn.SNI, MatchThen.RESET).with("value", host)))),

    /** A filter that knows PostgreSQL's SSLRequest resets connections that begin with it; direct TLS passes. */
    POSTGRES_NEGOTIATION_FILTER(
            "A filter resets connections that begin with PostgreSQL's SSLRequest; direct TLS passes.",
            "a new connection begins with an SSLRequest; with direct TLS and over a WebSocket none does",
            Recipe.of(match(MatchOn.SSL_REQUEST, MatchThen.RESET))),

    /** A filter that looks at first bytes resets connections that begin with TLS; after an SSLRequest TLS passes. */
    DIRECT_TLS_FILTER(
            "A filter resets connections that begin with TLS; after an SSLRequest TLS passes.",
            "a new connection begins with TLS; after an SSLRequest none does",
            Recipe.of(match(MatchOn.DIRECT_TLS, MatchThen.RESET))),

    /** TLS is up, and the request for a WebSocket gets an orderly close; what needs no WebSocket passes. */
    WEBSOCKET_REFUSED(
            "TLS is up; the request for a WebSocket gets an orderly close. What needs none passes.",
            "a new connection asks for a WebSocket; over TCP none does",
            Recipe.of(afterTls(Fault.UPGRADE, MatchThen.CLOSE))),

    /** TLS is up, and the connection is reset when the password is sent. */
    AUTH_RESET(
            "TLS is up; the password gets a reset.",
            "a new connection sends its password",
            Recipe.of(afterTls(2, MatchThen.RESET))),

    /** TLS is up, and nothing comes back for the password. */
    AUTH_SILENCE(
            "TLS is up; nothing comes back for the password.",
            "a new connection sends its password",
            Recipe.of(afterTls(2, MatchThen.SILENCE))),

    /**
     * The connection is reset when the server has sent {@code bytes} bytes, counted from the beginning of the connection
     * or from the injection of the fault: a large result breaks in the middle. The default leaves room for the login,
     * which takes 3 to 8 KB.
     */
    QUERY_RESET(
            "The connection is reset when the server has sent a number of bytes, TLS and login included: a large result breaks"
                    + " in the middle.",
            "the server has sent that many bytes: read a larger result, or set a smaller number of bytes",
            Recipe.of(
                            values -> List.of(cut(Direction.DOWNSTREAM, values.applyAsLong("bytes"), MatchThen.RESET)),
                            number("bytes", 16_384, 0, 1L << 40, "bytes from the server that pass"))
                    .orStock(values -> List.of(
                            downstream("limit_data").with("bytes", values.applyAsLong("bytes")),
                            downstream("reset_peer").with("timeout", 0L).withToxicity(0)))
                    .forAnyServer()),

    /** Every answer is late. */
    LATENCY(
            "Every answer is late.",
            "the server sends data, and the latency is not 0",
            Recipe.of(
                            values -> List.of(downstream("latency")
                                    .with("latency", values.applyAsLong("latency"))
                                    .with("jitter", values.applyAsLong("jitter"))),
                            number("latency", 200, 0, 600_000, "ms"),
                            number("jitter", 0, 0, 600_000, "ms more or less"))
                    .forAnyServer()),

    /** Answers are late, now more, now less. */
    JITTER(
            "Answers are late, now more, now less.",
            "the server sends data, and the latency is not 0",
            Recipe.of(
                            values -> List.of(downstream("latency")
                                    .with("latency", values.applyAsLong("latency"))
                                    .with("jitter", values.applyAsLong("jitter"))),
                            number("latency", 100, 0, 600_000, "ms"),
                            number("jitter", 80, 0, 600_000, "ms more or less"))
                    .forAnyServer()),

    /** The network is slow. */
    BANDWIDTH(
            "The network is slow.",
            "the server sends data",
            Recipe.of(
                            values -> List.of(downstream("bandwidth").with("rate", values.applyAsLong("rate"))),
                            number("rate", 64, 1, 10_000_000, "KB/s from the server"))
                    .forAnyServer()),

    /** The server's close reaches the client late. */
    SLOW_CLOSE(
            "The server's close reaches the client late.",
            "a connection closes, and the delay is not 0",
            Recipe.of(
                            values -> List.of(downstream("slow_close").with("delay", values.applyAsLong("delay"))),
                            number("delay", 1_000, 0, 600_000, "ms"))
                    .forAnyServer()),

    /** Some connections are reset at their first bytes, the others work: for retries. */
    INTERMITTENT(
            "Some connections get a reset at their first bytes, the others work.",
            "the client sends data",
            Recipe.of(values -> List.of(cut(Direction.UPSTREAM, 0, MatchThen.RESET)), Parameter.toxicity(0.5))
                    .orStock(upstream("reset_peer").with("timeout", 0L))
                    .forAnyServer()),

    /**
     * A firewall, a NAT gateway or a load balancer forgets a connection that carries no data for {@code idle} milliseconds: what
     * is sent later gets a reset, or with {@code silent=1} no answer. Open connections count from the injection.
     */
    IDLE_TIMEOUT(
            "A connection without data for a time is forgotten: what is sent later gets a reset, or no answer.",
            "data is sent on a connection that carried none for the idle time",
            Recipe.of(
                            values -> Stream.of(Direction.values())
                                    .map(direction -> idle(
                                            direction, Duration.ofMillis(values.applyAsLong("idle")), silent(values)))
                                    .toList(),
                            number("idle", 1_000, 1, 86_400_000, "ms without data"),
                            SILENT)
                    .forAnyServer()),

    /**
     * The connections that are open now die, by a reset or with {@code silent=1} without a sign; new ones work. So it is when a
     * server fails over, and when a NAT gateway or a firewall restarts.
     */
    LOST_CONNECTIONS(
            "The connections that are open now die, by a reset or silently; new ones work.",
            "a connection is open when the fault begins: open it in @BeforeEach, or use the proxy of the class",
            Recipe.of(
                            values -> Stream.of(Direction.values())
                                    .map(direction -> lose(direction, silent(values)))
                                    .toList(),
                            SILENT)
                    .forAnyServer()),

    /**
     * The server of the connections that are open now is gone without a FIN or RST: its side is closed, the client's stays open
     * and gets no answer. New connections work.
     */
    HALF_OPEN(
            "The server's side of the open connections is gone, the client's side stays open; new ones work.",
            "a connection is open when the fault begins: open it in @BeforeEach, or use the proxy of the class",
            Recipe.of(halfOpen()).forAnyServer()),

    /**
     * The connection is reset when it has lived for {@code time} milliseconds, or when the client has sent {@code sent} bytes or
     * the server {@code received} bytes, whatever comes first. They count from the beginning of the connection or from the
     * injection.
     */
    CUT_AFTER(
            "The connection is reset after a time, or after a number of bytes from the client or the server.",
            "a connection is open for long enough, or enough bytes are sent",
            Recipe.of(
                            values -> Stream.of(
                                            cutAfter(values, Direction.UPSTREAM, "sent"),
                                            cutAfter(values, Direction.DOWNSTREAM, "received"))
                                    .flatMap(Optional::stream)
                                    .toList(),
                            number("time", 1_000, 0, 86_400_000, "ms; 0 is no limit"),
                            number("sent", 0, 0, 1L << 40, "bytes from the client; 0 is no limit"),
                            number("received", 0, 0, 1L << 40, "bytes from the server; 0 is no limit"))
                    .forAnyServer()),

    /**
     * The server closes the connection without an error when the client sends more than {@code bytes} bytes at once, as a
     * cluster does for a message over 10 MiB. The proxy does not see messages: it counts what the client sends until the server
     * answers.
     */
    MESSAGE_TOO_LARGE(
            "A message that is too large gets an orderly close without an error.",
            "the client sends more bytes than that before the server answers",
            Recipe.of(
                            values -> List.of(messageLimit(values.applyAsLong("bytes"))),
                            number("bytes", 10 << 20, 1, 1L << 40, "bytes from the client without an answer"))
                    .forAnyServer()),

    /** The commit fails with 40001 {@code change conflicts with another transaction (OC000)}; nothing is committed. */
    OCC_CONFLICT("The commit fails with 40001 (OC000): another transaction changed the same rows.", Recipe.atCommit()),

    /** The commit fails with 40001 {@code schema has been updated by another transaction, please retry: (OC001)}. */
    OCC_SCHEMA_CONFLICT(
            "The commit fails with 40001 (OC001): another transaction changed the schema.", Recipe.atCommit()),

    /** The commit fails with 54000 {@code transaction age limit of 300s exceeded}; nothing is committed. */
    TRANSACTION_TOO_OLD("The commit fails with 54000: the transaction is older than 300 s.", Recipe.atCommit()),

    /** The commit fails with 54000 {@code transaction size limit 10mb exceeded}; nothing is committed. */
    TRANSACTION_TOO_LARGE("The commit fails with 54000: the transaction is larger than 10 MiB.", Recipe.atCommit()),

    /** The commit fails with 57014 {@code canceling statement due to user request}; nothing is committed. */
    QUERY_CANCELLED("The commit fails with 57014: it was cancelled.", Recipe.atCommit()),

    /** The transaction is committed, and the connection is reset before the answer arrives. */
    COMMIT_LOST(
            "The transaction is committed, and the connection is reset before the answer arrives.", Recipe.atCommit()),

    /** The connection is reset before the commit; nothing is committed. */
    COMMIT_UNSENT("The connection is reset before the commit; nothing is committed.", Recipe.atCommit()),

    /** The cluster ends the session before the commit, as it does after an hour; nothing is committed. */
    SESSION_EXPIRED("The cluster ends the session before the commit; nothing is committed.", Recipe.atCommit()),

    /** The answer to the commit is late. */
    SLOW_COMMIT("The answer to the commit is late.", Recipe.atCommit(number("delay", 5_000, 1, 600_000, "ms")));

    /** The number of a WebSocket's upgrade among a client's messages in TLS, of which the first of PostgreSQL's is 1. */
    static final int UPGRADE = 0;

    private static final String AT_COMMIT =
            "a transaction commits in the local cluster: by COMMIT, or by a statement in autocommit that changes rows";

    private final String description;
    private final String strikesWhen;
    private final Recipe recipe;

    Fault(String description, String strikesWhen, Recipe recipe) {
        this.description = description;
        this.strikesWhen = strikesWhen;
        this.recipe = recipe;
    }

    Fault(String description, Recipe recipe) {
        this(description, Fault.AT_COMMIT, recipe);
    }

    /** What happens, in one sentence. */
    public String description() {
        return description;
    }

    /** What must happen so that it has an effect, in words that follow "when"; perhaps with a hint. */
    public String strikesWhen() {
        return strikesWhen;
    }

    /**
     * Whether it works in front of any TCP server, as {@link FaultyTcp} puts it; the others act on the cluster's name, or
     * on TLS and what goes before it.
     */
    public boolean isForAnyServer() {
        return recipe.isForAnyServer();
    }

    /**
     * Whether it acts on commits inside a {@code LocalDsql}; the others act on connections, in front of
     * any cluster.
     */
    public boolean isAtCommit() {
        return recipe.isAtCommit();
    }

    /** The parameters that {@link #with} takes, each with its default and what it stands for. */
    public Map<String, String> parameters() {
        Map<String, String> all = new LinkedHashMap<>();
        recipe.parameters()
                .forEach(parameter -> all.put(
                        parameter.name(), Parameter.print(parameter.standard()) + " (" + parameter.meaning() + ")"));
        return all;
    }

    /**
     * This fault with another value for a parameter.
     *
     * @throws IllegalArgumentException if the fault has no such parameter or the value is out of range; the message names
     *     it and what is allowed
     */
    public TunedFault with(String parameter, double value) {
        return TunedFault.of(this).with(parameter, value);
    }

    /**
     * This fault for some transactions only.
     *
     * @throws IllegalArgumentException if it does not act on commits, or this is not a regular expression
     * @see TunedFault#where
     */
    public TunedFault where(String statements) {
        return TunedFault.of(this).where(statements);
    }

    private static MatchThen silent(ToLongFunction<String> values) {
        return values.applyAsLong(SILENT.name()) == 1 ? MatchThen.SILENCE : MatchThen.RESET;
    }

    /** Empty without a limit in that direction. */
    private static Optional<ToxicDefinition> cutAfter(
            ToLongFunction<String> values, Direction direction, String bytes) {
        long most = values.applyAsLong(bytes);
        long time = values.applyAsLong("time");
        ToxicDefinition cut = cut(direction, most == 0 ? -1 : most, MatchThen.RESET);
        return most == 0 && time == 0 ? Optional.empty() : Optional.of(time == 0 ? cut : cut.with("time", time));
    }

    Recipe recipe() {
        return recipe;
    }
}
