package io.github.dsqlreach.fault;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.toxiproxy.ToxiproxyServer;
import java.net.URI;
import java.util.List;

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
     * What each fault that was injected has done so far, the oldest first, removed ones included. A fault that has struck no
     * connection has tested nothing.
     */
    List<FaultEffect> effects();

    /** Removes all faults, and the proxy with its connections; does nothing the second time. */
    @Override
    void close();
}
