package io.github.dsqlreach.internal;

/** What a host is called. */
public final class HostNames {
    private HostNames() {}

    /** Whether it is an address in figures, which nobody looks up. */
    public static boolean isAddress(String host) {
        return host.indexOf(':') >= 0 || host.matches("[0-9.]+");
    }
}
