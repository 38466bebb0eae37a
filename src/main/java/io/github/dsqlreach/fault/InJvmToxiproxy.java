package io.github.dsqlreach.fault;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.toxiproxy.ToxicDefinition;
import io.github.dsqlreach.toxiproxy.ToxiproxyServer;
import java.net.URI;
import java.util.Optional;

/** The server of this library, driven by calls: its API starts when somebody asks where it is. */
final class InJvmToxiproxy implements ToxiproxyService, ToxiproxyControl {
    private final ToxiproxyServer server = ToxiproxyServer.start();

    @Override
    public URI uri() {
        return server.uri();
    }

    @Override
    public ToxiproxyControl control() {
        return this;
    }

    @Override
    public HostAndPort reachable(String listen) {
        return new HostAndPort("127.0.0.1", ToxiproxyService.portOf(listen));
    }

    @Override
    public Optional<ToxiproxyServer.Connections> connections(String proxy) {
        return Optional.of(server.connections(proxy));
    }

    @Override
    public String version() {
        return "";
    }

    @Override
    public String createProxy(String name, String listen, String upstream) {
        return server.createProxy(name, listen, upstream).listen();
    }

    @Override
    public void enableProxy(String name, boolean enabled) throws Refused {
        try {
            if (enabled) {
                server.proxy(name).enable();
            } else {
                server.proxy(name).disable();
            }
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new Refused(500, e.getMessage());
        }
    }

    @Override
    public void deleteProxy(String name) throws Refused {
        try {
            server.proxy(name).delete();
        } catch (IllegalArgumentException e) {
            throw new Refused(404, e.getMessage());
        }
    }

    @Override
    public void addToxic(String proxy, ToxicDefinition toxic) throws Refused {
        try {
            server.proxy(proxy).add(toxic);
        } catch (IllegalArgumentException e) {
            throw new Refused(409, e.getMessage());
        }
    }

    @Override
    public void removeToxic(String proxy, String name) throws Refused {
        try {
            server.proxy(proxy).remove(name);
        } catch (IllegalArgumentException e) {
            throw new Refused(404, e.getMessage());
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
