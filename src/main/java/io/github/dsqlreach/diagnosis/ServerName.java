package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import java.util.Optional;

/** The name of the cluster that a certificate is for. */
final class ServerName {
    private ServerName() {}

    /** The first name that is a cluster's, or that stands for all clusters of a region. */
    static Optional<String> ofCluster(Evidence evidence) {
        return evidence.list(Evidence.CERTIFICATE_NAMES).stream()
                .filter(ServerName::isOfCluster)
                .findFirst();
    }

    private static boolean isOfCluster(String name) {
        try {
            return Endpoint.builder(name.replaceFirst("^\\*\\.", "any."))
                    .build()
                    .isClusterName();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
