package io.github.dsqlreach;

import static io.github.dsqlreach.Remedy.administrator;
import static io.github.dsqlreach.Remedy.aws;
import static io.github.dsqlreach.Remedy.browser;
import static io.github.dsqlreach.Remedy.check;
import static io.github.dsqlreach.Remedy.network;
import static io.github.dsqlreach.Remedy.setting;
import static io.github.dsqlreach.Remedy.tunnel;
import static io.github.dsqlreach.Remedy.waiting;
import static io.github.dsqlreach.Verdict.BLOCKED;
import static io.github.dsqlreach.Verdict.DENIED;
import static io.github.dsqlreach.Verdict.MISCONFIGURED;
import static io.github.dsqlreach.Verdict.UNAVAILABLE;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The causes of a failed check: a closed set of stable constants. Each has its layer, its verdict, one sentence that
 * explains it, a short advice, and remedies.
 *
 * <p>Texts are templates: {@code {host}}, {@code {port}}, {@code {user}}, {@code {region}}, {@code {clusterId}} and {@code
 * {tokenHost}} stand for the endpoint's parts, {@code {target}} for the address that the connection went to, and {@code
 * {tls}} for the option that tells openssl how TLS starts. Other names in braces stand for evidence of the failed phase.
 * Commands and settings stand in backquotes, ready to be copied.
 */
public enum Cause {
    // DNS
    DNS_NAME_NOT_FOUND(
            Phase.DNS,
            MISCONFIGURED,
            "The host name does not exist in DNS: it is misspelled, or the cluster was deleted.",
            "check the host name, and whether the cluster still exists",
            check("Compare the host name with the cluster's: `aws dsql get-cluster --identifier {clusterId}"
                    + " --region {region}`."),
            check("Ask another DNS server: `nslookup {host} 1.1.1.1`. If it knows the name, this network's"
                    + " resolver filters it: use another network or a VPN."),
            network("A PrivateLink name (`vpce-…`, or with `dsql-…` in the middle) exists only in the DNS of"
                    + " its VPC: use the cluster's public endpoint, or join the VPC.")),
    DNS_FILTERED(
            Phase.DNS,
            BLOCKED,
            "This network's DNS resolver filters the host name.",
            "this network's resolver filters the name; use another resolver, another network or a VPN",
            administrator("Ask the resolver's administrator to allow `{host}`."),
            network("Use another network (hotspot, home), a VPN or AWS CloudShell.")),
    DNS_NO_PUBLIC_NAMES(
            Phase.DNS,
            BLOCKED,
            "The DNS resolver knows no public names.",
            "this machine is offline, or its resolver knows local names only; connect it, or use another network",
            check("See which resolver this machine uses and what it answers: `nslookup {host}` and `nslookup"
                    + " amazon.com`."),
            network("Connect to the internet or the VPN, or use another network."),
            administrator("On a CI runner without public DNS, ask its administrator to let it resolve `{host}`.")),
    DNS_TIMEOUT(
            Phase.DNS,
            BLOCKED,
            "The DNS resolver did not answer in time.",
            "check the network connection, the VPN and the resolver",
            check("See which resolver this machine uses and whether it answers: `nslookup {host}`."),
            network("Reconnect the VPN or try another network.")),
    DNS_FAILURE(
            Phase.DNS,
            BLOCKED,
            "The lookup of the host name failed, and it is not known whether the name exists.",
            "check the network connection and the resolver",
            check("See what the resolver answers: `nslookup {host}`."),
            network("Reconnect the network or the VPN and try again.")),
    DNS_SINKHOLED(
            Phase.DNS,
            BLOCKED,
            "The host name resolves to an address that cannot be the cluster's.",
            "this network's resolver probably filters the name; use another resolver or another network",
            check("Compare with another DNS server: `nslookup {host} 1.1.1.1`."),
            administrator("Ask the resolver's administrator to allow `{host}`, or use another network or a VPN.")),

    // TCP
    TCP_REFUSED(
            Phase.TCP,
            BLOCKED,
            "The connection was refused: nothing listens at that address and port, or a firewall refuses the"
                    + " connection.",
            "check host and port, or whether the tunnel is up",
            check("Check host and port: this connection went to `{target}`, and a cluster listens on port 5432."),
            tunnel("If `connectTo` names a tunnel, start the tunnel."),
            administrator("If host and port are right, a firewall refuses the connection: ask the network's"
                    + " administrator to allow outgoing TCP to `{host}:{port}`.")),
    TCP_RESET(
            Phase.TCP,
            BLOCKED,
            "The connection was reset while TCP established it.",
            "probably a firewall; try another network or a VPN",
            administrator("Ask the network's administrator to allow outgoing TCP to `{host}:{port}`."),
            network("Use another network (hotspot, home), a VPN or AWS CloudShell.")),
    TCP_TIMEOUT(
            Phase.TCP,
            BLOCKED,
            "TCP got no answer: the packets to that address and port, or the answers, are dropped.",
            "probably a firewall that drops port {port}; try another network, a VPN or AWS CloudShell",
            check("See whether port 443 works: `nc -vz -w 5 dsql.{region}.api.aws 443` (Windows:"
                    + " `Test-NetConnection dsql.{region}.api.aws -Port 443`)."),
            network("Use another network (hotspot, home), a VPN or AWS CloudShell."),
            administrator("Ask the network's administrator to allow outgoing TCP to `{host}:{port}`.")),
    NETWORK_UNREACHABLE(
            Phase.TCP,
            BLOCKED,
            "This machine has no route to the cluster's addresses, or the network prohibits the connection.",
            "check the network connection, the VPN and, on an IPv4-only machine, the name's IPv4 addresses",
            check("Check the network connection and the VPN, then the route: `ip route get ADDRESS` (Linux),"
                    + " `route -n get ADDRESS` (macOS), `Find-NetRoute -RemoteIPAddress ADDRESS` (Windows)."),
            setting("On a machine with IPv4 only, prefer it: `-Djava.net.preferIPv4Stack=true`."),
            administrator("Ask the network's administrator to allow outgoing TCP to `{host}:{port}`.")),

    PROXY_FAILED(
            Phase.TCP,
            MISCONFIGURED,
            "The proxy that this machine is configured to use failed, so the cluster was not reached.",
            "check or remove the proxy",
            setting("Correct or remove the proxy. An HTTP proxy (used for a WebSocket only):"
                    + " `-Dhttps.proxyHost` and `-Dhttps.proxyPort`, or the variable `HTTPS_PROXY`. A SOCKS"
                    + " proxy: `-DsocksProxyHost` and `-DsocksProxyPort`."),
            setting("Or connect to the cluster without the proxy: `-Dhttp.nonProxyHosts={host}` or"
                    + " `NO_PROXY={host}`; for SOCKS `-DsocksNonProxyHosts={host}`.")),
    PROXY_LOGIN_REQUIRED(
            Phase.TCP,
            MISCONFIGURED,
            "The HTTP proxy requires a login, or rejects the login that it got.",
            "set the proxy's login: https.proxyUser and https.proxyPassword, or HTTPS_PROXY",
            setting("Set the login in the system properties `https.proxyUser` and `https.proxyPassword`, or in"
                    + " the URL of `HTTPS_PROXY` before the host, with special characters encoded (`@` as `%40`)."),
            check("See whether the proxy accepts it: `curl -sI -x http://{proxy} -U USER https://{host}/`."),
            tunnel("If the proxy supports only NTLM, Negotiate or Digest, run a local proxy that supports them,"
                    + " such as px or cntlm, and use it: `export HTTPS_PROXY=http://127.0.0.1:3128`.")),
    PROXY_REFUSED(
            Phase.TCP,
            BLOCKED,
            "The HTTP proxy that this machine is configured to use rejects CONNECT to the cluster.",
            "the proxy rejects this host and port; ask its administrator, or use another network",
            administrator("Ask the administrator of the proxy `{proxy}` to allow `CONNECT {host}:{port}`."),
            browser("If the network has a login page, sign in with a browser, and try again."),
            setting("If the cluster can be reached without the proxy, bypass it: `-Dhttp.nonProxyHosts={host}`"
                    + " or `export NO_PROXY={host}`."),
            network("Use another network (hotspot, home), a VPN or AWS CloudShell.")),

    // any phase
    TIMEOUT_TOO_SHORT(
            null,
            MISCONFIGURED,
            "The timeout expired before a network timeout could be told from a local delay: this machine is too"
                    + " busy, or the round trip is too long for the timeout.",
            "allow more time: dsql.reach.timeout=30s",
            setting("Allow more time: `--timeout 30s` of the doctor, `dsql.reach.timeout=30s` or"
                    + " `@RequiresDsqlReachability(timeout = \"30s\")` in tests."),
            check("In a container or CI runner with a CPU limit, raise the limit, or run fewer JVMs at once.")),
    FILE_HANDLES_EXHAUSTED(
            null,
            MISCONFIGURED,
            "This machine or this process cannot open more files or sockets, so the network was not tested.",
            "raise the limit of open files: ulimit -n 4096",
            setting("Raise the limit for this process: `ulimit -n 4096` before it starts; in Docker `--ulimit"
                    + " nofile=4096:4096`, under systemd `LimitNOFILE=4096`."),
            check(
                    "See which process has them open: `ls /proc/PID/fd | wc -l` (Linux) and `lsof -p PID` (Linux, macOS); for"
                            + " the whole machine `cat /proc/sys/fs/file-nr` (Linux). Connections, files and processes that a test"
                            + " does not close stay open until its JVM ends.")),
    LOCAL_PORTS_EXHAUSTED(
            null,
            MISCONFIGURED,
            "This machine has no free local port for another connection to that address, so the network was not tested.",
            "close connections, or widen the range of local ports: sysctl net.ipv4.ip_local_port_range",
            check(
                    "See which connections use them: `ss -tan` (Linux), `netstat -an` (macOS, Windows). A closed connection"
                            + " keeps its port for a minute or two (TIME-WAIT): use a connection pool."),
            setting("Widen the range: `sudo sysctl -w net.ipv4.ip_local_port_range=\"15000 60999\"` (Linux),"
                    + " `netsh int ipv4 set dynamicport tcp start=10000 num=50000` (Windows).")),
    MEMORY_EXHAUSTED(
            null,
            MISCONFIGURED,
            "This machine has no memory or socket buffers left, or the heap of this JVM is full, so the network was not"
                    + " tested.",
            "give this JVM or this machine more memory",
            setting("If the message names the heap, give the JVM more: `-Xmx1g`, in Surefire"
                    + " `<argLine>-Xmx1g</argLine>`."),
            check(
                    "See what is free: `free -m` and `cat /proc/net/sockstat` (Linux). On Windows, \"No buffer space available\""
                            + " mostly means that no local port is free: `netstat -an`."),
            setting("Raise the memory limit of the container, or the memory for sockets: `sysctl net.ipv4.tcp_mem`.")),
    THREADS_EXHAUSTED(
            null,
            MISCONFIGURED,
            "This machine cannot start another thread, so the network was not tested.",
            "raise the limit of processes: the container's pids limit, or ulimit -u",
            setting("Raise the limit: in Docker `--pids-limit 4096`, in Kubernetes the kubelet's `podPidsLimit`, under"
                    + " systemd `TasksMax=4096`, else `ulimit -u 4096`."),
            check(
                    "See the limit and the use: `cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids.current` (Linux), and the"
                            + " threads of a JVM: `jstack PID`."),
            setting("Run fewer test JVMs at once, or give the threads less memory: `-Xss512k`.")),
    CONNECTION_NOT_PERMITTED(
            null,
            MISCONFIGURED,
            "This machine forbids the connection before a packet leaves it: a sandbox, a local firewall or a route.",
            "allow outgoing connections on this machine: sandbox, local firewall or route",
            setting("In a sandbox or container, allow outgoing connections: its seccomp, AppArmor or SELinux profile"
                    + " (`ausearch -m avc`, `dmesg`), systemd's `IPAddressDeny=`, `RestrictAddressFamilies=`, or the build"
                    + " tool's own sandbox."),
            check(
                    "See the rules of the local firewall, which a VPN's kill switch may have set: `sudo nft list ruleset` or"
                            + " `sudo iptables -S OUTPUT` (Linux), `sudo pfctl -sr` (macOS), outbound rules of Windows Defender"
                            + " Firewall or an endpoint protection (Windows)."),
            check("See whether a route prohibits it: `ip route get ADDRESS` (Linux), with the address of `{host}`.")),
    LOOPBACK_INTERFACE_DOWN(
            null,
            MISCONFIGURED,
            "The loopback interface of this machine or container is down, and the connection goes over it.",
            "bring the loopback interface up: ip link set lo up",
            setting("Bring it up: `sudo ip link set lo up`; a new network namespace starts with it down."),
            check("See its state: `ip addr show lo`.")),
    JVM_SETTING(
            null,
            MISCONFIGURED,
            "A setting of this JVM is the reason, not the network: {settingEffect}. It is set by {setting}.",
            "correct the setting of this JVM: {setting}",
            setting("Remove or correct it: {setting}."),
            check("See where it comes from: the options of the JVM (`argLine` of Surefire, `jvmArgs` of Gradle), the"
                    + " variables `JAVA_TOOL_OPTIONS`, `JDK_JAVA_OPTIONS` and `MAVEN_OPTS`, and the file"
                    + " `conf/security/java.security` of the JDK.")),
    URL_PARAMETER(
            null,
            MISCONFIGURED,
            "The PostgreSQL driver or the cluster does not accept a parameter of the URL: {setting}.",
            "correct the URL: {setting}",
            setting("Remove or correct it: {setting}.")),
    DRIVER_LIMIT(
            null,
            MISCONFIGURED,
            "The server answers, but later than the PostgreSQL driver waits, so the tests would fail: {settingEffect}.",
            "raise the driver's limit {setting}",
            setting(
                    "Raise the limit in the URL: `{setting}`. `sslResponseTimeout` is in milliseconds; `connectTimeout`,"
                            + " `loginTimeout` and `socketTimeout` are in seconds, and 0 is no limit."),
            check("Find out why the answer takes so long: compare the times of the phases on another network.")),
    PATH_MTU_BLACK_HOLE(
            Phase.TLS,
            BLOCKED,
            "Small packets pass and large packets are lost: the path's MTU is smaller than this machine"
                    + " assumes, as with many VPNs.",
            "large packets are lost (path MTU); lower the MTU of the interface or the VPN",
            setting("Linux: `sudo ip link set dev INTERFACE mtu 1280` (in WSL too); until the next restart."),
            setting("macOS: `sudo ifconfig en0 mtu 1280`."),
            setting("Windows: `netsh interface ipv4 set subinterface \"NAME\" mtu=1280 store=active`."),
            setting("In your own VPN: `MTU = 1280` under `[Interface]` (WireGuard) or `--tun-mtu 1400`"
                    + " (OpenVPN). In Docker: `--opt com.docker.network.driver.mtu=1280` for the network."),
            check("Measure which packets pass: `ping -M do -s 1372 {host}` (Linux), `ping -D -s 1372 {host}`"
                    + " (macOS), `ping -f -l 1372 {host}` (Windows). Some hosts do not answer pings."),
            administrator("Tell the administrator of the VPN or router: packets larger than the path's MTU to"
                    + " `{host}:{port}` are lost, and no ICMP \"too big\" comes back. Let ICMP pass, or clamp"
                    + " the MSS: `iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j"
                    + " TCPMSS --clamp-mss-to-pmtu`.")),
    ADDRESS_FAILS(
            Phase.TLS,
            BLOCKED,
            "One address of the cluster fails.",
            "one address fails; try again, or prefer the other address family",
            setting("Prefer the family of the address that works: `-Djava.net.preferIPv6Addresses=true` or"
                    + " `-Djava.net.preferIPv4Stack=true`."),
            check("See whether DNS returns the failing address, or a hosts file or an old cache does: `nslookup"
                    + " {host}`."),
            waiting("Try again: DNS drops addresses that fail.")),

    // TOKEN
    CREDENTIALS_NOT_FOUND(
            Phase.TOKEN,
            MISCONFIGURED,
            "No source of AWS credentials has credentials.",
            "sign in to AWS or set credentials",
            aws("Sign in: `aws sso login`, or set `AWS_PROFILE`, or `AWS_ACCESS_KEY_ID` and"
                    + " `AWS_SECRET_ACCESS_KEY`."),
            check("See which identity AWS sees: `aws sts get-caller-identity`.")),
    CREDENTIALS_EXPIRED(
            Phase.TOKEN,
            DENIED,
            "The AWS credentials have expired.",
            "sign in to AWS again",
            aws("Sign in again: `aws sso login`, or renew the temporary credentials."),
            check("See which identity AWS sees: `aws sts get-caller-identity`.")),
    CREDENTIALS_PROVIDER_FAILED(
            Phase.TOKEN,
            MISCONFIGURED,
            "The AWS credentials provider failed or did not answer in time.",
            "check the AWS profile and credentials provider",
            check("See whether the AWS CLI can use the same credentials: `aws sts get-caller-identity`."),
            setting("If this machine has no instance metadata service, disable it:"
                    + " `AWS_EC2_METADATA_DISABLED=true`.")),
    REGION_UNKNOWN(
            Phase.TOKEN,
            MISCONFIGURED,
            "The token needs the AWS region, but neither the host name nor the configuration contains it.",
            "set dsql.reach.region or AWS_REGION",
            setting("Set it: `--region us-east-1` of the doctor, `DSQL_REACH_REGION=us-east-1` or"
                    + " `@RequiresDsqlReachability(region = \"us-east-1\")` in tests.")),

    // TLS
    POSTGRES_NEGOTIATION_BLOCKED(
            Phase.TLS,
            BLOCKED,
            "A device on the path blocks PostgreSQL's SSLRequest.",
            "a firewall blocks PostgreSQL's SSLRequest; set sslNegotiation=direct",
            setting("Use direct TLS: `sslNegotiation=direct` in the JDBC URL (pgjdbc 42.7.4 or later; libpq 17"
                    + " or later), `--negotiation direct` of the doctor, `@RequiresDsqlReachability(negotiation"
                    + " = Negotiation.DIRECT)` in tests."),
            administrator("Tell the network's administrator: a device on the path blocks PostgreSQL's"
                    + " SSLRequest (the bytes `00 00 00 08 04 d2 16 2f`) to `{host}:{port}`, and lets direct"
                    + " TLS pass.")),
    DIRECT_TLS_BLOCKED(
            Phase.TLS,
            BLOCKED,
            "A device on the path blocks direct TLS.",
            "a firewall blocks direct TLS on this port; set sslNegotiation=postgres",
            setting("Use the SSLRequest: `sslNegotiation=postgres` in the JDBC URL (pgjdbc's default),"
                    + " `--negotiation postgres` of the doctor."),
            administrator("Tell the network's administrator: a device on the path blocks TLS to `{host}:{port}`"
                    + " if no SSLRequest comes before it.")),
    SNI_BLOCKED(
            Phase.TLS,
            BLOCKED,
            "A device on the path blocks TLS with this server name (SNI).",
            "a firewall filters the server name; try another network or a VPN",
            administrator("Ask the network's administrator to allow TLS with the server name `{host}`, for"
                    + " example `*.on.aws`."),
            network("Use another network (hotspot, home), a VPN or AWS CloudShell.")),
    TLS_BLOCKED_ON_PORT(
            Phase.TLS,
            BLOCKED,
            "A device on the path blocks TLS on the cluster's port.",
            "a firewall blocks TLS on port {port}; try another network, a VPN or AWS CloudShell"),
    TLS_BLOCKED_EVERYWHERE(
            Phase.TLS,
            BLOCKED,
            "This network blocks TLS to the cluster, and to AWS on port 443 as well.",
            "this network blocks TLS to AWS; sign in if it has a captive portal, or use another network"),
    TLS_RESET(
            Phase.TLS,
            BLOCKED,
            "TCP connects, and the connection is reset when TLS starts.",
            "probably a firewall; try another network, a VPN or AWS CloudShell"),
    TLS_TIMEOUT(
            Phase.TLS,
            BLOCKED,
            "TCP connects, and no answer comes when TLS starts.",
            "probably a firewall; try another network, a VPN or AWS CloudShell"),
    TLS_CLOSED(
            Phase.TLS,
            BLOCKED,
            "TCP connects, and the connection is closed when TLS starts.",
            "probably a firewall or another server; check the address, or try another network"),
    PORT_SILENT(
            Phase.TLS,
            BLOCKED,
            "The port accepts connections but never responds: no server is behind it, or a device accepts the"
                    + " connections instead of the server and blocks the data.",
            "the port accepts connections but never responds; check what is behind it, then try another network",
            check("Check what is behind `{target}`: a load balancer without a server, a tunnel whose other end"
                    + " is down, or a server that hangs.")),
    TLS_ALERT(
            Phase.TLS,
            BLOCKED,
            "The server, or a device on the path, ended the TLS handshake with an alert.",
            "a device on the path or another server refuses this handshake; check the address, or try another"
                    + " network",
            check("Check where the connection goes: it went to `{target}`, and the alert was `{alert}`.")),
    PORT_OF_WEBSOCKET(
            Phase.TLS,
            MISCONFIGURED,
            "Port 443 of a cluster accepts WebSockets only, and the endpoint uses it for TCP.",
            "port 443 is for the cluster's WebSocket; use port 5432, or set dsql.reach.transport=websocket",
            setting("Remove the port from the endpoint: TCP goes to port 5432."),
            setting("Or use the WebSocket: `dsql.reach.transport=websocket` (docs/websocket.md)."),
            check(
                    "If a load balancer or a tunnel of your own listens there, use the cluster's name as the endpoint, and"
                            + " the address as `connectTo`.")),
    TLS_INTERCEPTED(
            Phase.TLS,
            BLOCKED,
            "The server's certificate is not trusted, as with TLS inspection. No secret was sent.",
            "probably TLS inspection or another server; ask for an exemption, or use another network",
            administrator("Ask the network's administrator to exempt `{host}:{port}` from TLS inspection; the"
                    + " certificate was issued by {certificateIssuer}."),
            network("Use another network (hotspot, home), a VPN or AWS CloudShell."),
            setting("If this is your own server, trust its root certificate: `sslrootcert=FILE` in the JDBC"
                    + " URL, `--root-cert FILE` of the doctor, `@RequiresDsqlReachability(rootCertificate ="
                    + " \"FILE\")` in tests.")),
    CERTIFICATE_EXPIRED(
            Phase.TLS,
            BLOCKED,
            "By this machine's clock, the server's certificate has expired or is not valid yet.",
            "check this machine's clock, then which server answers at that address",
            check("Check this machine's clock: `date -u` (Windows: `(Get-Date).ToUniversalTime()`). The"
                    + " certificate is valid from {certificateNotBefore} to {certificateNotAfter}."),
            network("If the clock is right, another server answers at that address: use another network or a VPN.")),
    HOSTNAME_MISMATCH(
            Phase.TLS,
            BLOCKED,
            "The certificate is for another host name: another server answers at that address.",
            "check host name, DNS and connectTo",
            check("Check which server has that address: its certificate is for {certificateNames}."),
            tunnel("Through a tunnel, use the cluster's host name as host, and the tunnel's local end as"
                    + " `connectTo`."),
            setting("A `vpce-…` name cannot be verified: use `sslmode=require` in the JDBC URL.")),
    CLUSTER_UNDER_OTHER_NAME(
            Phase.TLS,
            MISCONFIGURED,
            "The certificate is trusted and names the cluster {cluster}: `{host}` is another name for it, and a cluster"
                    + " accepts only its own. No secret was sent.",
            "use the cluster's name {cluster} as the endpoint, and connectTo={target}",
            setting("Use the cluster's name as the endpoint, and say where to connect: `dsql.reach.endpoint={cluster}`"
                    + " and `dsql.reach.connect-to={target}`, or `@RequiresDsqlReachability(endpoint = \"{cluster}\","
                    + " connectTo = \"{target}\")`. Without a tunnel the endpoint alone is enough.")),
    CERTIFICATE_CHAIN_INCOMPLETE(
            Phase.TLS,
            BLOCKED,
            "The server sent its certificate without the intermediate certificate that signed it, so no trusted"
                    + " root can be reached. No secret was sent.",
            "the server does not send its intermediate certificate, and a cluster does; check the address, and"
                    + " proxies on the path",
            check("See the chain: `openssl s_client {tls}-connect {target} -servername {host} -showcerts`; the"
                    + " certificate was issued by {certificateIssuer}."),
            setting("If this is your own server, let it send its whole chain.")),
    CERTIFICATE_UNACCEPTABLE(
            Phase.TLS,
            BLOCKED,
            "A certificate of the chain violates certificate constraints: {certificateProblem}. No secret was sent.",
            "this JDK does not accept the certificate; check which server answers there",
            check("See the chain: `openssl s_client {tls}-connect {target} -servername {host} -showcerts`; the"
                    + " certificate was issued by {certificateIssuer}."),
            setting("If this is your own server, give it a certificate with a key of at least 2048 bits (RSA)"
                    + " or 256 bits (EC) and the extended key usage serverAuth."),
            administrator("Ask the network's administrator whether TLS to `{host}:{port}` is inspected.")),
    ROOT_CERTIFICATE_UNREADABLE(
            Phase.TLS,
            MISCONFIGURED,
            "The configured file of trusted root certificates does not exist or contains no certificates. No"
                    + " secret was sent.",
            "correct the path of the root certificate",
            setting("Correct the path of the PEM file: `sslrootcert=FILE` in the JDBC URL, `--root-cert FILE`"
                    + " of the doctor, `dsql.reach.root-certificate` or"
                    + " `@RequiresDsqlReachability(rootCertificate = \"FILE\")` in tests."),
            check("A cluster needs no file: the JDK's trust store contains Amazon's root certificates. In a URL with"
                    + " `sslmode`, say so by `sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory`: without `sslrootcert`"
                    + " the driver reads its default file, and only libpq knows `sslrootcert=system`.")),
    TLS_REFUSED(
            Phase.TLS,
            BLOCKED,
            "A PostgreSQL server answers that refuses TLS, so it is not a DSQL cluster. No secret was sent.",
            "another PostgreSQL server answers there; check host, port and tunnel",
            check("Check where the connection goes: it went to `{target}`, and a cluster never refuses TLS.")),
    WEBSOCKET_REFUSED(
            Phase.TLS,
            BLOCKED,
            "TLS works, but the server does not accept the WebSocket upgrade: it supports no WebSocket, or a"
                    + " device on the path blocks the request. No secret was sent.",
            "the WebSocket upgrade is not accepted; check which server answers, or set dsql.reach.transport=tcp",
            setting("Use port 5432 if that works: `dsql.reach.transport=tcp`."),
            check("See what the server answers; a cluster answers 101: `curl -si --http1.1 --max-time 5 -H"
                    + " 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H"
                    + " 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' https://{host}:{port}/`."),
            administrator("If the network inspects TLS, ask its administrator to let WebSockets to"
                    + " `{host}:{port}` pass: the headers `Connection: Upgrade` and `Upgrade: websocket`.")),
    NOT_POSTGRES(
            Phase.TLS,
            BLOCKED,
            "The server that answers does not speak PostgreSQL's protocol.",
            "another server, a captive portal or a block page answers; check host and port, or open a web page",
            browser("In a public or guest network, open a web page in a browser and sign in."),
            check("Check host and port: this connection went to `{target}`."),
            network("Use another network (hotspot, home), a VPN or AWS CloudShell.")),

    // AUTH
    TOKEN_EXPIRED(
            Phase.AUTH,
            DENIED,
            "The cluster says that the token has expired.",
            "generate a token for each connection",
            setting("Generate the token when connecting instead of storing it; its lifetime is 900 s by default.")),
    CLOCK_SKEW(
            Phase.AUTH,
            MISCONFIGURED,
            "This machine's clock differs from the cluster's by more than a token allows.",
            "set this machine's clock",
            setting("Set the clock: `sudo timedatectl set-ntp true` (Linux), `sudo sntp -sS time.apple.com`"
                    + " (macOS), `w32tm /resync` (Windows)."),
            check("If this is a virtual machine or WSL, restart it: its clock may have stopped while the host"
                    + " slept.")),
    WRONG_TOKEN_ACTION(
            Phase.AUTH,
            MISCONFIGURED,
            "The token has the wrong action for this role: `admin` needs DbConnectAdmin, and every other role"
                    + " needs DbConnect.",
            "use the token that belongs to the role",
            check("For `admin`: `aws dsql generate-db-connect-admin-auth-token --hostname {tokenHost} --region"
                    + " {region}`; for any other role: `aws dsql generate-db-connect-auth-token --hostname"
                    + " {tokenHost} --region {region}`.")),
    NOT_AUTHORIZED(
            Phase.AUTH,
            DENIED,
            "The IAM policy does not allow this identity to connect.",
            "allow the action in the IAM policy",
            check("See which identity AWS sees: `aws sts get-caller-identity`.")),
    DENIED_BY_RESOURCE_POLICY(
            Phase.AUTH,
            DENIED,
            "The cluster's resource policy explicitly denies this connection, usually because it comes from the"
                    + " wrong network (VPC, endpoint or address).",
            "connect from a network that the cluster's resource policy allows, or change the policy",
            network("Connect from a VPC or address that the policy allows, or through its VPN."),
            aws("See the policy: `aws dsql get-cluster-policy --identifier {clusterId} --region {region}`."),
            check("See which identity AWS sees: `aws sts get-caller-identity`.")),
    CREDENTIALS_INVALID(
            Phase.AUTH,
            DENIED,
            "AWS does not know these credentials: the key was deleted, belongs to another account or partition,"
                    + " or lacks its session token.",
            "check the AWS credentials: the cluster says that they are invalid",
            check("See whether AWS accepts them: `aws sts get-caller-identity`."),
            setting("For temporary credentials, set all three: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and"
                    + " `AWS_SESSION_TOKEN`."),
            aws("Sign in again: `aws sso login`.")),
    ROLE_NOT_MAPPED(
            Phase.AUTH,
            DENIED,
            "The cluster does not let this IAM identity log in as this database role.",
            "map the IAM role to the database role with AWS IAM GRANT",
            aws("As `admin`: `AWS IAM GRANT {user} TO 'arn:aws:iam::ACCOUNT:role/ROLE';`"),
            aws("See the mappings: `SELECT * FROM sys.iam_pg_role_mappings;`. An IAM role that was deleted and"
                    + " created again is another role, even with the same name: revoke the old mapping and"
                    + " grant it again.")),
    ROLE_NOT_FOUND(
            Phase.AUTH,
            MISCONFIGURED,
            "The cluster has no database role of this name.",
            "create the role, or use another user",
            aws("As `admin`: `CREATE ROLE {user} WITH LOGIN;` and `AWS IAM GRANT {user} TO"
                    + " 'arn:aws:iam::ACCOUNT:role/ROLE';`")),
    ACCESS_DENIED(
            Phase.AUTH,
            DENIED,
            "The cluster refused the login without a reason: the credentials, the region or the cluster are"
                    + " wrong, or the role is not mapped.",
            "check credentials, region and role mapping",
            check("See which identity AWS sees: `aws sts get-caller-identity`."),
            check("Check that the cluster is in this account and region: `aws dsql get-cluster --identifier"
                    + " {clusterId} --region {region}`.")),
    SNI_NOT_RECEIVED(
            Phase.AUTH,
            BLOCKED,
            "The cluster says that it received no server name (SNI): a device on the path removes it, or"
                    + " terminates TLS.",
            "a proxy on the path removes the server name; use another network or a VPN",
            check("Check the proxies and load balancers between this machine and the cluster: they must pass"
                    + " TLS through unchanged.")),
    NOT_A_CLUSTER(
            Phase.AUTH,
            MISCONFIGURED,
            "Another PostgreSQL server or a pooler answers, not a cluster, or the database is not `postgres`, the only one"
                    + " of a cluster.",
            "check host, port, tunnel and database: another PostgreSQL server or a pooler answers",
            check("Check where the connection goes: it went to `{target}`. A cluster needs no pooler, and a pooler does"
                    + " not pass the token on."),
            setting("Use the database `postgres`, and a token as the password.")),
    AUTH_RESET(
            Phase.AUTH,
            BLOCKED,
            "TLS works, and the connection ends during the login.",
            "a device on the path or the server ended the login; try again, then another network"),
    AUTH_TIMEOUT(
            Phase.AUTH,
            BLOCKED,
            "TLS works, and the login does not finish in time.",
            "a device on the path or the server does not answer the login; try again, then another network"),

    // the server
    CLUSTER_WAKING_UP(
            Phase.AUTH,
            UNAVAILABLE,
            "The cluster was idle and is waking up.",
            "try again in a minute, or let dsql-reach wait",
            waiting("Wait for it: `--wait-for 2m` of the doctor, `@RequiresDsqlReachability(waitFor = \"2m\")`"
                    + " in tests.")),
    TOO_MANY_CONNECTIONS(
            Phase.AUTH,
            UNAVAILABLE,
            "The cluster has reached its connection limit.",
            "close connections, or use smaller pools",
            check("Close idle clients and use smaller pools; the quota is 10,000 connections for each cluster.")),
    RATE_EXCEEDED(
            Phase.AUTH,
            UNAVAILABLE,
            "The cluster gets more new connections per second than its rate limit allows.",
            "connect less often: use a connection pool, and fewer parallel tests",
            check("Reuse connections with a pool; the quota is 100 new connections per second, and 1,000 in a"
                    + " burst."),
            waiting("Wait: `--wait-for 30s` of the doctor, `@RequiresDsqlReachability(waitFor = \"30s\")` in"
                    + " tests.")),
    SERVER_UNAVAILABLE(
            Phase.AUTH,
            UNAVAILABLE,
            "The cluster says that it is temporarily unavailable.",
            "try again later",
            check("See the cluster's status: `aws dsql get-cluster --identifier {clusterId} --region {region}`.")),

    // QUERY
    QUERY_RESET(
            Phase.QUERY,
            BLOCKED,
            "The login works, and the connection ends during the first query.",
            "a device on the path ends established connections; try another network"),
    QUERY_TIMEOUT(
            Phase.QUERY,
            BLOCKED,
            "The login works, and the first query does not finish in time.",
            "a device on the path blocks established connections; try another network"),
    QUERY_FAILED(
            Phase.QUERY,
            Verdict.UNKNOWN,
            "The login works, and the server answers the first query with an error.",
            "see the server's message",
            check("Run a query by hand: `psql \"host={host} port={port} dbname=postgres user={user}"
                    + " sslmode=verify-full sslrootcert=system\" -c 'SELECT 1'`; the password is a token.")),

    // before any phase
    DRIVER_TOO_OLD(
            null,
            MISCONFIGURED,
            "The PostgreSQL driver on the class path does not support direct TLS: it would send an SSLRequest"
                    + " anyway.",
            "use pgjdbc 42.7.4 or later",
            setting("Use `org.postgresql:postgresql` 42.7.4 or later, or the SSLRequest:"
                    + " `sslNegotiation=postgres`.")),
    ENDPOINT_NOT_CONFIGURED(
            null,
            MISCONFIGURED,
            "No endpoint is configured.",
            "set DSQL_ENDPOINT",
            setting("Set it: `export DSQL_ENDPOINT=<cluster-id>.dsql.<region>.on.aws` (`set` on Windows), or"
                    + " `@RequiresDsqlReachability(endpoint = \"…\")`."),
            check("Find the host name: `aws dsql list-clusters` and `aws dsql get-cluster --identifier ID`."),
            check("Or use a local cluster: `@WithLocalDsql`.")),
    ENDPOINT_INVALID(
            null,
            MISCONFIGURED,
            "The configured endpoint is not valid.",
            "correct the endpoint",
            check("Use a host name, `HOST:PORT`, `jdbc:postgresql://HOST[:PORT]/postgres` or"
                    + " `jdbc:aws-dsql:postgresql://HOST[:PORT]/postgres`.")),

    /** The evidence is inconclusive: the report shows it and the scrubbed original error instead of a guess. */
    UNKNOWN(null, Verdict.UNKNOWN, "The evidence is inconclusive.", "see the original error");

    private final @Nullable Phase layer;
    private final Verdict verdict;
    private final String explanation;
    private final String advice;
    private final List<Remedy> remedies;

    Cause(@Nullable Phase layer, Verdict verdict, String explanation, String advice, Remedy... remedies) {
        this.layer = layer;
        this.verdict = verdict;
        this.explanation = explanation;
        this.advice = advice;
        this.remedies = List.of(remedies);
    }

    /** The phase in which this cause shows; empty if it shows in any phase or before the first one. */
    public Optional<Phase> layer() {
        return Optional.ofNullable(layer);
    }

    /** The verdict of this cause. */
    public Verdict verdict() {
        return verdict;
    }

    /** What it means, in one sentence. */
    public String explanation() {
        return explanation;
    }

    /** What is probable and what to do, short enough for the end of a one-line summary. */
    public String advice() {
        return advice;
    }

    /** What to do, the most promising first; templates, see above. Empty if the remedies depend on the evidence only. */
    public List<Remedy> remedies() {
        return remedies;
    }
}
