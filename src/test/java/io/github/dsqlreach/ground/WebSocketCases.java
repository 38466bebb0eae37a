package io.github.dsqlreach.ground;

import static io.github.dsqlreach.ground.Case.of;
import static io.github.dsqlreach.ground.Cases.DATABASE;
import static io.github.dsqlreach.ground.Cases.DROP;
import static io.github.dsqlreach.ground.Cases.FORWARD;
import static io.github.dsqlreach.ground.Cases.RESET;
import static io.github.dsqlreach.ground.Cases.SSL_REQUEST;
import static io.github.dsqlreach.ground.Cases.TLS_DATABASE;
import static io.github.dsqlreach.ground.Server.*;

import java.util.List;

/** Obstacles on the way to the cluster's WebSocket, and the way round by it. */
final class WebSocketCases {
    private static final String PORT_443 = " -p tcp --dport 443";
    private static final String DETOUR = "over WebSocket on 443, because";

    /** Answers for everybody on port 443, with a certificate of its own for each. */
    private static final String INSPECTION =
            "iptables -t nat -A PREROUTING -i in -p tcp --dport 443 -j REDIRECT --to-ports 15443\n"
                    + "sslsplit -P -D -k $ROOT/interceptor.key -c $ROOT/interceptor.pem ssl 0.0.0.0 15443 >sslsplit.log 2>&1 &\n"
                    + "for i in $(seq 100); do ss -Hltn sport = 15443 | grep -q . && exit 0; sleep 0.02; done; cat sslsplit.log; exit 1";

    static final List<Case> ALL = List.of(
            overWebSocket("web-socket-healthy", "nothing is in the way")
                    .expect("REACHABLE")
                    .says("over WebSocket"),
            overWebSocket("web-socket-dropped", "port 443 vanishes")
                    .firewall(FORWARD + PORT_443 + DROP)
                    .expect("TCP_TIMEOUT"),
            overWebSocket("web-socket-inspection", "sslsplit on port 443")
                    .firewall(INSPECTION)
                    .expect("TLS_INTERCEPTED")
                    .says("Zscaler"),
            overWebSocket("web-socket-stripped", "a trusted inspection passes the request on without Upgrade")
                    .at(STRIPPING)
                    .with(CLUSTER_WEB_SOCKET)
                    .expect("WEBSOCKET_REFUSED")
                    .says("Upgrade"),

            // The way round.
            auto("auto-tls-reset", "TLS is reset on the cluster's port")
                    .firewall(FORWARD + TLS_DATABASE + RESET)
                    .expect("REACHABLE")
                    // Where port 443 loses its packets as well.
                    .honest("TLS_RESET", "TLS_BLOCKED_ON_PORT")
                    .says(DETOUR),
            auto("auto-ssl-request-reset", "the SSLRequest is reset")
                    .firewall(FORWARD + SSL_REQUEST + RESET)
                    .expect("REACHABLE")
                    .says(DETOUR),
            auto("auto-dropped", "connecting to the cluster's port vanishes")
                    .firewall(FORWARD + DATABASE + DROP)
                    .expect("REACHABLE")
                    .says(DETOUR),
            auto("auto-healthy", "nothing is in the way").expect("REACHABLE").says("^(?!.*" + DETOUR + ")"),
            auto("auto-both-dropped", "connecting to either port vanishes")
                    .firewall(FORWARD + DATABASE + DROP, FORWARD + PORT_443 + DROP)
                    .expect("TCP_TIMEOUT"),
            auto("auto-reset-and-inspection", "TLS is reset on the cluster's port, and inspected on 443")
                    .firewall(FORWARD + TLS_DATABASE + RESET, INSPECTION)
                    .expect("TLS_RESET")
                    .honest("TLS_BLOCKED_ON_PORT"),

            // Only a proxy leads out.
            overWebSocket("web-proxy-only", "only tinyproxy leads out")
                    .firewall(only(TINYPROXY_3128))
                    .with(TINYPROXY_3128)
                    .java(proxy(TINYPROXY_3128))
                    .expect("REACHABLE"),
            auto("auto-web-proxy-only", "only tinyproxy leads out")
                    .firewall(only(TINYPROXY_3128))
                    .with(TINYPROXY_3128)
                    .environment("HTTPS_PROXY", "http://" + TINYPROXY_3128.address + ":3128")
                    .expect("REACHABLE")
                    .says(DETOUR),
            auto("auto-web-proxy-no-names", "only tinyproxy leads out, and the resolver knows no public name")
                    .firewall(only(TINYPROXY_3128))
                    .resolver("--address=/#/")
                    .with(TINYPROXY_3128)
                    .environment("HTTPS_PROXY", "http://" + TINYPROXY_3128.address + ":3128")
                    .expect("REACHABLE")
                    .says(DETOUR),
            auto("auto-web-proxy-no-login", "only squid leads out, and it wants a login")
                    .firewall(only(SQUID))
                    .with(SQUID)
                    .java(proxy(SQUID))
                    .expect("TCP_TIMEOUT")
                    .says("wants a login"),
            overWebSocket("web-proxy-forbids", "a proxy that opens no way to port 443")
                    .firewall(only(TINYPROXY_FORBIDS))
                    .with(TINYPROXY_FORBIDS)
                    .java(proxy(TINYPROXY_FORBIDS))
                    .expect("PROXY_REFUSED"),
            overWebSocket("web-proxy-login", "only squid leads out, with the login that it was given")
                    .firewall(only(SQUID))
                    .with(SQUID)
                    .environment("HTTPS_PROXY", "http://ground:a-password@" + SQUID.address + ":3128")
                    .expect("REACHABLE"),
            overWebSocket("web-proxy-no-login", "only squid leads out, and it wants a login")
                    .firewall(only(SQUID))
                    .with(SQUID)
                    .java(proxy(SQUID))
                    .expect("PROXY_LOGIN_REQUIRED"),
            overWebSocket("web-proxy-wrong-login", "squid does not accept the password")
                    .firewall(only(SQUID))
                    .with(SQUID)
                    .environment("HTTPS_PROXY", "http://ground:another@" + SQUID.address + ":3128")
                    .expect("PROXY_LOGIN_REQUIRED")
                    .says("^(?!.*another)"),
            overWebSocket("web-proxy-dead", "the proxy is silent")
                    .java(proxy(DEAD))
                    .expect("PROXY_FAILED"));

    private WebSocketCases() {}

    private static Case overWebSocket(String name, String story) {
        return of(name, story).at(CLUSTER_WEB_SOCKET).arguments("--transport", "websocket");
    }

    private static Case auto(String name, String story) {
        return of(name, story).at(CLUSTER_WEB_SOCKET).arguments("--transport", "auto");
    }

    private static String only(Server proxy) {
        return FORWARD + " -p tcp ! -d " + proxy.address + " --syn" + DROP;
    }

    private static String[] proxy(Server proxy) {
        return new String[] {"-Dhttps.proxyHost=" + proxy.address, "-Dhttps.proxyPort=3128"};
    }
}
