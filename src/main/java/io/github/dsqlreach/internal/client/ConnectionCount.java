package io.github.dsqlreach.internal.client;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Scrubber;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** How many connections this library's data sources made to a cluster in this JVM, and how many failed. */
public final class ConnectionCount {
    private static final Map<String, ConnectionCount> OF_CLUSTERS = new ConcurrentHashMap<>();
    private static final int LONGEST_MESSAGE = 200;

    private final LongAdder all = new LongAdder();
    private final LongAdder failed = new LongAdder();
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
        last = String.valueOf(failure.getMessage());
    }

    /** For example {@code ; 3 of 41 connections of the injected DataSource failed, the last with: Connection reset}; or empty. */
    public String note() {
        long failures = failed.sum();
        return failures == 0
                ? ""
                : "; " + failures + " of " + all.sum()
                        + " connections of the injected DataSource failed, the last with: "
                        + Scrubber.line(last, LONGEST_MESSAGE);
    }
}
