package io.github.dsqlreach.local;

import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * What a front door stands for.
 *
 * @param tls {@code null} for a door without TLS; one for WebSockets has it
 * @param webSocket whether PostgreSQL's protocol travels in WebSocket messages, in TLS from the first byte
 * @param loginTimeout how long a client may take from its TCP connection to the end of its login
 */
record ServerSettings(
        String clusterId,
        String region,
        @Nullable SSLContext tls,
        TokenCheck check,
        Backend backend,
        boolean webSocket,
        Duration loginTimeout) {

    ServerSettings forWebSocket() {
        return new ServerSettings(clusterId, region, tls, check, backend, true, loginTimeout);
    }
}
