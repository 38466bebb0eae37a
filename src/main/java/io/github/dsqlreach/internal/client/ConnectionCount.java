package io.github.dsqlreach.internal.client;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Scrubber;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;

/** How many connections this library's data sources made to a cluster in this JVM, and how many failed. */
public final class ConnectionCount {
    private static final Map<String, ConnectionCount> OF_CLUSTERS = new ConcurrentHashMap<>();
    private static final int LONGEST_MESSAGE = 200;
    private static final int MOST_CAUSES = 20;
    /** How a cluster begins what it says of a login that it refuses; its SQLSTATE is 08006. */
    private static final String REFUSED = "unable to accept connection";

    private final LongAdder all = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final Map<Phase, LongAdder> failedAt = new ConcurrentHashMap<>();
    private volatile String last = "";

    private ConnectionCount() {}

    /** That of the cluster, whatever leads to it. */
    public static ConnectionCount of(Endpoint endpoint) {
        return OF_CLUSTERS.computeIfAbsent(endpoint.host(), unused -> new ConnectionCount());
    }

    /** A connection begins. */
    public void started() {
        all.increment();
    }

    /** It failed with that exception. */
    public void failed(Exception failure) {
        failed.increment();
        phase(failure)
                .ifPresent(phase -> failedAt.computeIfAbsent(phase, unused -> new LongAdder())
                        .increment());
        last = String.valueOf(failure.getMessage());
    }

    /** The phase in which a connection failed, if the driver's exception tells: a reset alone does not. */
    private static Optional<Phase> phase(Exception failure) {
        Throwable next = failure;
        for (int depth = 0; next != null && depth < MOST_CAUSES; depth++, next = next.getCause()) {
            if (next instanceof UnknownHostException || next instanceof UnresolvedAddressException) {
                return Optional.of(Phase.DNS);
            }
            if (next instanceof ConnectException || next instanceof NoRouteToHostException) {
                return Optional.of(Phase.TCP);
            }
            String message = String.valueOf(next.getMessage());
            if (next instanceof SSLException || message.startsWith("SSL error")) {
                return Optional.of(Phase.TLS);
            }
            if (next instanceof SQLException sql
                    && (String.valueOf(sql.getSQLState()).startsWith("28") || message.contains(REFUSED))) {
                return Optional.of(Phase.AUTH);
            }
        }
        return Optional.empty();
    }

    /**
     * For example {@code ; 3 of 41 connections of the injected DataSource failed (2 at TLS), the last with: Connection reset}; or
     * empty.
     */
    public String note() {
        long failures = failed.sum();
        return failures == 0
                ? ""
                : "; " + failures + " of " + all.sum()
                        + " connections of the injected DataSource failed" + phases() + ", the last with: "
                        + Scrubber.line(last, LONGEST_MESSAGE);
    }

    private String phases() {
        return failedAt.isEmpty()
                ? ""
                : new TreeMap<>(failedAt)
                        .entrySet().stream()
                                .map(of -> of.getValue().sum() + " at "
                                        + of.getKey().label())
                                .collect(Collectors.joining(", ", " (", ")"));
    }
}
