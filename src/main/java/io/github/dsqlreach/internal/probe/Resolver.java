package io.github.dsqlreach.internal.probe;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Looks up a name. */
interface Resolver {
    /** The resolver of the JDK, which the driver uses as well. */
    Resolver JDK = InetAddress::getAllByName;

    InetAddress[] lookUp(String host) throws UnknownHostException;
}
