package io.github.dsqlreach.fault;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.toxiproxy.ToxiproxyServer;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** A Toxiproxy that runs, and how addresses have to be written for it. */
interface ToxiproxyService extends AutoCloseable {
    /** Its control API. */
    URI uri();

    /** How it is driven. */
    default ToxiproxyControl control() {
        return new ToxiproxyApi(uri());
    }

    /** Where the next proxy is to listen, in the server's own words; port 0 for any. */
    default String listen() {
        return "127.0.0.1:0";
    }

    /** Where clients of this JVM reach a proxy that listens there. */
    HostAndPort reachable(String listen);

    /** Whether its proxies' ports are ports of this machine, so that something else can listen there in their place. */
    default boolean isOnThisMachine() {
        return true;
    }

    /** How the server has to write that address, which is written for this JVM. */
    default String upstream(HostAndPort target) {
        return target.toString();
    }

    /** A proxy that listened there is gone. */
    default void released(String listen) {}

    /** How many connections that proxy has had, where the server tells. */
    default Optional<ToxiproxyServer.Connections> connections(String proxy) {
        return Optional.empty();
    }

    @Override
    void close();

    /** Whether that is this machine alone, as an address or in a URL. */
    static boolean isLoopback(String host) {
        return host.startsWith("127.") || List.of("localhost", "::1", "[::1]").contains(host);
    }

    static int portOf(String listen) {
        return Integer.parseInt(listen.substring(listen.lastIndexOf(':') + 1));
    }
}
