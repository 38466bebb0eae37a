package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.internal.client.HttpProxy;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * How an experiment connects: as an attempt does, with one thing changed. None of them sends a secret.
 *
 * @param address the address to connect to
 * @param tunnel the HTTP proxy at that address, and the server behind it; empty for none
 * @param tls how TLS starts, and with which parameters
 * @param goal the last step
 * @param smallSegments whether the receive window is so small that the server answers in small packets. That passes where
 *     the ordinary handshake times out because of a path MTU black hole, unless this machine itself is the black hole.
 * @param user the role of a StartupMessage
 * @param database the database of a StartupMessage
 * @param idle how long a connection must stay open on which nothing is sent
 */
public record ConnectPlan(
        InetSocketAddress address,
        Optional<Tunnel> tunnel,
        TlsPlan tls,
        Goal goal,
        boolean smallSegments,
        String user,
        String database,
        Duration idle) {

    /** A server behind an HTTP proxy. */
    public record Tunnel(HttpProxy proxy, HostAndPort server) {}

    /** The last step. */
    public enum Goal {
        /** Only connects. */
        CONNECT(Phase.TCP),
        /** Connects and sends nothing. Passes if the connection stays open, or the server sends first. */
        STAY_IDLE(Phase.TCP),
        /** Sends an SSLRequest and reads the answer, without a ClientHello. */
        SSL_REQUEST(Phase.TLS),
        /**
         * Sends the plan's ClientHello with unknown TLS versions, but otherwise the same bytes. A TLS server must reject it
         * with an alert of a few bytes. Passes if an alert arrives, which proves that the name, TLS and a small answer pass
         * the network.
         */
        REFUSED_HELLO(Phase.TLS),
        /** Makes a TLS handshake. */
        TLS(Phase.TLS),
        /**
         * Makes a TLS handshake, a WebSocket upgrade if the plan has one, and sends a StartupMessage. Passes if the answer
         * is PostgreSQL's. The password that the server asks for is not sent.
         */
        STARTUP(Phase.AUTH),
        /** Sends a StartupMessage in plain text, like a client without TLS. */
        PLAIN_STARTUP(Phase.AUTH),
        /**
         * Requests a web page in plain text. Passes if the answer is HTTP. The request is one line, because servers of other
         * line protocols answer that too.
         */
        WEB_REQUEST(Phase.AUTH);

        private final Phase through;

        Goal(Phase through) {
            this.through = through;
        }

        /** The phase that the step belongs to; what is sent first without TLS stands where the login would. */
        public Phase through() {
            return through;
        }
    }

    /** As the driver connects to that endpoint, but to that address, through TLS and no further. */
    public static ConnectPlan of(Endpoint endpoint, InetSocketAddress address, Optional<HttpProxy> proxy) {
        return new ConnectPlan(
                address,
                proxy.map(each -> new Tunnel(each, endpoint.address())),
                TlsPlan.of(endpoint),
                Goal.TLS,
                false,
                endpoint.user(),
                endpoint.database(),
                Duration.ZERO);
    }

    /** The same at another address. */
    public ConnectPlan to(InetSocketAddress other) {
        return new ConnectPlan(other, tunnel, tls, goal, smallSegments, user, database, idle);
    }

    /** The same up to another step. */
    public ConnectPlan reaching(Goal other) {
        return new ConnectPlan(address, tunnel, tls, other, smallSegments, user, database, idle);
    }

    /** The same with other parameters of TLS. */
    public ConnectPlan with(TlsPlan other) {
        return new ConnectPlan(address, tunnel, other, goal, smallSegments, user, database, idle);
    }

    /** The same with the other way to start TLS. */
    public ConnectPlan with(Negotiation other) {
        return with(tls.withNegotiation(other));
    }

    /** The same with small packets from the server. */
    public ConnectPlan inSmallSegments() {
        return new ConnectPlan(address, tunnel, tls, goal, true, user, database, idle);
    }

    /** A connection on which nothing is sent for that time. */
    public ConnectPlan idleFor(Duration time) {
        return new ConnectPlan(address, tunnel, tls, Goal.STAY_IDLE, smallSegments, user, database, time);
    }
}
