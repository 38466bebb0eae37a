package io.github.dsqlreach.fault;

import io.github.dsqlreach.toxiproxy.ToxiproxyServer;
import java.net.URI;
import java.util.Optional;

/** The server of this library. */
final class InJvmToxiproxy implements ToxiproxyService {
    private final ToxiproxyServer server = ToxiproxyServer.start();

    @Override
    public URI uri() {
        return server.uri();
    }

    @Override
    public Optional<ToxiproxyServer.Connections> connections(String proxy) {
        return Optional.of(server.connections(proxy));
    }

    @Override
    public void close() {
        server.close();
    }
}
