package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.HostAndPort;
import java.util.Optional;

/**
 * The other servers that experiments ask.
 *
 * @param https a server on port 443 to which TLS should work
 * @param dns a DNS server to compare this machine's resolver with
 * @param webSocket the cluster's WebSocket
 */
record Controls(Optional<HostAndPort> https, Optional<HostAndPort> dns, Optional<HostAndPort> webSocket) {
    /** The regional AWS API of DSQL. */
    static String apiHost(String region) {
        return "dsql." + region + ".api.aws";
    }
}
