package io.github.dsqlreach.ground;

import static io.github.dsqlreach.ground.Case.of;
import static io.github.dsqlreach.ground.Load.IDLE;
import static io.github.dsqlreach.ground.Load.QUARTER;
import static io.github.dsqlreach.ground.Server.*;

import java.util.List;

/** The obstacles. What is expected follows from what the network does, not from what the code says. */
final class Cases {
    private static final String HOST = World.HOST;

    // What packets hold, as iptables sees it. u32 finds the payload behind headers of any length.
    static final String DATABASE = " -p tcp --dport 5432";
    static final String SSL_REQUEST = DATABASE + " -m string --algo bm --hex-string '|0000000804d2162f|'";
    private static final String TLS = " -p tcp -m u32 --u32 '0>>22&0x3C@12>>26&0x3C@0&0xFFFF0000=0x16030000'";
    static final String TLS_DATABASE = DATABASE + " -m u32 --u32 '0>>22&0x3C@12>>26&0x3C@0&0xFFFF0000=0x16030000'";
    /** The versions that a JDK's ClientHello offers, without those that it adds for others. */
    private static final String TLS_1_3 = DATABASE + " -m string --algo bm --hex-string '|002b00050403040303|'";

    private static final String NAME = " -p tcp -m string --algo bm --string " + World.CLUSTER_ID + ".dsql";
    /** Anything but the packets of TCP itself: the last packet of each write. */
    private static final String DATA = DATABASE + " --tcp-flags SYN,FIN,RST,PSH PSH";

    static final String RESET = " -j REJECT --reject-with tcp-reset";
    static final String DROP = " -j DROP";
    static final String FORWARD = "iptables -A FORWARD";
    private static final String NO_ICMP = "iptables -A OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP";

    /** A device that marks the flow by the first bytes it sees: 1 begins with TLS, 2 with an SSLRequest. */
    private static final String FIRST_BYTES = "iptables -t mangle -A FORWARD" + TLS_DATABASE
            + " -m connmark --mark 0 -j CONNMARK --set-mark 1; iptables -t mangle -A FORWARD" + SSL_REQUEST
            + " -m connmark --mark 0 -j CONNMARK --set-mark 2";

    /** Connections on which so many bytes came back. */
    private static String replied(int bytes) {
        return " -m connbytes --connbytes " + bytes + " --connbytes-dir reply --connbytes-mode bytes";
    }

    /** A share of all connections is marked when they begin. */
    private static String chosen(String statistic) {
        return "iptables -t mangle -A FORWARD" + DATABASE + " --syn -m statistic " + statistic
                + " -j CONNMARK --set-mark 7";
    }

    private static final String CHOSEN_DATA = FORWARD + DATA + " -m connmark --mark 7";

    /** What passes on the way to the cluster is answered by a program here instead. */
    private static String device(String program) {
        return "cat > device <<'END'\n" + program + "\nEND\n"
                + "iptables -t nat -A PREROUTING -i in -p tcp --dport 5432 -j REDIRECT --to-ports 15432\n"
                + "socat TCP-LISTEN:15432,fork,reuseaddr SYSTEM:'sh device' >/dev/null 2>&1 &\n"
                + "for i in $(seq 100); do ss -Hltn sport = 15432 | grep -q . && exit 0; sleep 0.02; done; exit 1";
    }

    private static String answersSslRequest(String answer) {
        return device("head -c 8 > start.$$\nif [ \"$(od -An -tx1 start.$$ | tr -d ' ')\" = 0000000804d2162f ]; then\n"
                + answer + "\nelse { cat start.$$; cat; } | socat - TCP:" + CLUSTER.address + ":5432; fi");
    }

    private static final String INTERCEPTOR =
            "iptables -t nat -A PREROUTING -i in -p tcp --dport 5432 -j REDIRECT --to-ports 15432\n"
                    + "sslsplit -P -D -k $ROOT/interceptor.key -c $ROOT/interceptor.pem autossl 0.0.0.0 15432 >sslsplit.log 2>&1 &\n"
                    + "for i in $(seq 100); do ss -Hltn sport = 15432 | grep -q . && exit 0; sleep 0.02; done; cat sslsplit.log; exit 1";

    static final List<Case> ALL = List.of(
            // Healthy.
            of("healthy", "nothing is in the way").expect("REACHABLE"),
            of("healthy-direct", "nothing is in the way, direct TLS")
                    .arguments("--negotiation", "direct")
                    .expect("REACHABLE"),
            of("healthy-slow", "2 s round trip")
                    .roundTrip(2_000)
                    .only(IDLE, QUARTER)
                    .expect("REACHABLE")
                    .honest("TIMEOUT_TOO_SHORT"),
            of("healthy-too-slow", "1.8 s round trip, 3 s of patience")
                    .roundTrip(1_800)
                    .arguments("--timeout", "3s")
                    .only(IDLE, QUARTER)
                    .expect("TIMEOUT_TOO_SHORT")
                    .says("timeout"),
            of("healthy-lossy-10", "a tenth of the packets lost").loss(0.1).expect("REACHABLE"),
            of("healthy-lossy-30", "three tenths of the packets lost")
                    .loss(0.3)
                    .only(IDLE, QUARTER)
                    .expect("REACHABLE")
                    .honest("TLS_TIMEOUT", "TIMEOUT_TOO_SHORT", "AUTH_TIMEOUT", "TCP_TIMEOUT"),
            of("healthy-starved-10", "a tenth of a processor")
                    .processor(10)
                    .only(IDLE)
                    .expect("REACHABLE")
                    .honest("TIMEOUT_TOO_SHORT"),
            of("healthy-starved-5", "a twentieth of a processor")
                    .processor(5)
                    .only(IDLE)
                    .expect("REACHABLE")
                    .honest("TIMEOUT_TOO_SHORT"),
            of("healthy-bare-id", "a cluster id and a region")
                    .endpoint(World.CLUSTER_ID)
                    .arguments("--region", World.REGION)
                    .expect("REACHABLE"),
            of("healthy-two-addresses", "both pass").at(CLUSTER, CLUSTER_TOO).expect("REACHABLE"),
            of("healthy-haproxy", "through a TCP load balancer").at(HAPROXY).expect("REACHABLE"),
            of("healthy-private", "by PrivateLink's address")
                    .at(CLUSTER_PRIVATE)
                    .expect("REACHABLE"),
            of("healthy-mtu-1300", "a small path MTU, and ICMP tells it")
                    // The route's and not the device's, which would swallow large packets of the other direction as
                    // well.
                    .firewall(
                            "ip route replace $(ip -o route show dev in proto kernel | cut -d' ' -f1) dev in mtu lock 1300")
                    .expect("REACHABLE"),
            of("healthy-connection-limit", "three new connections a minute")
                    .firewall(FORWARD + DATABASE
                            + " --syn -m hashlimit --hashlimit-above 3/minute --hashlimit-burst 3 --hashlimit-mode srcip --hashlimit-name n"
                            + DROP)
                    .expect("REACHABLE")
                    // A packet that begins a connection and is sent again counts as well.
                    .honest("TCP_TIMEOUT", "TLS_TIMEOUT", "AUTH_TIMEOUT", "QUERY_TIMEOUT"),

            // What reacts to PostgreSQL's way of starting TLS.
            of("ssl-request-reset", "the SSLRequest is reset")
                    .firewall(FORWARD + SSL_REQUEST + RESET)
                    .expect("POSTGRES_NEGOTIATION_BLOCKED")
                    .honest("TLS_RESET")
                    .says("sslNegotiation=direct"),
            of("ssl-request-dropped", "the SSLRequest vanishes")
                    .firewall(FORWARD + SSL_REQUEST + DROP)
                    .expect("POSTGRES_NEGOTIATION_BLOCKED")
                    .honest("TLS_TIMEOUT")
                    .says("sslNegotiation=direct"),
            of("ssl-request-closed", "the SSLRequest is answered by a close")
                    .firewall(answersSslRequest("true"))
                    .expect("POSTGRES_NEGOTIATION_BLOCKED")
                    .honest("TLS_CLOSED")
                    .says("sslNegotiation=direct"),
            of("ssl-request-clear-text-denied", "a device says 'access denied' in clear text")
                    .firewall(answersSslRequest(errorResponse("28000", "unable to accept connection, access denied")))
                    .expect("POSTGRES_NEGOTIATION_BLOCKED")
                    .honest("NOT_POSTGRES", "TLS_REFUSED"),
            of("ssl-request-clear-text-expired", "a device says 'Signature expired' in clear text")
                    .firewall(answersSslRequest(errorResponse("08006", "Signature expired: 1 is now earlier than 2")))
                    .expect("POSTGRES_NEGOTIATION_BLOCKED")
                    .honest("NOT_POSTGRES", "TLS_REFUSED"),
            of("ssl-request-garbage-after-s", "a device answers S, then clear text")
                    .firewall(answersSslRequest("printf S; head -c 1 >/dev/null; "
                            + errorResponse("28000", "unable to accept connection, access denied")))
                    .expect("POSTGRES_NEGOTIATION_BLOCKED")
                    .honest("NOT_POSTGRES", "TLS_REFUSED"),
            of("direct-tls-reset", "TLS that comes first is reset")
                    .firewall(FIRST_BYTES, FORWARD + TLS_DATABASE + " -m connmark --mark 1" + RESET)
                    .arguments("--negotiation", "direct")
                    .expect("DIRECT_TLS_BLOCKED")
                    .honest("TLS_RESET")
                    .says("sslNegotiation=postgres"),
            of("direct-tls-dropped", "TLS that comes first vanishes")
                    .firewall(FIRST_BYTES, FORWARD + TLS_DATABASE + " -m connmark --mark 1" + DROP)
                    .arguments("--negotiation", "direct")
                    .expect("DIRECT_TLS_BLOCKED")
                    .honest("TLS_TIMEOUT")
                    .says("sslNegotiation=postgres"),

            // What reacts to the name, or to TLS.
            of("sni-reset", "the name is reset")
                    .firewall(FORWARD + NAME + RESET)
                    .expect("SNI_BLOCKED")
                    .honest("TLS_RESET"),
            of("sni-dropped", "the name vanishes")
                    .firewall(FORWARD + NAME + DROP)
                    .expect("SNI_BLOCKED")
                    .honest("TLS_TIMEOUT"),
            of("tls-port-reset", "TLS is reset on the cluster's port")
                    .firewall(FORWARD + TLS_DATABASE + RESET)
                    .expect("TLS_BLOCKED_ON_PORT")
                    .honest("TLS_RESET"),
            of("tls-port-dropped", "TLS vanishes on the cluster's port")
                    .firewall(FORWARD + TLS_DATABASE + DROP)
                    .expect("TLS_BLOCKED_ON_PORT")
                    .honest("TLS_TIMEOUT"),
            of("name-reset-everywhere", "the SSLRequest is reset, and the cluster's name on every port")
                    .firewall(FORWARD + SSL_REQUEST + RESET, FORWARD + NAME + RESET)
                    .expect("TLS_RESET")
                    .says("not the port"),
            of("hello-over-450-dropped", "packets of 450 bytes and more to the cluster vanish")
                    .firewall(FORWARD + DATABASE + " -m length --length 450:65535" + DROP)
                    .expect("TLS_TIMEOUT")
                    .says("shorter|size"),
            of("tls-everywhere-reset", "TLS is reset on all ports")
                    .firewall(FORWARD + TLS + RESET)
                    .expect("TLS_BLOCKED_EVERYWHERE")
                    .honest("TLS_RESET"),
            of("tls-everywhere-dropped", "TLS vanishes on all ports")
                    .firewall(FORWARD + TLS + DROP)
                    .expect("TLS_BLOCKED_EVERYWHERE")
                    .honest("TLS_TIMEOUT"),
            of("tls-port-reset-443-dead", "TLS is reset; nothing gets to 443 at all")
                    .firewall(FORWARD + TLS_DATABASE + RESET, FORWARD + " -p tcp --dport 443" + DROP)
                    .expect("TLS_RESET"),
            of("tls-1.3-reset", "a ClientHello that offers TLS 1.3 is reset")
                    .firewall(FORWARD + TLS_1_3 + RESET)
                    .expect("TLS_RESET")
                    .says("1\\.2"),
            of("tls-1.3-dropped", "a ClientHello that offers TLS 1.3 vanishes")
                    .firewall(FORWARD + TLS_1_3 + DROP)
                    .expect("TLS_TIMEOUT")
                    .says("1\\.2"),
            of("tls-answer-dropped", "what the cluster says vanishes after 1,500 bytes")
                    .firewall(FORWARD + " -p tcp --sport 5432 -m connbytes --connbytes 1500 --connbytes-dir reply"
                            + " --connbytes-mode bytes" + DROP)
                    .expect("TLS_TIMEOUT")
                    .honest("TLS_BLOCKED_ON_PORT"),
            of("portal", "every connection leads to the portal's web server")
                    .firewall(
                            "iptables -t nat -A PREROUTING -i in -p tcp -j REDIRECT --to-ports 15432\n"
                                    + "printf 'daemon off; error_log stderr; pid nginx.pid; events {} http { access_log off; server {"
                                    + " listen 15432; return 302 http://portal.example/; } }' > nginx.conf\n"
                                    + "nginx -p . -c $PWD/nginx.conf >nginx.log 2>&1 &\n"
                                    + "for i in $(seq 100); do ss -Hltn sport = 15432 | grep -q . && exit 0; sleep 0.02; done; exit 1")
                    .expect("NOT_POSTGRES")
                    .says("sign in"),
            of("data-reset", "whatever is sent is reset")
                    .firewall(FORWARD + DATA + RESET)
                    .expect("TLS_RESET")
                    .honest("PORT_SILENT"),
            of("data-dropped", "whatever is sent vanishes")
                    .firewall(FORWARD + DATA + DROP)
                    .expect("TLS_TIMEOUT")
                    .honest("PORT_SILENT")
                    .says("loses what"),

            // Chance, and devices that remember.
            of("chance-reset-30", "three tenths of the connections are reset")
                    .firewall(chosen("--mode random --probability 0.3"), CHOSEN_DATA + RESET)
                    .expect("REACHABLE")
                    .honest("TLS_RESET", "AUTH_RESET", "QUERY_RESET"),
            of("chance-reset-50", "half of the connections are reset")
                    .firewall(chosen("--mode random --probability 0.5"), CHOSEN_DATA + RESET)
                    .expect("REACHABLE")
                    .honest("TLS_RESET", "AUTH_RESET", "QUERY_RESET"),
            of("chance-drop-50", "half of the connections fall silent")
                    .firewall(chosen("--mode random --probability 0.5"), CHOSEN_DATA + DROP)
                    .expect("REACHABLE")
                    .honest("TLS_TIMEOUT", "AUTH_TIMEOUT", "QUERY_TIMEOUT"),
            of("every-second-reset", "every second connection is reset, beginning with the first")
                    .firewall(chosen("--mode nth --every 2 --packet 0"), CHOSEN_DATA + RESET)
                    .expect("REACHABLE")
                    .honest("TLS_RESET", "AUTH_RESET", "QUERY_RESET"),
            of("ssl-request-reset-then-ban", "the SSLRequest is reset, and the client banned for a minute")
                    .firewall(
                            FORWARD + DATABASE + " -m recent --name ban --rcheck --seconds 60" + DROP,
                            FORWARD + SSL_REQUEST + " -m recent --name ban --set" + RESET)
                    .expect("TLS_RESET")
                    .honest("POSTGRES_NEGOTIATION_BLOCKED"),
            of("sni-reset-then-ban", "the name is reset, and the client banned for a minute")
                    .firewall(
                            FORWARD + DATABASE + " -m recent --name ban --rcheck --seconds 60" + DROP,
                            FORWARD + NAME + " -m recent --name ban --set" + RESET)
                    .expect("TLS_RESET")
                    .honest("SNI_BLOCKED"),
            of("ssl-request-reset-then-resets", "the SSLRequest is reset, and for a minute whatever the client sends")
                    .firewall(
                            FORWARD + DATA + " -m recent --name ban --rcheck --seconds 60" + RESET,
                            FORWARD + SSL_REQUEST + " -m recent --name ban --set" + RESET)
                    .expect("TLS_RESET")
                    .says("blocks"),
            of("tls-reset-then-resets", "TLS is reset, and for a minute whatever the client sends")
                    .firewall(
                            FORWARD + DATA + " -m recent --name ban --rcheck --seconds 60" + RESET,
                            FORWARD + TLS_DATABASE + " -m recent --name ban --set" + RESET)
                    .expect("TLS_RESET")
                    .says("blocks"),
            of("direct-tls-reset-then-resets", "the same with direct TLS")
                    .firewall(
                            FORWARD + DATA + " -m recent --name ban --rcheck --seconds 60" + RESET,
                            FORWARD + TLS_DATABASE + " -m recent --name ban --set" + RESET)
                    .arguments("--negotiation", "direct")
                    .expect("TLS_RESET")
                    .says("blocks"),
            of("sni-reset-late", "the name is reset when the first packet of the server's answer has passed")
                    .firewall(
                            "iptables -t mangle -A FORWARD" + NAME + " -j CONNMARK --set-mark 5",
                            FORWARD + " -p tcp --sport 5432 -m connmark --mark 5" + replied(1_700) + DROP,
                            FORWARD + DATABASE + " -m connmark --mark 5" + replied(1_500) + RESET)
                    .expect("SNI_BLOCKED")
                    .honest("TLS_RESET")
                    .says("late"),
            of("asymmetric", "what the client sends on an established connection vanishes")
                    .firewall(FORWARD + " -i in -p tcp ! --syn" + DROP)
                    .expect("TLS_TIMEOUT")
                    .says("loses what|asymmetric"),
            of("asymmetric-port", "the same on the cluster's port only")
                    .firewall(FORWARD + " -i in" + DATABASE + " ! --syn" + DROP)
                    .expect("TLS_TIMEOUT")
                    .says("loses what|asymmetric"),
            of(
                            "ssl-request-reset-connection-limit",
                            "the SSLRequest is reset, and only two connections a minute are let in")
                    .firewall(
                            FORWARD + DATABASE
                                    + " --syn -m hashlimit --hashlimit-above 2/minute --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-name n"
                                    + DROP,
                            FORWARD + SSL_REQUEST + RESET)
                    .expect("TLS_RESET")
                    .honest("POSTGRES_NEGOTIATION_BLOCKED"),
            of("ssl-request-reset-one-at-a-time", "the SSLRequest is reset, and only one connection at once is let in")
                    .firewall(
                            FORWARD + DATABASE + " --syn -m connlimit --connlimit-above 1" + RESET,
                            FORWARD + SSL_REQUEST + RESET)
                    .expect("POSTGRES_NEGOTIATION_BLOCKED")
                    .honest("TLS_RESET"),

            // Path MTU.
            of("mtu-1280", "only packets up to 1280 bytes pass, and nobody says so")
                    .firewall("ip link set in mtu 1280", NO_ICMP)
                    .expect("PATH_MTU_BLACK_HOLE")
                    .honest("TLS_TIMEOUT")
                    .says("mtu"),
            of("mtu-1300", "only packets up to 1300 bytes pass")
                    .firewall("ip link set in mtu 1300", NO_ICMP)
                    .expect("PATH_MTU_BLACK_HOLE")
                    .honest("TLS_TIMEOUT")
                    .says("mtu"),
            of("mtu-1400", "only packets up to 1400 bytes pass")
                    .firewall("ip link set in mtu 1400", NO_ICMP)
                    .expect("PATH_MTU_BLACK_HOLE")
                    .honest("TLS_TIMEOUT")
                    .says("mtu"),
            of("mtu-1400-direct", "the same with direct TLS")
                    .firewall("ip link set in mtu 1400", NO_ICMP)
                    .arguments("--negotiation", "direct")
                    .expect("PATH_MTU_BLACK_HOLE")
                    .honest("TLS_TIMEOUT")
                    .says("mtu"),
            of("mtu-auth", "large packets are lost on the way to the cluster: the token's")
                    .firewall("ip link set $OUT mtu 1300", NO_ICMP)
                    .expect("PATH_MTU_BLACK_HOLE")
                    .honest("AUTH_TIMEOUT")
                    .says("mtu"),

            // Addresses.
            of("address-dead", "one of two addresses is dead")
                    .at(CLUSTER, DEAD)
                    .expect("REACHABLE")
                    .honest("ADDRESS_FAILS"),
            of("address-dead-first", "the first of two addresses is dead")
                    .at(DEAD, CLUSTER)
                    .expect("REACHABLE")
                    .honest("ADDRESS_FAILS"),
            of("address-refuses-first", "the first of two addresses refuses")
                    .at(NOBODY, CLUSTER)
                    .expect("REACHABLE")
                    .honest("ADDRESS_FAILS"),
            of("address-reset", "to the first of two addresses TLS is reset")
                    .at(CLUSTER, CLUSTER_TOO)
                    .firewall(FORWARD + TLS_DATABASE + " -d " + CLUSTER.address + RESET)
                    .expect("ADDRESS_FAILS")
                    .honest("REACHABLE", "TLS_RESET"),
            of("address-dropped", "to the first of two addresses TLS vanishes")
                    .at(CLUSTER, CLUSTER_TOO)
                    .firewall(FORWARD + TLS_DATABASE + " -d " + CLUSTER.address + DROP)
                    .expect("ADDRESS_FAILS")
                    .honest("REACHABLE", "TLS_TIMEOUT"),
            of("address-silent", "the first of two addresses never speaks")
                    .at(SILENT, CLUSTER)
                    .expect("ADDRESS_FAILS")
                    .honest("REACHABLE", "TLS_TIMEOUT"),
            of("address-of-another", "another server at the first of two addresses")
                    .at(OTHER_AUTHORITY, CLUSTER)
                    .expect("ADDRESS_FAILS")
                    // Where its SYN is lost, the other address is first.
                    .honest("REACHABLE", "TLS_INTERCEPTED"),
            of("address-of-ssh", "an SSH server at the first of two addresses")
                    .at(SSH, CLUSTER)
                    .expect("ADDRESS_FAILS")
                    // Where its SYN is lost, the other address is first.
                    .honest("REACHABLE", "NOT_POSTGRES"),
            of("address-fake", "proxy software gave out the address, and does not reach the cluster")
                    .at(FAKE)
                    .expect("TLS_TIMEOUT")
                    .says("proxy software"),

            // TCP.
            of("tcp-dropped", "connecting vanishes")
                    .firewall(FORWARD + DATABASE + DROP)
                    .expect("TCP_TIMEOUT"),
            of("tcp-all-dropped", "all TCP vanishes")
                    .firewall(FORWARD + " -p tcp" + DROP)
                    .expect("TCP_TIMEOUT"),
            of("tcp-refused", "nobody listens").at(NOBODY).expect("TCP_REFUSED"),
            of("tcp-reset", "a firewall refuses by RST")
                    .firewall(FORWARD + DATABASE + RESET)
                    .expect("TCP_REFUSED")
                    .honest("TCP_RESET"),
            of("tcp-port-unreachable", "a firewall refuses by ICMP")
                    .firewall(FORWARD + DATABASE + " -j REJECT --reject-with icmp-port-unreachable")
                    .expect("TCP_REFUSED"),
            of("tcp-host-prohibited", "ICMP: host prohibited")
                    .firewall(FORWARD + DATABASE + " -j REJECT --reject-with icmp-host-prohibited")
                    .expect("NETWORK_UNREACHABLE"),
            of("tcp-admin-prohibited", "ICMP: administratively prohibited")
                    .firewall(FORWARD + DATABASE + " -j REJECT --reject-with icmp-admin-prohibited")
                    .expect("NETWORK_UNREACHABLE"),
            of("tcp-no-route", "no route").client("ip route del default").expect("NETWORK_UNREACHABLE"),
            of("tcp-ipv6-unreachable", "IPv6 has no route, and IPv4 is dropped")
                    .firewall(FORWARD + DATABASE + DROP)
                    .resolver(
                            "--address=/#/",
                            "--host-record=" + World.API_HOST + "," + API.address,
                            "--host-record=" + HOST + "," + CLUSTER.address + ",2600:1f18:1::10")
                    .expect("TCP_TIMEOUT"),
            of("tcp-ipv6-only", "the name has IPv6 addresses only, and there is no route")
                    .resolver(
                            "--address=/#/",
                            "--host-record=" + World.API_HOST + "," + API.address,
                            "--host-record=" + HOST + ",2600:1f18:1::10")
                    .expect("NETWORK_UNREACHABLE")
                    .says("^(?!.*preferIPv4)"),
            of("tcp-private-dead", "PrivateLink's address is silent from here")
                    .at(DEAD_PRIVATE)
                    .expect("TCP_TIMEOUT")
                    .says("VPC"),

            // Others at the address.
            of("port-silent", "accepts and never speaks")
                    .at(SILENT)
                    .expect("PORT_SILENT")
                    .honest("TLS_TIMEOUT"),
            of("port-closes", "closes whatever comes")
                    .at(CLOSER)
                    .expect("TLS_CLOSED")
                    .honest("TLS_RESET", "PORT_SILENT"),
            of("port-redis", "redis").at(REDIS).expect("NOT_POSTGRES").honest("TLS_CLOSED", "TLS_RESET", "TLS_TIMEOUT"),
            of("port-haproxy-dead", "a load balancer without a backend")
                    .at(HAPROXY_DEAD_BACKEND)
                    .expect("TLS_CLOSED")
                    .honest("TLS_RESET"),
            of("port-haproxy-proxy", "a load balancer that wants the PROXY protocol")
                    .at(HAPROXY_PROXY_PROTOCOL)
                    // It closes with bytes unread, which is a reset.
                    .expect("TLS_RESET")
                    .honest("TLS_CLOSED"),
            of("port-socks", "a SOCKS proxy").at(SOCKS).expect("NOT_POSTGRES").honest("TLS_RESET", "TLS_CLOSED"),
            of("port-http", "a web server").at(HTTP).expect("NOT_POSTGRES"),
            of("port-web-proxy", "a web proxy")
                    .at(TINYPROXY)
                    .expect("NOT_POSTGRES")
                    .honest("TLS_CLOSED", "TLS_RESET", "TLS_TIMEOUT", "PORT_SILENT"),
            of("port-ssh", "an SSH server").at(SSH).expect("NOT_POSTGRES"),
            of("port-mysql", "a MySQL's greeting").at(MYSQL).expect("NOT_POSTGRES"),
            of("port-notice", "a greeting that begins with N").at(NOTICE).expect("NOT_POSTGRES"),
            of("port-memcached", "a server of lines that answers ERROR")
                    .at(MEMCACHED)
                    .expect("NOT_POSTGRES"),
            of("port-says-yes", "says yes to TLS and closes")
                    .at(SAYS_YES)
                    .expect("NOT_POSTGRES")
                    .honest("TLS_CLOSED", "TLS_RESET"),
            of("port-postgres", "PostgreSQL without TLS").at(POSTGRES).expect("TLS_REFUSED"),
            of("port-pgbouncer", "pgbouncer without TLS").at(PGBOUNCER).expect("TLS_REFUSED"),
            of("port-clear-text-denied", "clear text 'access denied' to everything")
                    .at(CLEAR_TEXT_DENIED)
                    .expect("NOT_POSTGRES")
                    .honest("TLS_REFUSED"),
            of("port-443", "TCP to the port of the WebSocket")
                    .endpoint(HOST + ":443")
                    .expect("PORT_OF_WEBSOCKET")
                    .says("5432"),

            // Certificates.
            of("certificate-authority", "another authority signed it")
                    .at(OTHER_AUTHORITY)
                    .expect("TLS_INTERCEPTED")
                    .says("Zscaler"),
            of("certificate-interceptor", "sslsplit in the firewall")
                    .firewall(INTERCEPTOR)
                    .expect("TLS_INTERCEPTED")
                    .says("Zscaler"),
            of("certificate-interceptor-direct", "sslsplit, direct TLS")
                    .firewall(INTERCEPTOR)
                    .arguments("--negotiation", "direct")
                    .expect("TLS_INTERCEPTED")
                    .says("Zscaler"),
            of("certificate-require", "sslmode=require, and another authority")
                    .at(OTHER_AUTHORITY)
                    .endpoint("jdbc:postgresql://" + HOST + "/postgres?sslmode=require")
                    .expect("REACHABLE")
                    .honest("TLS_INTERCEPTED")
                    .says("not verified"),
            of("certificate-expired", "expired").at(EXPIRED).expect("CERTIFICATE_EXPIRED"),
            of("certificate-other-name", "for another name").at(OTHER_NAME).expect("HOSTNAME_MISMATCH"),
            of("certificate-common-name", "the host is in the common name only")
                    .at(CN_ONLY)
                    .expect("CERTIFICATE_UNACCEPTABLE")
                    .says("alternative name"),
            of("certificate-localhost", "another PostgreSQL, with a certificate for localhost")
                    .at(LOCALHOST)
                    .expect("HOSTNAME_MISMATCH")
                    .says("localhost"),
            of("certificate-short-key", "trusted root, too short a key")
                    .at(SHORT_KEY)
                    .expect("CERTIFICATE_UNACCEPTABLE"),
            of("certificate-client-only", "trusted root, not for servers")
                    .at(CLIENT_ONLY)
                    .expect("CERTIFICATE_UNACCEPTABLE"),
            of("certificate-no-intermediate", "the intermediate certificate is not sent")
                    .at(NO_INTERMEDIATE)
                    .expect("CERTIFICATE_CHAIN_INCOMPLETE")
                    .honest("TLS_INTERCEPTED"),

            // Names.
            of("dns-no-such-name", "the name does not exist, the region's API does")
                    .resolver("--address=/#/", "--host-record=" + World.API_HOST + "," + API.address)
                    .expect("DNS_NAME_NOT_FOUND"),
            of("dns-no-public-names", "the resolver knows no public name")
                    .resolver("--address=/#/")
                    .expect("DNS_NO_PUBLIC_NAMES"),
            of("dns-one-address", "the resolver gives one address for each name, where nothing listens")
                    .resolver("--address=/#/" + NOBODY.address)
                    .at(NOBODY)
                    .expect("DNS_SINKHOLED")
                    .honest("TCP_REFUSED"),
            of("dns-one-silent-address", "the resolver gives one address for each name, and it is silent")
                    .resolver("--address=/#/" + SILENT.address)
                    .at(SILENT)
                    .expect("DNS_SINKHOLED")
                    .honest("PORT_SILENT", "TLS_TIMEOUT"),
            of("dns-no-public-names-and-proxy", "the resolver knows no public name, and the driver uses no web proxy")
                    .resolver("--address=/#/")
                    .environment("HTTPS_PROXY", "http://" + TINYPROXY_3128.address + ":3128")
                    .expect("DNS_NO_PUBLIC_NAMES")
                    .says("driver ignores"),
            of("dns-refused", "the resolver refuses")
                    .resolver("--server=/nowhere/")
                    .expect("DNS_FAILURE"),
            of("dns-servfail", "the resolver reaches nobody")
                    .resolver((String) null)
                    .firewall(
                            "printf 'server:\\n interface: %s\\n access-control: 0.0.0.0/0 allow\\n chroot: \"\"\\n username: \"\"\\n do-daemonize: no\\n"
                                    + " pidfile: \"\"\\n module-config: iterator\\nforward-zone:\\n name: .\\n forward-addr: 127.0.0.1@9\\n' $GATEWAY > unbound.conf\n"
                                    + "unbound -d -c $PWD/unbound.conf >unbound.log 2>&1 &\n"
                                    + "for i in $(seq 100); do ss -Hlun src $GATEWAY:53 | grep -q . && exit 0; sleep 0.02; done; cat unbound.log; exit 1")
                    .expect("DNS_FAILURE")
                    .honest("DNS_TIMEOUT"),
            of("dns-silent", "the resolver does not answer")
                    .firewall("iptables -A INPUT -p udp --dport 53" + DROP)
                    .expect("DNS_TIMEOUT"),
            of("dns-lossy", "six tenths of the questions are lost")
                    .firewall("iptables -A INPUT -p udp --dport 53 -m statistic --mode random --probability 0.6" + DROP)
                    .expect("REACHABLE")
                    .honest("DNS_TIMEOUT"),
            of("dns-closed", "nobody listens on the resolver's port")
                    .resolver((String) null)
                    .expect("DNS_FAILURE")
                    .honest("DNS_TIMEOUT"),
            of("dns-sinkhole", "the resolver answers 0.0.0.0")
                    .resolver("--address=/" + HOST + "/0.0.0.0", "--host-record=" + World.API_HOST + "," + API.address)
                    .expect("DNS_SINKHOLED"),
            of("dns-sinkhole-private", "the resolver answers its own address")
                    .at(NOBODY)
                    .resolver("--address=/on.aws/10.9.9.9", "--host-record=" + World.API_HOST + "," + API.address)
                    .firewall("iptables -A FORWARD -d 10.9.9.9" + DROP)
                    .expect("TCP_TIMEOUT")
                    .honest("DNS_SINKHOLED"),
            of("dns-hosts-sinkhole", "the hosts file says 0.0.0.0")
                    .hosts("0.0.0.0 " + HOST)
                    .expect("DNS_SINKHOLED")
                    .says("hosts"),
            of("dns-hosts-dead", "the hosts file names an address that is dead")
                    .hosts(DEAD.address + " " + HOST)
                    .expect("TCP_TIMEOUT")
                    .says("hosts"),

            // Proxies and tunnels.
            of("socks-dead", "the JVM's SOCKS proxy is dead")
                    .java("-DsocksProxyHost=127.0.0.1", "-DsocksProxyPort=1080")
                    .expect("PROXY_FAILED")
                    .says("socks"),
            of("socks-no-answer", "the JVM's SOCKS proxy never answers")
                    .java("-DsocksProxyHost=" + DEAD.address, "-DsocksProxyPort=1080")
                    .expect("PROXY_FAILED")
                    .says("socks"),
            of("socks-healthy", "through a SOCKS proxy")
                    .with(SOCKS_1080)
                    .java("-DsocksProxyHost=" + SOCKS_1080.address, "-DsocksProxyPort=1080")
                    .expect("REACHABLE"),
            of("tunnel-healthy", "through a tunnel")
                    .client("socat TCP-LISTEN:15432,fork TCP:" + CLUSTER.address + ":5432 >/dev/null 2>&1 &")
                    .arguments("--connect-to", "127.0.0.1:15432")
                    .expect("REACHABLE"),
            of("tunnel-far-end-refuses", "the tunnel's far end is refused")
                    .client("socat TCP-LISTEN:15432,fork TCP:" + NOBODY.address + ":5432 >/dev/null 2>&1 &")
                    .arguments("--connect-to", "127.0.0.1:15432")
                    .expect("TLS_CLOSED")
                    .honest("TLS_RESET")
                    .says("far end|tunnel"),
            of("tunnel-far-end-dead", "the tunnel's far end is dead")
                    .client("socat TCP-LISTEN:15432,fork TCP:" + DEAD.address + ":5432 >/dev/null 2>&1 &")
                    .arguments("--connect-to", "127.0.0.1:15432")
                    .expect("PORT_SILENT")
                    .honest("TLS_TIMEOUT")
                    .says("far end|tunnel"),
            of("tunnel-not-up", "no tunnel")
                    .arguments("--connect-to", "127.0.0.1:15432")
                    .expect("TCP_REFUSED")
                    .says("tunnel"),

            // The login.
            of("auth-throttled", "the way there is so slow that the token needs longer than the timeout")
                    .firewall("tc qdisc add dev $OUT root tbf rate 1200bit burst 1540 limit 20000")
                    .only(IDLE, QUARTER)
                    .expect("AUTH_TIMEOUT")
                    .honest("TIMEOUT_TOO_SHORT")
                    .says("timeout"),
            of("auth-reset", "TLS passes, and then the connection is reset")
                    .firewall(FORWARD + DATABASE
                            + " -m connbytes --connbytes 1500 --connbytes-dir original --connbytes-mode bytes" + RESET)
                    .expect("AUTH_RESET")
                    // Where packets are sent again, TLS itself may come to that many bytes.
                    .honest("AUTH_TIMEOUT", "TLS_RESET"),
            of("auth-dropped", "TLS passes, and then all vanishes")
                    .firewall(FORWARD + DATABASE
                            + " -m connbytes --connbytes 1500 --connbytes-dir original --connbytes-mode bytes" + DROP)
                    .expect("AUTH_TIMEOUT")
                    .honest("PATH_MTU_BLACK_HOLE", "TLS_TIMEOUT"),
            of("credentials-missing", "no credentials")
                    .environment("AWS_ACCESS_KEY_ID", "")
                    .environment("AWS_SECRET_ACCESS_KEY", "")
                    .environment("AWS_SESSION_TOKEN", "")
                    .expect("CREDENTIALS_NOT_FOUND"),
            of("credentials-missing-and-reset", "no credentials, and the SSLRequest is reset")
                    .environment("AWS_ACCESS_KEY_ID", "")
                    .environment("AWS_SECRET_ACCESS_KEY", "")
                    .environment("AWS_SESSION_TOKEN", "")
                    .firewall(FORWARD + SSL_REQUEST + RESET)
                    .expect("CREDENTIALS_NOT_FOUND")
                    .says("sslNegotiation=direct"),
            of("credentials-wrong", "a wrong secret key")
                    .environment("AWS_SECRET_ACCESS_KEY", "another-key-than-that-of-the-cluster-01")
                    .expect("ACCESS_DENIED")
                    .honest("CREDENTIALS_INVALID"),
            of("credentials-invalid-token", "'the security token is invalid'")
                    .at(INVALID_TOKEN)
                    .expect("CREDENTIALS_INVALID")
                    .honest("ACCESS_DENIED"),
            of("credentials-denied-by-policy", "an explicit deny of the resource policy")
                    .at(DENIED_BY_POLICY)
                    .expect("DENIED_BY_RESOURCE_POLICY")
                    .says("VPC|network"),
            of("server-access-denied", "access denied")
                    .at(ACCESS_DENIED)
                    .expect("ACCESS_DENIED")
                    .honest("ROLE_NOT_MAPPED"),
            of("server-waking-up", "waking up").at(WAKING_UP).expect("CLUSTER_WAKING_UP"),
            of("server-not-accepting", "57P03: not accepting connections")
                    .at(NOT_ACCEPTING)
                    // What a cluster means by it is not known; to try again helps with any PostgreSQL.
                    .expect("UNKNOWN")
                    .says("again"));

    private Cases() {}

    private static String errorResponse(String sqlState, String message) {
        return Server.errorResponse(sqlState, message);
    }
}
