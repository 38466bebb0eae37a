package io.github.dsqlreach.ground;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A share of one processor, by a control group of either version. */
final class Processor implements AutoCloseable {
    private static final Path UNIFIED = Path.of("/sys/fs/cgroup");
    private static final boolean VERSION_2 = Files.exists(UNIFIED.resolve("cgroup.controllers"));
    static final Path ROOT = VERSION_2 ? UNIFIED : UNIFIED.resolve("cpu");

    private final Path group;

    Processor(String name, int percent) throws IOException {
        if (VERSION_2
                && !Files.readString(UNIFIED.resolve("cgroup.subtree_control")).contains("cpu")) {
            Files.writeString(UNIFIED.resolve("cgroup.subtree_control"), "+cpu");
        }
        group = Files.createDirectory(ROOT.resolve(name));
        if (VERSION_2) {
            Files.writeString(group.resolve("cpu.max"), percent * 1000 + " 100000");
        } else {
            Files.writeString(group.resolve("cpu.cfs_period_us"), "100000");
            Files.writeString(group.resolve("cpu.cfs_quota_us"), String.valueOf(percent * 1000));
        }
    }

    static boolean isThere() {
        return VERSION_2 || Files.exists(ROOT.resolve("cpu.cfs_quota_us"));
    }

    /** A shell's words that put it, and what it becomes, into this group. */
    String join() {
        return "echo $$ > " + group.resolve("cgroup.procs");
    }

    @Override
    public void close() {
        remove(group);
    }

    static void remove(Path group) {
        Shell.succeeds("for i in 1 2 3 4 5; do for p in $(cat " + group + "/cgroup.procs); do kill -9 $p; done; rmdir "
                + group + " && exit 0; sleep 0.1; done; exit 1");
    }
}
