package io.github.dsqlreach.fault;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.toxiproxy.ToxicDefinition;
import io.github.dsqlreach.toxiproxy.ToxiproxyServer;
import io.github.dsqlreach.toxiproxy.ToxiproxyServer.Connections;
import java.net.URI;
import java.util.Optional;

/** The server of this JVM, driven by calls. Its HTTP API starts when {@link #uri()} is first called. */
final class InJvmToxiproxy implements ProxyServer {
    private final ToxiproxyServer server = ToxiproxyServer.start();

    @Override
    public URI uri() {
        return server.uri();
    }

    @Override
    public void check() {
        // It runs.
    }

    @Override
    public boolean isOnThisMachine() {
        return true;
    }

    @Override
    public HostAndPort createProxy(String name, int port, HostAndPort upstream) {
        return HostAndPort.parse(
                server.createProxy(name, "127.0.0.1:" + port, upstream.toString())
                        .listen(),
                0);
    }

    @Override
    public void enableProxy(String name, boolean enabled) {
        if (enabled) {
            server.proxy(name).enable();
        } else {
            server.proxy(name).disable();
        }
    }

    @Override
    public void deleteProxy(String name) {
        server.proxy(name).delete();
    }

    @Override
    public void addToxic(String proxy, ToxicDefinition toxic, Runnable onStrike) {
        server.proxy(proxy).add(toxic, onStrike);
    }

    @Override
    public void removeToxic(String proxy, String toxic) {
        ToxiproxyServer.Proxy of = server.proxy(proxy);
        if (of.toxics().stream().anyMatch(known -> known.name().equals(toxic))) {
            of.remove(toxic);
        }
    }

    @Override
    public Optional<Connections> connections(String proxy) {
        return Optional.of(server.connections(proxy));
    }

    @Override
    public void close() {
        server.close();
    }
}
