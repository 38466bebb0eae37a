package io.github.dsqlreach.ground;

/**
 * Who may answer at the cluster's address. Each has an address of its own in the world; the script that starts it runs
 * there, with that address in {@code $IP} and a directory of its own as the current one. What has no script is served by
 * {@link World} itself.
 */
enum Server {
    /** The healthy cluster, and a second address of it. */
    CLUSTER("44.192.0.10"),
    CLUSTER_TOO("44.192.0.11"),
    /** The cluster with its WebSocket on port 443. */
    CLUSTER_WEB_SOCKET("44.192.0.12"),
    /** The cluster by PrivateLink. */
    CLUSTER_PRIVATE("10.20.30.40"),
    /** The region's API on 443. */
    API("44.193.0.20"),
    NOT_ACCEPTING("44.192.1.1"),
    WAKING_UP("44.192.1.2"),
    EXPIRED("44.192.1.3"),
    OTHER_NAME("44.192.1.4"),
    SHORT_KEY("44.192.1.5"),
    CLIENT_ONLY("44.192.1.6"),
    OTHER_AUTHORITY("44.192.1.7"),
    DENIED_BY_POLICY("44.192.1.8"),
    INVALID_TOKEN("44.192.1.9"),
    ACCESS_DENIED("44.192.1.10"),
    /** A certificate of the right authority, with the host in its common name only. */
    CN_ONLY("44.192.1.12"),
    /** Another PostgreSQL, with a certificate of its own for localhost. */
    LOCALHOST("44.192.1.13"),
    /** A certificate without the intermediate one that issued it. */
    NO_INTERMEDIATE(
            "44.192.1.11",
            "printf 'foreground=yes\\npid=\\n[pg]\\naccept=%s:5432\\nconnect=127.0.0.1:9\\nprotocol=pgsql\\ncert=%s\\n' $IP"
                    + " $ROOT/no-intermediate.pem > stunnel.conf; exec stunnel4 stunnel.conf"),
    /** Accepts, reads, says nothing. */
    SILENT("44.192.2.1", "exec socat -u TCP-LISTEN:5432,bind=$IP,fork,reuseaddr OPEN:/dev/null"),
    /** The same at an address of the network that proxy software gives out. */
    FAKE("198.18.0.7", "exec socat -u TCP-LISTEN:5432,bind=$IP,fork,reuseaddr OPEN:/dev/null"),
    /** Sends a line of its own and reads what comes. */
    REDIS(
            "44.192.2.2",
            "exec redis-server --bind $IP --port 5432 --protected-mode no --save '' --logfile '' --appendonly no"),
    HAPROXY_DEAD_BACKEND("44.192.2.3", haproxy("bind $IP:5432", "server s 127.0.0.1:9")),
    /** Closes without an answer what does not begin with the PROXY protocol. */
    HAPROXY_PROXY_PROTOCOL("44.192.2.4", haproxy("bind $IP:5432 accept-proxy", "server s 44.192.0.10:5432")),
    HAPROXY("44.192.2.5", haproxy("bind $IP:5432", "server s 44.192.0.10:5432")),
    SOCKS("44.192.2.6", "exec microsocks -i $IP -p 5432"),
    HTTP(
            "44.192.2.7",
            "printf 'daemon off; error_log stderr; pid nginx.pid; events {} http { access_log off; server { listen %s:5432;"
                    + " return 200 hello; } }' $IP > nginx.conf; exec nginx -p . -c $PWD/nginx.conf"),
    SSH(
            "44.192.2.8",
            "ssh-keygen -q -t ed25519 -N '' -f key; mkdir -p /run/sshd; exec $(command -v sshd) -D -e -f /dev/null -h $PWD/key -p 5432"
                    + " -o ListenAddress=$IP -o PidFile=none"),
    /** PostgreSQL itself, which refuses TLS: the one behind the cluster's front door. */
    POSTGRES(
            "44.192.2.9",
            "exec socat TCP-LISTEN:5432,bind=$IP,fork,reuseaddr TCP:127.0.0.1:$(cat $ROOT/postgres.port)"),
    PGBOUNCER(
            "44.192.2.10",
            "printf '[databases]\\n*=host=127.0.0.1 port=9\\n[pgbouncer]\\nlisten_addr=%s\\nlisten_port=5432\\nauth_type=any\\n"
                    + "unix_socket_dir=\\n' $IP > pgbouncer.ini; chmod -R a+rX .; exec setpriv --reuid=65534 --regid=65534"
                    + " --clear-groups pgbouncer pgbouncer.ini"),
    /** A web proxy. */
    TINYPROXY(
            "44.192.2.11",
            "printf 'Port 5432\\nListen %s\\nTimeout 60\\nMaxClients 20\\n' $IP > tiny.conf; exec tinyproxy -d -c tiny.conf"),
    /** Answers the first bytes, whatever they are, with an ErrorResponse in clear text, and closes. */
    CLEAR_TEXT_DENIED("44.192.2.12", clearText("28000", "unable to accept connection, access denied")),
    /** Closes as soon as something has come. */
    CLOSER("44.192.2.13", "exec socat TCP-LISTEN:5432,bind=$IP,fork,reuseaddr SYSTEM:'head -c 1 >/dev/null'"),
    /** Speaks first, as MySQL does: a length, a number, version 10. */
    MYSQL("44.192.2.14", greeting("J\\0\\0\\0\\n8.0.36\\0\\010\\0\\0\\0abcdefgh\\0")),
    /** Speaks first, in a line that begins with the letter which refuses TLS. */
    NOTICE("44.192.2.15", greeting("NOTICE AUTH :*** Looking up your hostname\\r\\n")),
    /** Answers each line that it does not know with a word that begins with PostgreSQL's letter for an error. */
    MEMCACHED(
            "44.192.2.16",
            "exec socat TCP-LISTEN:5432,bind=$IP,fork,reuseaddr SYSTEM:'head -c 8 >/dev/null; printf \"ERROR\\r\\n\"; cat"
                    + " >/dev/null'"),
    /** Says yes to the SSLRequest and ends. */
    SAYS_YES(
            "44.192.2.17",
            "exec socat TCP-LISTEN:5432,bind=$IP,fork,reuseaddr SYSTEM:'head -c 8 >/dev/null; printf S'"),
    /** Nobody listens there: refused. */
    NOBODY("44.192.3.1"),
    /** Every packet to it vanishes. */
    DEAD("44.192.3.2"),
    DEAD_PRIVATE("10.20.30.41"),
    /** SOCKS proxies on their usual port. */
    SOCKS_1080("44.192.3.3", "exec microsocks -i $IP -p 1080"),
    /** HTTP proxies on their usual port: one for everybody, one that opens no way to port 443, one that wants a login. */
    TINYPROXY_3128("44.192.3.4", tinyproxy("")),
    TINYPROXY_FORBIDS("44.192.3.5", tinyproxy("ConnectPort 563\\n")),
    SQUID(
            "44.192.3.6",
            knowsTheCluster()
                    + "printf 'ground:%s\\n' $(openssl passwd -apr1 a-password) > users; chmod a+rX . users hosts;"
                    + " printf 'http_port %s:3128\\npid_filename none\\nhosts_file %s/hosts\\nauth_param basic program"
                    + " /usr/lib/squid/basic_ncsa_auth %s/users\\nacl known proxy_auth REQUIRED\\nhttp_access allow"
                    + " known\\nhttp_access deny all\\ncache deny all\\naccess_log none\\ncache_log /dev/null\\n' $IP $PWD"
                    + " $PWD > squid.conf; exec squid -N -f squid.conf"),
    /** An inspection with a certificate that is trusted, which passes HTTP requests on without their Upgrade. */
    STRIPPING(
            "44.192.3.7",
            "printf 'daemon off; error_log stderr; pid nginx.pid; events {} http { access_log off; server { listen %s:443 ssl;"
                    + " ssl_certificate %s/inspecting.pem; ssl_certificate_key %s/leaf.key; location / { proxy_pass"
                    + " https://44.192.0.12; proxy_ssl_server_name on; proxy_ssl_name " + World.HOST
                    + "; } } }' $IP $ROOT $ROOT > nginx.conf; exec nginx -p . -c $PWD/nginx.conf");

    final String address;
    final String script;

    Server(String address) {
        this(address, null);
    }

    Server(String address, String script) {
        this.address = address;
        this.script = script;
    }

    private static String greeting(String bytes) {
        return "printf '" + bytes
                + "' > greeting; exec socat TCP-LISTEN:5432,bind=$IP,fork,reuseaddr SYSTEM:'cat greeting -'";
    }

    private static String haproxy(String bind, String server) {
        return "printf 'defaults\\n mode tcp\\n timeout connect 5s\\n timeout client 60s\\n timeout server 60s\\nlisten pg\\n "
                + bind.replace("$IP", "%s") + "\\n " + server
                + "\\n' $IP > haproxy.cfg; exec haproxy -db -f haproxy.cfg";
    }

    private static String tinyproxy(String more) {
        return knowsTheCluster() + "mount --bind hosts /etc/hosts; printf 'Port 3128\\nListen %s\\nTimeout"
                + " 60\\nMaxClients 20\\n" + more + "' $IP > tiny.conf; exec tinyproxy -d -c tiny.conf";
    }

    /** There is no resolver in the world. */
    private static String knowsTheCluster() {
        return "printf '44.192.0.12 " + World.HOST + "\\n' > hosts; ";
    }

    private static String clearText(String sqlState, String message) {
        return errorResponse(sqlState, message) + " > answer; exec socat TCP-LISTEN:5432,bind=$IP,fork,reuseaddr"
                + " SYSTEM:'head -c 8 >/dev/null; cat answer'";
    }

    /** A command that prints PostgreSQL's message; its length counts itself and what follows. */
    static String errorResponse(String sqlState, String message) {
        String fields = "SFATAL\\0C" + sqlState + "\\0M" + message + "\\0\\0";
        return "printf 'E\\0\\0\\0\\"
                + String.format("%03o", fields.replace("\\0", "0").length() + 4) + fields + "'";
    }
}
