package io.github.dsqlreach.fault;

import io.github.dsqlreach.local.LocalDsql;

/** One local cluster for all tests of this package; it ends with the JVM. */
final class SharedCluster {
    private SharedCluster() {}

    private static final class Holder {
        static final LocalDsql CLUSTER = LocalDsql.start();
    }

    static LocalDsql get() {
        return Holder.CLUSTER;
    }
}
