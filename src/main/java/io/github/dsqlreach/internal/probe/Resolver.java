package io.github.dsqlreach.internal.probe;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Looks up a name. */
interface Resolver {
    /** The JDK's resolver, which the driver uses. */
    Resolver JDK = InetAddress::getAllByName;

    InetAddress[] lookUp(String host) throws UnknownHostException;
}
