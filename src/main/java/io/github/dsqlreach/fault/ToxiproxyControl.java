package io.github.dsqlreach.fault;

import io.github.dsqlreach.toxiproxy.ToxicDefinition;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What faults need of a Toxiproxy server, over HTTP or by calls. */
interface ToxiproxyControl {
    /** Fails when the server does not answer, or is none. */
    String version() throws IOException;

    /** Creates a proxy and returns where it listens. */
    String createProxy(String name, String listen, String upstream) throws IOException;

    /** Lets it listen, or closes its port and connections. */
    void enableProxy(String name, boolean enabled) throws IOException;

    void deleteProxy(String name) throws IOException;

    void addToxic(String proxy, ToxicDefinition toxic) throws IOException;

    void removeToxic(String proxy, String name) throws IOException;

    /** An answer that says no. */
    final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        private final int status;

        Refused(int status, @Nullable String message) {
            super(message);
            this.status = status;
        }

        int status() {
            return status;
        }
    }
}
