package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.HostAndPort;
import java.util.Optional;

/**
 * What is asked beside the cluster, to tell what about the connection fails.
 *
 * @param https a server that TLS on port 443 should get through to
 * @param dns a DNS server to compare this system's with
 * @param webSocket the cluster's other door
 */
record Controls(Optional<HostAndPort> https, Optional<HostAndPort> dns, Optional<HostAndPort> webSocket) {
    /** The regional AWS API of DSQL. */
    static String apiHost(String region) {
        return "dsql." + region + ".api.aws";
    }
}
