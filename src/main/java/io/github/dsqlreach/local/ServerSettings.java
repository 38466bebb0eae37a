package io.github.dsqlreach.local;

import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link DsqlListener} imitates.
 *
 * @param tls {@code null} for a listener without TLS; with {@code webSocket} there always is TLS
 * @param webSocket whether PostgreSQL's protocol travels in WebSocket messages, in TLS from the first byte
 * @param mostConnections at the same time; further ones are refused
 * @param loginTimeout how long a client may take from its TCP connection to the end of its login
 */
record ServerSettings(
        ClusterIdentity identity,
        @Nullable SSLContext tls,
        TokenCheck check,
        Backend backend,
        boolean webSocket,
        int mostConnections,
        Duration loginTimeout) {

    ServerSettings forWebSocket() {
        return new ServerSettings(identity, tls, check, backend, true, mostConnections, loginTimeout);
    }
}
