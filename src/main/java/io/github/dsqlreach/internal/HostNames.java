package io.github.dsqlreach.internal;

/** Syntax of host names. */
public final class HostNames {
    private HostNames() {}

    /** Whether the host is an IP address, not a name. */
    public static boolean isAddress(String host) {
        return host.indexOf(':') >= 0 || host.matches("[0-9.]+");
    }

    /** The name without the dot that marks it as absolute. */
    public static String withoutFinalDot(String host) {
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }
}
