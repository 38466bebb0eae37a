package io.github.dsqlreach.fault;

import io.github.dsqlreach.local.LocalDsql;

/** One local cluster for all tests of this package; it ends with the JVM. */
final class SharedCluster {
    private static final LocalDsql CLUSTER = LocalDsql.start();

    private SharedCluster() {}

    static LocalDsql get() {
        return CLUSTER;
    }
}
