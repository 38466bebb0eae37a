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
 * The catalogue of causes: a closed set of stable constants, each with its layer, its verdict, one sentence that
 * explains it, a short advice, and the remedies.
 *
 * <p>Remedies are templates: {@code {host}}, {@code {port}}, {@code {user}}, {@code {region}}, {@code {clusterId}} and
 * {@code {tokenHost}} stand for the endpoint's parts, {@code {tls}} for what tells openssl how TLS starts; other names in
 * braces stand for evidence of the failed phase. Commands and settings stand in backquotes, ready to be copied.
 */
public enum Cause {
    // DNS
    DNS_NAME_NOT_FOUND(
            Phase.DNS,
            MISCONFIGURED,
            "This name does not exist, while the resolver knows others: it is mistyped, or the cluster was deleted.",
            "check the host name, and whether the cluster still exists",
            check(
                    "Compare the host name with the cluster's: `aws dsql get-cluster --identifier {clusterId} --region {region}`."),
            check(
                    "Ask another resolver: `nslookup {host} 1.1.1.1`. If that one answers, this network's resolver filters the"
                            + " name: use another network or a VPN."),
            network(
                    "A PrivateLink name (`vpce-…`, or with `dsql-…` in the middle) resolves only with its VPC's DNS: use the"
                            + " cluster's public endpoint, or join the VPC.")),
    DNS_FILTERED(
            Phase.DNS,
            BLOCKED,
            "This network's resolver says that the name does not exist, and the resolver to compare with knows it.",
            "a filtering resolver; use another resolver, network or a VPN",
            administrator("Ask whoever runs the resolver to allow `{host}`."),
            network("Use another network (hotspot, home), a VPN or AWS CloudShell.")),
    DNS_NO_PUBLIC_NAMES(
            Phase.DNS,
            BLOCKED,
            "The resolver knows neither this name nor that of AWS's API: it knows no public names.",
            "this machine is offline or its resolver knows only local names; connect it, or use another network",
            check("See which resolver is used and what it knows: `nslookup {host}` and `nslookup amazon.com`."),
            network("Connect to the internet or the VPN, or use another network."),
            administrator("On a runner without public DNS, ask whoever runs it to let `{host}` be resolved.")),
    DNS_TIMEOUT(
            Phase.DNS,
            BLOCKED,
            "The resolver did not answer in time.",
            "check the network connection, the VPN and the resolver",
            check("See which resolver is used and whether it answers: `nslookup {host}`."),
            network("Reconnect the VPN or try another network.")),
    DNS_FAILURE(
            Phase.DNS,
            BLOCKED,
            "The name could not be looked up, and the resolver does not say that it does not exist.",
            "check the network connection and the resolver",
            check("See what the resolver says: `nslookup {host}`."),
            network("Reconnect the network or the VPN and try again.")),
    DNS_SINKHOLED(
            Phase.DNS,
            BLOCKED,
            "The resolver answers with an address that cannot be the cluster's.",
            "a filtering resolver is likely; use another resolver or network",
            check("Compare with another resolver: `nslookup {host} 1.1.1.1`."),
            administrator("Ask whoever runs the resolver to allow `{host}`, or use another network or a VPN.")),

    // TCP
    TCP_REFUSED(
            Phase.TCP,
            BLOCKED,
            "The address answers, and refuses connections on this port.",
            "check host and port, or whether the tunnel is up",
            check("Check the port: a cluster listens on 5432. This connection went to `{target}`."),
            tunnel("If `connectTo` points at a tunnel, start the tunnel."),
            administrator(
                    "If host and port are right, a firewall refuses on the server's behalf: ask for outgoing TCP to"
                            + " `{host}:{port}`.")),
    TCP_RESET(
            Phase.TCP,
            BLOCKED,
            "The connection was reset while it was being established.",
            "a firewall is likely; try another network or a VPN",
            administrator("Ask the network's administrator to allow outgoing TCP to `{host}:{port}`."),
            network("Use another network (hotspot, home), a VPN or AWS CloudShell.")),
    TCP_TIMEOUT(
            Phase.TCP,
            BLOCKED,
            "Nothing answers at that address and port: something drops the packets.",
            "a firewall that drops port {port} is likely; try another network, a VPN or AWS CloudShell",
            check("See whether another port gets through: `nc -vz -w 5 dsql.{region}.api.aws 443`"
                    + " (Windows: `Test-NetConnection dsql.{region}.api.aws -Port 443`)."),
            network("Use another network (hotspot, home), a VPN or AWS CloudShell."),
            administrator("Ask the network's administrator to allow outgoing TCP to `{host}:{port}`.")),
    NETWORK_UNREACHABLE(
            Phase.TCP,
            BLOCKED,
            "This machine has no route to the cluster's addresses, or the network prohibits it.",
            "check the network connection, the VPN and, on an IPv4-only machine, the name's IPv4 addresses",
            check(
                    "Check the connection and the VPN; the route there: `ip route get ADDRESS` (Linux), `route -n get ADDRESS`"
                            + " (macOS), `Find-NetRoute -RemoteIPAddress ADDRESS` (Windows)."),
            setting("On a machine with IPv4 only, prefer it: `-Djava.net.preferIPv4Stack=true`."),
            administrator("Ask the network's administrator to allow outgoing TCP to `{host}:{port}`.")),

    PROXY_FAILED(
            Phase.TCP,
            MISCONFIGURED,
            "The proxy that this machine is set to use failed; the way behind it was not reached.",
            "check or remove the proxy",
            setting("Correct or remove the proxy. HTTP, for a WebSocket only: `-Dhttps.proxyHost` and"
                    + " `-Dhttps.proxyPort`, or the variable `HTTPS_PROXY`; SOCKS: `-DsocksProxyHost` and"
                    + " `-DsocksProxyPort`."),
            setting("Let the cluster go past it: `-Dhttp.nonProxyHosts={host}` or `NO_PROXY={host}`; SOCKS:"
                    + " `-DsocksNonProxyHosts={host}`.")),
    PROXY_LOGIN_REQUIRED(
            Phase.TCP,
            MISCONFIGURED,
            "The HTTP proxy wants a login, or does not accept the one that it was given.",
            "give the proxy its login: https.proxyUser and https.proxyPassword, or HTTPS_PROXY",
            setting("Give it in the system properties `https.proxyUser` and `https.proxyPassword`, or before the host"
                    + " in the URL of `HTTPS_PROXY`, with signs such as @ written as in a URL (`%40`)."),
            check("See whether the proxy takes it: `curl -sI -x http://{proxy} -U USER https://{host}/`."),
            tunnel("A proxy that knows only NTLM, Negotiate or Digest needs one on this machine in between which speaks"
                    + " that, such as px or cntlm: `export HTTPS_PROXY=http://127.0.0.1:3128`.")),
    PROXY_REFUSED(
            Phase.TCP,
            BLOCKED,
            "The HTTP proxy that this machine is set to use opens no way to the cluster.",
            "the proxy does not let this name and port through; ask who runs it, or use another network",
            administrator("Ask whoever runs the proxy `{proxy}` to allow `CONNECT {host}:{port}`."),
            browser("If it answers with a page, sign in to this network in a browser, and try again."),
            setting("Where the cluster can be reached without it, leave it out: `-Dhttp.nonProxyHosts={host}` or"
                    + " `export NO_PROXY={host}`."),
            network("Use another network (hotspot, home), a VPN or AWS CloudShell.")),

    // any phase
    TIMEOUT_TOO_SHORT(
            null,
            MISCONFIGURED,
            "The time allowed was over before the network was listened to for long enough to call it silent: this machine"
                    + " is too busy, or the round trip too long for it.",
            "allow more time: dsql.reach.timeout=30s",
            setting("Allow more time: `--timeout 30s` of the doctor, `dsql.reach.timeout=30s` or"
                    + " `@RequiresDsqlReachability(timeout = \"30s\")` in tests."),
            check(
                    "On a container or CI runner with a processor quota, give it more processor, or run fewer JVMs at once.")),
    FILE_HANDLES_EXHAUSTED(
            null,
            MISCONFIGURED,
            "This machine or this process may open no more files and sockets, so that the network was not tested.",
            "raise the limit of open files: ulimit -n 4096",
            setting("Raise the limit for this process: `ulimit -n 4096` before it starts; in Docker `--ulimit"
                    + " nofile=4096:4096`, under systemd `LimitNOFILE=4096`."),
            check(
                    "See who holds them: `ls /proc/PID/fd | wc -l` and `lsof -p PID` (Linux, macOS); of the whole machine,"
                            + " `cat /proc/sys/fs/file-nr` (Linux). Connections, files and processes that a test does not close stay"
                            + " open until its JVM ends.")),
    LOCAL_PORTS_EXHAUSTED(
            null,
            MISCONFIGURED,
            "This machine has no free local port for another connection to that address, so that the network was not tested.",
            "close connections, or widen the range of local ports: sysctl net.ipv4.ip_local_port_range",
            check("See who holds them: `ss -tan` (Linux), `netstat -an` (macOS, Windows). Connections that were closed"
                    + " keep their port for a minute or two (TIME-WAIT): use a pool."),
            setting("Widen the range: `sudo sysctl -w net.ipv4.ip_local_port_range=\"15000 60999\"` (Linux),"
                    + " `netsh int ipv4 set dynamicport tcp start=10000 num=50000` (Windows).")),
    MEMORY_EXHAUSTED(
            null,
            MISCONFIGURED,
            "This machine has no memory or socket buffer left, or the heap of this JVM is full, so that the network was not"
                    + " tested.",
            "give this JVM or this machine more memory",
            setting("If the message names the heap, give the JVM more: `-Xmx1g`, in Surefire"
                    + " `<argLine>-Xmx1g</argLine>`."),
            check(
                    "See what is left: `free -m` and `cat /proc/net/sockstat` (Linux). On Windows \"No buffer space available\""
                            + " mostly means that no local port is left: `netstat -an`."),
            setting("Raise the memory limit of the container, or the memory for sockets: `sysctl net.ipv4.tcp_mem`.")),
    THREADS_EXHAUSTED(
            null,
            MISCONFIGURED,
            "This machine does not start another thread, so that the network was not tested.",
            "raise the limit of processes: the container's pids limit, or ulimit -u",
            setting("Raise the limit: in Docker `--pids-limit 4096`, in Kubernetes the kubelet's `podPidsLimit`, under"
                    + " systemd `TasksMax=4096`, else `ulimit -u 4096`."),
            check(
                    "See what is allowed and in use: `cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids.current` (Linux), and the"
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
                    "Look for a rule of the local firewall, which a VPN's kill switch may have set: `sudo nft list ruleset` or"
                            + " `sudo iptables -S OUTPUT` (Linux), `sudo pfctl -sr` (macOS), outbound rules of Windows Defender"
                            + " Firewall or an endpoint protection (Windows)."),
            check("Look for a route of the type prohibit: `ip route get ADDRESS`, with the address of `{host}`.")),
    LOOPBACK_INTERFACE_DOWN(
            null,
            MISCONFIGURED,
            "The loopback interface of this machine or container is down, and the connection goes over it.",
            "bring the loopback interface up: ip link set lo up",
            setting(
                    "Bring it up: `sudo ip link set lo up`; in a network namespace of your own that is the first command."),
            check("See its state: `ip addr show lo`.")),
    PATH_MTU_BLACK_HOLE(
            Phase.TLS,
            BLOCKED,
            "Small packets pass and large ones are lost on the way: the path's MTU is smaller than this machine believes,"
                    + " as with many VPNs.",
            "large packets are lost (path MTU); lower the MTU of the interface or the VPN",
            setting("Linux: `sudo ip link set dev INTERFACE mtu 1280` (in WSL too); until the next restart."),
            setting("macOS: `sudo ifconfig en0 mtu 1280`."),
            setting("Windows: `netsh interface ipv4 set subinterface \"NAME\" mtu=1280 store=active`."),
            setting(
                    "A VPN of your own: `MTU = 1280` under `[Interface]` (WireGuard), `--tun-mtu 1400` (OpenVPN); Docker:"
                            + " `--opt com.docker.network.driver.mtu=1280` for the network."),
            check("Measure what passes: `ping -M do -s 1372 {host}` (Linux), `ping -D -s 1372 {host}` (macOS),"
                    + " `ping -f -l 1372 {host}` (Windows); not every host answers a ping."),
            administrator(
                    "Tell whoever runs the VPN or router: packets over the path's MTU to `{host}:{port}` are lost and no ICMP"
                            + " \"too big\" comes back; let it pass, or clamp the MSS: `iptables -t mangle -A FORWARD -p tcp"
                            + " --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu`.")),
    ADDRESS_FAILS(
            Phase.TLS,
            BLOCKED,
            "One address of the cluster fails, and another one of the same name works.",
            "one address fails; try again, or prefer the other address family",
            setting("Prefer the family of the address that works: `-Djava.net.preferIPv6Addresses=true` or"
                    + " `-Djava.net.preferIPv4Stack=true`."),
            check("See whether the failing address is the name's own, or comes from a hosts file or an old cache:"
                    + " `nslookup {host}`."),
            waiting("Try again: addresses that fail are taken out of DNS.")),

    // TOKEN
    CREDENTIALS_NOT_FOUND(
            Phase.TOKEN,
            MISCONFIGURED,
            "None of the sources of AWS credentials had any.",
            "sign in to AWS or set credentials",
            aws("Sign in: `aws sso login`, or set `AWS_PROFILE`, or `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`."),
            check("See who you are for AWS: `aws sts get-caller-identity`.")),
    CREDENTIALS_EXPIRED(
            Phase.TOKEN,
            DENIED,
            "The AWS credentials are past their time.",
            "sign in to AWS again",
            aws("Sign in again: `aws sso login`, or renew the temporary credentials."),
            check("See who you are for AWS: `aws sts get-caller-identity`.")),
    CREDENTIALS_PROVIDER_FAILED(
            Phase.TOKEN,
            MISCONFIGURED,
            "The source of AWS credentials failed or did not answer in time.",
            "check the AWS profile and credentials provider",
            check("See whether the AWS CLI can use the same credentials: `aws sts get-caller-identity`."),
            setting("Where there is no instance metadata service, switch it off: `AWS_EC2_METADATA_DISABLED=true`.")),
    REGION_UNKNOWN(
            Phase.TOKEN,
            MISCONFIGURED,
            "A token needs the AWS region, and neither the host name nor the configuration tells it.",
            "set dsql.reach.region or AWS_REGION",
            setting("Set it: `--region us-east-1` of the doctor, `DSQL_REACH_REGION=us-east-1` or"
                    + " `@RequiresDsqlReachability(region = \"us-east-1\")` in tests.")),

    // TLS
    POSTGRES_NEGOTIATION_BLOCKED(
            Phase.TLS,
            BLOCKED,
            "Something on the way reacts to PostgreSQL's SSLRequest; direct TLS to the same server gets through.",
            "a firewall blocks PostgreSQL's SSLRequest; set sslNegotiation=direct",
            setting(
                    "Start with TLS at once: `sslNegotiation=direct` in the JDBC URL (pgjdbc 42.7.4 or later; libpq 17 or"
                            + " later), `--negotiation direct` of the doctor,"
                            + " `@RequiresDsqlReachability(negotiation = Negotiation.DIRECT)` in tests."),
            administrator(
                    "Tell the network's administrator: a device on the way blocks PostgreSQL's SSLRequest (the bytes"
                            + " `00 00 00 08 04 d2 16 2f`) to `{host}:{port}`; TLS itself is let through.")),
    DIRECT_TLS_BLOCKED(
            Phase.TLS,
            BLOCKED,
            "Something on the way reacts to TLS that comes first; after PostgreSQL's SSLRequest it gets through.",
            "a firewall blocks direct TLS on this port; set sslNegotiation=postgres",
            setting("Start with the SSLRequest: `sslNegotiation=postgres` in the JDBC URL (pgjdbc's default),"
                    + " `--negotiation postgres` of the doctor."),
            administrator(
                    "Tell the network's administrator: a device on the way blocks TLS to `{host}:{port}` when it comes first.")),
    SNI_BLOCKED(
            Phase.TLS,
            BLOCKED,
            "Something on the way reacts to this server name (SNI); with another name TLS gets through.",
            "a firewall filters the name; try another network or a VPN",
            administrator(
                    "Ask the network's administrator to allow TLS with the server name `{host}`, for example `*.on.aws`."),
            network("Use another network (hotspot, home), a VPN or AWS CloudShell.")),
    TLS_BLOCKED_ON_PORT(
            Phase.TLS,
            BLOCKED,
            "TLS to AWS works on port 443 and is stopped on the cluster's port.",
            "a firewall stops TLS on port {port}; try another network, a VPN or AWS CloudShell"),
    TLS_BLOCKED_EVERYWHERE(
            Phase.TLS,
            BLOCKED,
            "TLS is stopped to the cluster and to AWS on port 443 alike.",
            "this network stops TLS to AWS; sign in to it if it has a portal, or use another network"),
    TLS_RESET(
            Phase.TLS,
            BLOCKED,
            "TCP connects, and the connection is reset as soon as TLS starts.",
            "likely a firewall; try another network, a VPN or AWS CloudShell"),
    TLS_TIMEOUT(
            Phase.TLS,
            BLOCKED,
            "TCP connects, and nothing comes back once TLS starts.",
            "likely a firewall; try another network, a VPN or AWS CloudShell"),
    TLS_CLOSED(
            Phase.TLS,
            BLOCKED,
            "TCP connects, and the connection is closed as soon as TLS starts.",
            "likely a firewall or another server; check the address, or try another network"),
    PORT_SILENT(
            Phase.TLS,
            BLOCKED,
            "The port accepts connections, and whatever is sent gets no answer, TLS or not: nobody is behind it, or a device"
                    + " accepts in the server's place and lets nothing through.",
            "nobody speaks on that port; check what is behind it, then try another network",
            check(
                    "Check what is behind `{target}`: a load balancer without a server, a tunnel whose far end is dead, a server"
                            + " that hangs.")),
    TLS_ALERT(
            Phase.TLS,
            BLOCKED,
            "The other side ended the TLS handshake with an alert.",
            "a device on the way or another server refuses this handshake; check the address, or try another network",
            check("Check where the connection goes: it went to `{target}`, and the alert was `{alert}`.")),
    TLS_INTERCEPTED(
            Phase.TLS,
            BLOCKED,
            "The certificate does not come from the cluster: another party signed it. Nothing secret was sent.",
            "an intercepting proxy or another server is likely; ask for an exception, or use another network",
            administrator(
                    "Ask the network's administrator to exempt `{host}:{port}` from TLS inspection; the certificate was issued"
                            + " by {certificateIssuer}."),
            network("Use another network (hotspot, home), a VPN or AWS CloudShell."),
            setting("If this is a server of your own, name its root: `sslrootcert=FILE` in the JDBC URL,"
                    + " `--root-cert FILE` of the doctor, `@RequiresDsqlReachability(rootCertificate = \"FILE\")` in"
                    + " tests.")),
    CERTIFICATE_EXPIRED(
            Phase.TLS,
            BLOCKED,
            "A certificate is expired or not yet valid by this machine's clock.",
            "check this machine's clock, then who answers at that address",
            check(
                    "Check this machine's clock: `date -u` (Windows: `(Get-Date).ToUniversalTime()`). The certificate is valid from {certificateNotBefore} to"
                            + " {certificateNotAfter}."),
            network("If the clock is right, another server answers at that address: use another network or a VPN.")),
    HOSTNAME_MISMATCH(
            Phase.TLS,
            BLOCKED,
            "The certificate is for another name: another server answers at that address.",
            "check host name, DNS and connectTo",
            check("Check what the address stands for: the certificate is for {certificateNames}."),
            tunnel("A tunnel must keep the cluster's name: use the cluster's host name as host, and the tunnel's end as"
                    + " `connectTo`."),
            setting("For a `vpce-…` name the host name cannot be verified: `sslmode=require` in the JDBC URL.")),
    CERTIFICATE_CHAIN_INCOMPLETE(
            Phase.TLS,
            BLOCKED,
            "The server sent its certificate without the one that signed it, so that no trusted root can be reached."
                    + " Nothing secret was sent.",
            "a server without its intermediate certificate, which a cluster never is; check the address and what is in between",
            check("Look at the chain: `openssl s_client {tls}-connect {target} -servername {host} -showcerts`;"
                    + " the certificate was issued by {certificateIssuer}."),
            setting("If this is a server of your own, let it send its whole chain.")),
    CERTIFICATE_UNACCEPTABLE(
            Phase.TLS,
            BLOCKED,
            "A certificate of the chain may not be used so: {certificateProblem}. Nothing secret was sent.",
            "the certificate is not acceptable to this JDK; check who answers there",
            check("Look at the chain: `openssl s_client {tls}-connect {target} -servername {host} -showcerts`;"
                    + " the certificate was issued by {certificateIssuer}."),
            setting(
                    "If this is a server of your own, give it a certificate with a key of 2048 bits (RSA) or 256 (EC) and the"
                            + " extended key usage serverAuth."),
            administrator("Ask the network's administrator whether TLS to `{host}:{port}` is inspected.")),
    ROOT_CERTIFICATE_UNREADABLE(
            Phase.TLS,
            MISCONFIGURED,
            "The file that names the trusted roots does not exist or holds no certificates. Nothing secret was sent.",
            "correct the path of the root certificate",
            setting("Correct the path: `sslrootcert=FILE` in the JDBC URL, `--root-cert FILE` of the doctor,"
                    + " `dsql.reach.root-certificate` or `@RequiresDsqlReachability(rootCertificate = \"FILE\")` in"
                    + " tests; a PEM file is wanted."),
            check("For a cluster no file is needed: the JDK's trust store holds Amazon's roots.")),
    TLS_REFUSED(
            Phase.TLS,
            BLOCKED,
            "A PostgreSQL server answers that refuses TLS: it is no DSQL cluster. Nothing secret was sent.",
            "another PostgreSQL server answers there; check host, port and tunnel",
            check("Check where the connection goes: it went to `{target}`, and a cluster never refuses TLS.")),
    WEBSOCKET_REFUSED(
            Phase.TLS,
            BLOCKED,
            "TLS is up, and the server does not go on with a WebSocket: it knows none, or something on the way keeps the"
                    + " request from it. Nothing secret was sent.",
            "no WebSocket there; check what answers, or set dsql.reach.transport=tcp",
            setting("Go over port 5432 where that works: `dsql.reach.transport=tcp`."),
            check("See what answers, a cluster says 101: `curl -si --http1.1 --max-time 5 -H 'Connection: Upgrade' -H"
                    + " 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key:"
                    + " dGhlIHNhbXBsZSBub25jZQ==' https://{host}:{port}/`."),
            administrator("Where TLS is inspected, ask the network's administrator to let WebSockets to `{host}:{port}`"
                    + " pass: the headers `Connection: Upgrade` and `Upgrade: websocket`.")),
    NOT_POSTGRES(
            Phase.TLS,
            BLOCKED,
            "What answers does not speak PostgreSQL's protocol.",
            "another server, a captive portal or a block page is there; check host and port, or open a web page",
            browser("If this is a public or guest network, open a web page in a browser and sign in."),
            check("Check host and port: this connection went to `{target}`."),
            network("Use another network (hotspot, home), a VPN or AWS CloudShell.")),

    // AUTH
    TOKEN_EXPIRED(
            Phase.AUTH,
            DENIED,
            "The cluster says that the token is past its time.",
            "generate a token for each connection",
            setting("Generate the token when connecting instead of storing it; its lifetime is 900 s by default.")),
    CLOCK_SKEW(
            Phase.AUTH,
            MISCONFIGURED,
            "This machine's clock differs from the cluster's by more than a token allows.",
            "set this machine's clock",
            setting("Set the clock: `sudo timedatectl set-ntp true` (Linux), `sudo sntp -sS time.apple.com` (macOS),"
                    + " `w32tm /resync` (Windows)."),
            check("In a virtual machine or WSL, restart it: its clock may have stopped while the host slept.")),
    WRONG_TOKEN_ACTION(
            Phase.AUTH,
            MISCONFIGURED,
            "The token is of the wrong kind for this role: `admin` needs DbConnectAdmin, every other role DbConnect.",
            "use the token that belongs to the role",
            check(
                    "For `admin`: `aws dsql generate-db-connect-admin-auth-token --hostname {tokenHost} --region {region}`;"
                            + " for any other role: `aws dsql generate-db-connect-auth-token --hostname {tokenHost} --region"
                            + " {region}`.")),
    NOT_AUTHORIZED(
            Phase.AUTH,
            DENIED,
            "The IAM policy does not allow this identity to connect.",
            "allow the action in the IAM policy",
            check("See which identity this is: `aws sts get-caller-identity`.")),
    DENIED_BY_RESOURCE_POLICY(
            Phase.AUTH,
            DENIED,
            "The cluster's resource policy denies this connection explicitly: usually because it comes from the wrong network"
                    + " (VPC, endpoint or address), though TCP and TLS work.",
            "connect from a network that the cluster's resource policy allows, or change the policy",
            network("Connect from the VPC or address that the policy allows: from inside it, or through its VPN."),
            aws("See the policy: `aws dsql get-cluster-policy --identifier {clusterId} --region {region}`."),
            check("See which identity this is: `aws sts get-caller-identity`.")),
    CREDENTIALS_INVALID(
            Phase.AUTH,
            DENIED,
            "AWS does not know these credentials: a deleted key, a key of another account or partition, or an access key"
                    + " without its session token.",
            "check the AWS credentials: the cluster says that they are invalid",
            check("See whether AWS knows them: `aws sts get-caller-identity`."),
            setting("With temporary credentials set all three: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and"
                    + " `AWS_SESSION_TOKEN`."),
            aws("Sign in again: `aws sso login`.")),
    ROLE_NOT_MAPPED(
            Phase.AUTH,
            DENIED,
            "The cluster does not let this IAM identity log in as this database role.",
            "map the IAM role to the database role with AWS IAM GRANT",
            aws("As `admin`: `AWS IAM GRANT {user} TO 'arn:aws:iam::ACCOUNT:role/ROLE';`"),
            aws(
                    "See which mappings there are: `SELECT * FROM sys.iam_pg_role_mappings;`. An IAM role that was deleted and made"
                            + " anew is another one, though its name is the same: revoke the old mapping and grant it again.")),
    ROLE_NOT_FOUND(
            Phase.AUTH,
            MISCONFIGURED,
            "The cluster has no such database role.",
            "create the role, or use another user",
            aws("As `admin`: `CREATE ROLE {user} WITH LOGIN;` and"
                    + " `AWS IAM GRANT {user} TO 'arn:aws:iam::ACCOUNT:role/ROLE';`")),
    ACCESS_DENIED(
            Phase.AUTH,
            DENIED,
            "The cluster refused the login without saying why: wrong credentials, region or cluster, or a role that is"
                    + " not mapped.",
            "check credentials, region and role mapping",
            check("See which identity this is: `aws sts get-caller-identity`."),
            check("Check that the cluster is in this account and region:"
                    + " `aws dsql get-cluster --identifier {clusterId} --region {region}`.")),
    SNI_NOT_RECEIVED(
            Phase.AUTH,
            BLOCKED,
            "The cluster says that it received no server name (SNI): something on the way took it out, or terminates"
                    + " TLS.",
            "a proxy on the way removes the server name; use another network or a VPN",
            check(
                    "Check proxies and load balancers between here and the cluster: they must pass TLS through unchanged.")),
    AUTH_RESET(
            Phase.AUTH,
            BLOCKED,
            "TLS is up, and the connection breaks during the login.",
            "a device on the way or the server cut the login; try again, then another network"),
    AUTH_TIMEOUT(
            Phase.AUTH,
            BLOCKED,
            "TLS is up, and nothing comes back during the login.",
            "a device on the way or the server holds the login; try again, then another network"),

    // the server
    CLUSTER_WAKING_UP(
            Phase.AUTH,
            UNAVAILABLE,
            "The cluster was idle and is waking up.",
            "try again in a minute, or let the kit wait",
            waiting("Wait for it: `--wait-for 2m` of the doctor, `@RequiresDsqlReachability(waitFor = \"2m\")` in"
                    + " tests.")),
    TOO_MANY_CONNECTIONS(
            Phase.AUTH,
            UNAVAILABLE,
            "The cluster has as many connections as it may have.",
            "close connections, or use smaller pools",
            check("Close idle clients and shrink the pools; the quota is 10,000 connections for each cluster.")),
    RATE_EXCEEDED(
            Phase.AUTH,
            UNAVAILABLE,
            "The cluster gets more new connections in a second than it may.",
            "connect less often: use a pool, fewer parallel tests",
            check("Reuse connections by a pool; the quota is 100 new connections a second, 1,000 in a burst."),
            waiting("Wait: `--wait-for 30s` of the doctor, `@RequiresDsqlReachability(waitFor = \"30s\")` in"
                    + " tests.")),
    SERVER_UNAVAILABLE(
            Phase.AUTH,
            UNAVAILABLE,
            "The server says that it is unavailable for now.",
            "try again later",
            check("Look at the cluster's status: `aws dsql get-cluster --identifier {clusterId} --region {region}`.")),

    // QUERY
    QUERY_RESET(
            Phase.QUERY,
            BLOCKED,
            "The login works, and the connection breaks during the first query.",
            "a device on the way cuts established connections; try another network"),
    QUERY_TIMEOUT(
            Phase.QUERY,
            BLOCKED,
            "The login works, and nothing comes back for the first query.",
            "a device on the way holds established connections; try another network"),
    QUERY_FAILED(
            Phase.QUERY,
            Verdict.UNKNOWN,
            "The login works, and the server answers the first query with an error.",
            "see the server's message",
            check("Run a query by hand: `psql \"host={host} port={port} dbname=postgres user={user} sslmode=verify-full"
                    + " sslrootcert=system\" -c 'SELECT 1'`; the password is a token.")),

    // before any phase
    DRIVER_TOO_OLD(
            null,
            MISCONFIGURED,
            "The PostgreSQL driver on the class path does not know direct TLS: it would start with an SSLRequest all the same.",
            "use pgjdbc 42.7.4 or later",
            setting("Use `org.postgresql:postgresql` 42.7.4 or later, or start with the SSLRequest:"
                    + " `sslNegotiation=postgres`.")),
    ENDPOINT_NOT_CONFIGURED(
            null,
            MISCONFIGURED,
            "No endpoint is configured.",
            "set DSQL_ENDPOINT",
            setting("Set it: `export DSQL_ENDPOINT=<cluster-id>.dsql.<region>.on.aws` (`set` on Windows), or"
                    + " `@RequiresDsqlReachability(endpoint = \"…\")`."),
            check("Find the name: `aws dsql list-clusters` and `aws dsql get-cluster --identifier ID`."),
            check("Run on a local cluster instead: `@WithLocalDsql`.")),
    ENDPOINT_INVALID(
            null,
            MISCONFIGURED,
            "The configured endpoint cannot be understood.",
            "correct the endpoint",
            check("Allowed are a host name, `HOST:PORT`, `jdbc:postgresql://HOST[:PORT]/postgres` and"
                    + " `jdbc:aws-dsql:postgresql://HOST[:PORT]/postgres`.")),

    /** The facts do not decide: the evidence and the scrubbed original error are shown instead of a guess. */
    UNKNOWN(null, Verdict.UNKNOWN, "The facts do not decide what is in the way.", "see the original error");

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

    /** The phase in which this cause shows; empty for those that concern no phase. */
    public Optional<Phase> layer() {
        return Optional.ofNullable(layer);
    }

    /** The verdict it leads to. */
    public Verdict verdict() {
        return verdict;
    }

    /** What it means, in one sentence. */
    public String explanation() {
        return explanation;
    }

    /** What is likely and what to do, short enough for the end of a one-line summary. */
    public String advice() {
        return advice;
    }

    /** What to do, the most promising first; templates, see the class comment. Empty where the evidence decides. */
    public List<Remedy> remedies() {
        return remedies;
    }
}
