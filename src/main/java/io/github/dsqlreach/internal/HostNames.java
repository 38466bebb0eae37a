package io.github.dsqlreach.internal;

/** How host names are written. */
public final class HostNames {
    private HostNames() {}

    /** Whether it is an IP address, which is not looked up. */
    public static boolean isAddress(String host) {
        return host.indexOf(':') >= 0 || host.matches("[0-9.]+");
    }

    /** The name without the dot that marks it as absolute. */
    public static String withoutFinalDot(String host) {
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }
}
