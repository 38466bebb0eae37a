package io.github.dsqlreach.fault;

import io.github.dsqlreach.HostAndPort;
import java.net.URI;

/** A server that somebody else runs. */
final class GivenToxiproxy implements ToxiproxyService {
    private final URI uri;

    GivenToxiproxy(URI uri) {
        this.uri = uri;
    }

    @Override
    public URI uri() {
        return uri;
    }

    /** On this machine a proxy stays on loopback; elsewhere it must be reachable from here. */
    @Override
    public String listen() {
        return isOnThisMachine() ? "127.0.0.1:0" : "0.0.0.0:0";
    }

    @Override
    public boolean isOnThisMachine() {
        return ToxiproxyService.isLoopback(uri.getHost());
    }

    @Override
    public HostAndPort reachable(String listen) {
        String host = isOnThisMachine() ? "127.0.0.1" : uri.getHost().replaceAll("[\\[\\]]", "");
        return new HostAndPort(host, ToxiproxyService.portOf(listen));
    }

    @Override
    public void close() {
        // Not ours.
    }
}
