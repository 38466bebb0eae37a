package io.github.dsqlreach.fault;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.toxiproxy.ToxiproxyServer;
import java.net.URI;
import java.util.List;
import java.util.OptionalLong;

/**
 * A server with a proxy in front of it, into which faults are injected: a {@link FaultyDsql} for a cluster, a
 * {@link FaultyTcp} for any other TCP server.
 *
 * <p>Several faults can be active at once. Safe for use by many threads.
 */
public sealed interface FaultyServer extends AutoCloseable permits FaultyTcp, FaultyDsql {
    /** The address that clients connect to instead of the server's. */
    HostAndPort address();

    /** The host of {@link #address()}. */
    default String host() {
        return address().host();
    }

    /** The port of {@link #address()}. */
    default int port() {
        return address().port();
    }

    /**
     * Activates that fault with its defaults.
     *
     * @return this
     * @throws IllegalArgumentException if the fault is not possible here; the message names those that are
     * @throws IllegalStateException if the Toxiproxy server lacks a toxic that the fault needs, or does not answer, or if
     *     this is closed
     */
    default FaultyServer inject(Fault fault) {
        return inject(TunedFault.of(fault));
    }

    /**
     * Activates that fault with its parameters.
     *
     * @return this
     * @throws IllegalArgumentException if the fault is not possible here; the message names those that are
     * @throws IllegalStateException if the Toxiproxy server lacks a toxic that the fault needs, or does not answer, or if
     *     this is closed
     */
    FaultyServer inject(TunedFault fault);

    /**
     * Removes all faults. Connections that a fault keeps silent are closed; new ones work. Toxics of your own stay.
     *
     * @return this
     * @throws IllegalStateException if the Toxiproxy server does not answer
     */
    FaultyServer clearFaults();

    /** The active faults, the oldest first. */
    List<TunedFault> faults();

    /** The control API of the Toxiproxy server. */
    URI toxiproxy();

    /**
     * How many connections the proxy has had, and has. Connections that a fault of DNS or TCP stops never reach it. The
     * figures change shortly after the client opens or closes a connection: wait for the expected one.
     *
     * @throws UnsupportedOperationException if the Toxiproxy server does not count: only the one inside this JVM does
     */
    ToxiproxyServer.Connections connections();

    /**
     * How many connections have met a fault so far: those that were open when one began, and those that began while one
     * was active.
     *
     * @return empty if this is unknown: only the server inside this JVM counts, and connections that {@code TCP_REFUSED} or
     *     {@code TCP_TIMEOUT} stops at a {@link FaultyTcp} are seen by the kernel alone
     */
    OptionalLong connectionsMet();

    /** Removes all faults, and the proxy with its connections; does nothing the second time. */
    @Override
    void close();
}
