package io.github.dsqlreach;

import static io.github.dsqlreach.Verdict.BLOCKED;
import static io.github.dsqlreach.Verdict.DENIED;
import static io.github.dsqlreach.Verdict.MISCONFIGURED;
import static io.github.dsqlreach.Verdict.UNAVAILABLE;

import java.util.List;
import java.util.Optional;

/**
 * The catalogue of causes: a closed set of stable constants, each with its layer, its verdict, one sentence that
 * explains it, a short advice, and the remedies.
 *
 * <p>Remedies are templates: {@code {host}}, {@code {port}}, {@code {user}}, {@code {region}}, {@code {clusterId}} and
 * {@code {tokenHost}} stand for the endpoint's parts; other names in braces stand for evidence of the failed phase.
 * Commands and settings stand in backquotes, ready to be copied.
 */
public enum Cause {
    // DNS
    DNS_NAME_NOT_FOUND(
            Phase.DNS,
            BLOCKED,
            "The resolver says that this name does not exist.",
            "check the name, or whether this network's resolver may answer for it",
            "Compare the host name with the cluster's: `aws dsql get-cluster --identifier {clusterId} --region {region}`.",
            "Ask another resolver: `nslookup {host} 1.1.1.1`. If that one answers, this network's resolver filters the"
                    + " name; use another network or a VPN.",
            "A PrivateLink name (`vpce-…`, or with `dsql-…` in the middle) resolves only with its VPC's DNS: use the"
                    + " cluster's public endpoint, or join the VPC."),
    DNS_TIMEOUT(
            Phase.DNS,
            BLOCKED,
            "The resolver did not answer in time.",
            "check the network connection, the VPN and the resolver",
            "See which resolver is used and whether it answers: `nslookup {host}`.",
            "Reconnect the VPN or try another network."),
    DNS_FAILURE(
            Phase.DNS,
            BLOCKED,
            "The name could not be looked up, and the resolver does not say that it does not exist.",
            "check the network connection and the resolver",
            "See what the resolver says: `nslookup {host}`.",
            "Reconnect the network or the VPN and try again."),
    DNS_SINKHOLED(
            Phase.DNS,
            BLOCKED,
            "The resolver answers with an address that cannot be the cluster's.",
            "a filtering resolver is likely; use another resolver or network",
            "Compare with another resolver: `nslookup {host} 1.1.1.1`.",
            "Ask whoever runs the resolver to allow `{host}`, or use another network or a VPN."),

    // TCP
    TCP_REFUSED(
            Phase.TCP,
            BLOCKED,
            "The address answers, and refuses connections on this port.",
            "check host and port, or whether the tunnel is up",
            "Check the port: a cluster listens on 5432. This connection went to `{target}`.",
            "If `connectTo` points at a tunnel, start the tunnel.",
            "If host and port are right, a firewall refuses on the server's behalf: ask for outgoing TCP to"
                    + " `{host}:{port}`."),
    TCP_RESET(
            Phase.TCP,
            BLOCKED,
            "The connection was reset while it was being established.",
            "a firewall is likely; try another network or a VPN",
            "Ask the network's administrator to allow outgoing TCP to `{host}:{port}`.",
            "Use another network (hotspot, home), a VPN or AWS CloudShell."),
    TCP_TIMEOUT(
            Phase.TCP,
            BLOCKED,
            "Nothing answers at that address and port: something drops the packets.",
            "a firewall that drops port {port} is likely; try another network, a VPN or AWS CloudShell",
            "See whether another port gets through: `nc -vz -w 5 dsql.{region}.api.aws 443`.",
            "Use another network (hotspot, home), a VPN or AWS CloudShell.",
            "Ask the network's administrator to allow outgoing TCP to `{host}:{port}`."),
    NETWORK_UNREACHABLE(
            Phase.TCP,
            BLOCKED,
            "This machine has no route to the cluster's addresses, or the network prohibits it.",
            "check the network connection, the VPN and, on an IPv4-only machine, the name's IPv4 addresses",
            "Check the connection and the VPN: `ip route get $(dig +short {host} | head -1)`.",
            "On a machine with IPv4 only, prefer it: `-Djava.net.preferIPv4Stack=true`.",
            "Ask the network's administrator to allow outgoing TCP to `{host}:{port}`."),

    // TOKEN
    CREDENTIALS_NOT_FOUND(
            Phase.TOKEN,
            MISCONFIGURED,
            "None of the sources of AWS credentials had any.",
            "sign in to AWS or set credentials",
            "Sign in: `aws sso login`, or set `AWS_PROFILE`, or `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.",
            "See who you are for AWS: `aws sts get-caller-identity`."),
    CREDENTIALS_EXPIRED(
            Phase.TOKEN,
            DENIED,
            "The AWS credentials are past their time.",
            "sign in to AWS again",
            "Sign in again: `aws sso login`, or renew the temporary credentials.",
            "See who you are for AWS: `aws sts get-caller-identity`."),
    CREDENTIALS_PROVIDER_FAILED(
            Phase.TOKEN,
            MISCONFIGURED,
            "The source of AWS credentials failed or did not answer in time.",
            "check the AWS profile and credentials provider",
            "See whether the AWS CLI can use the same credentials: `aws sts get-caller-identity`.",
            "Where there is no instance metadata service, switch it off: `AWS_EC2_METADATA_DISABLED=true`."),
    REGION_UNKNOWN(
            Phase.TOKEN,
            MISCONFIGURED,
            "A token needs the AWS region, and neither the host name nor the configuration tells it.",
            "set dsql.reach.region or AWS_REGION",
            "Set it: `DSQL_REACH_REGION=us-east-1`, or `@RequiresDsqlReachability(region = \"us-east-1\")`."),

    // TLS
    POSTGRES_NEGOTIATION_BLOCKED(
            Phase.TLS,
            BLOCKED,
            "Something on the way reacts to PostgreSQL's SSLRequest; direct TLS to the same server gets through.",
            "a firewall blocks PostgreSQL's SSLRequest; set sslNegotiation=direct",
            "Start with TLS at once: `sslNegotiation=direct` in the JDBC URL (pgjdbc 42.7.4 or later; libpq 17 or"
                    + " later), and `@RequiresDsqlReachability(negotiation = NegotiationMode.DIRECT)`.",
            "Tell the network's administrator: a device on the way blocks PostgreSQL's SSLRequest (the bytes"
                    + " `00 00 00 08 04 d2 16 2f`) to `{host}:{port}`; TLS itself is let through."),
    DIRECT_TLS_BLOCKED(
            Phase.TLS,
            BLOCKED,
            "Something on the way reacts to TLS that comes first; after PostgreSQL's SSLRequest it gets through.",
            "a firewall blocks direct TLS on this port; set sslNegotiation=postgres",
            "Start with the SSLRequest: `sslNegotiation=postgres` in the JDBC URL (pgjdbc's default).",
            "Tell the network's administrator: a device on the way blocks TLS to `{host}:{port}` when it comes first."),
    SNI_BLOCKED(
            Phase.TLS,
            BLOCKED,
            "Something on the way reacts to this server name (SNI); with another name TLS gets through.",
            "a firewall filters the name; try another network or a VPN",
            "Ask the network's administrator to allow TLS with the server name `{host}`, for example `*.on.aws`.",
            "Use another network (hotspot, home), a VPN or AWS CloudShell."),
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
    TLS_ALERT(
            Phase.TLS,
            BLOCKED,
            "The other side ended the TLS handshake with an alert.",
            "a device on the way or another server refuses this handshake; check the address, or try another network",
            "Check where the connection goes: it went to `{target}`, and the alert was `{alert}`."),
    TLS_INTERCEPTED(
            Phase.TLS,
            BLOCKED,
            "The certificate does not come from the cluster: another party signed it. Nothing secret was sent.",
            "an intercepting proxy or another server is likely; ask for an exception, or use another network",
            "Ask the network's administrator to exempt `{host}:{port}` from TLS inspection; the certificate was issued"
                    + " by {certificateIssuer}.",
            "Use another network (hotspot, home), a VPN or AWS CloudShell.",
            "If this is a server of your own, name its root: `sslrootcert=FILE` in the JDBC URL, or"
                    + " `@RequiresDsqlReachability(rootCertificate = \"FILE\")`."),
    CERTIFICATE_EXPIRED(
            Phase.TLS,
            BLOCKED,
            "A certificate is expired or not yet valid by this machine's clock.",
            "check this machine's clock, then who answers at that address",
            "Check this machine's clock: `date -u`. The certificate is valid from {certificateNotBefore} to"
                    + " {certificateNotAfter}.",
            "If the clock is right, another server answers at that address: use another network or a VPN."),
    HOSTNAME_MISMATCH(
            Phase.TLS,
            BLOCKED,
            "The certificate is for another name: another server answers at that address.",
            "check host name, DNS and connectTo",
            "Check what the address stands for: the certificate is for {certificateNames}.",
            "A tunnel must keep the cluster's name: use the cluster's host name as host, and the tunnel's end as"
                    + " `connectTo`.",
            "For a `vpce-…` name the host name cannot be verified: `sslmode=require` in the JDBC URL."),
    ROOT_CERTIFICATE_UNREADABLE(
            Phase.TLS,
            MISCONFIGURED,
            "The file that names the trusted roots does not exist or holds no certificates. Nothing secret was sent.",
            "correct the path of the root certificate",
            "Check the path: `sslrootcert=FILE` in the JDBC URL, `dsql.reach.root-certificate`, or"
                    + " `@RequiresDsqlReachability(rootCertificate = \"FILE\")`; a PEM file is wanted.",
            "For a cluster no file is needed: the JDK's trust store holds Amazon's roots."),
    TLS_REFUSED(
            Phase.TLS,
            BLOCKED,
            "A PostgreSQL server answers that refuses TLS: it is no DSQL cluster. Nothing secret was sent.",
            "another PostgreSQL server answers there; check host, port and tunnel",
            "Check where the connection goes: it went to `{target}`, and a cluster never refuses TLS."),
    NOT_POSTGRES(
            Phase.TLS,
            BLOCKED,
            "What answers does not speak PostgreSQL's protocol.",
            "another server, a captive portal or a block page is there; check host and port, or open a web page",
            "If this is a public or guest network, open a web page in a browser and sign in.",
            "Check host and port: this connection went to `{target}`.",
            "Use another network (hotspot, home), a VPN or AWS CloudShell."),

    // AUTH
    TOKEN_EXPIRED(
            Phase.AUTH,
            DENIED,
            "The cluster says that the token is past its time.",
            "generate a token for each connection",
            "Generate the token when connecting instead of storing it; its lifetime is 900 s by default."),
    CLOCK_SKEW(
            Phase.AUTH,
            MISCONFIGURED,
            "This machine's clock differs from the cluster's by more than a token allows.",
            "set this machine's clock",
            "Set the clock: `sudo timedatectl set-ntp true` (Linux), `sudo sntp -sS time.apple.com` (macOS),"
                    + " `w32tm /resync` (Windows).",
            "In a virtual machine or WSL, restart it: its clock may have stopped while the host slept."),
    WRONG_TOKEN_ACTION(
            Phase.AUTH,
            MISCONFIGURED,
            "The token is of the wrong kind for this role: `admin` needs DbConnectAdmin, every other role DbConnect.",
            "use the token that belongs to the role",
            "For `admin`: `aws dsql generate-db-connect-admin-auth-token --hostname {tokenHost} --region {region}`;"
                    + " for any other role: `aws dsql generate-db-connect-auth-token --hostname {tokenHost} --region"
                    + " {region}`."),
    NOT_AUTHORIZED(
            Phase.AUTH,
            DENIED,
            "The IAM policy does not allow this identity to connect.",
            "allow the action in the IAM policy",
            "See which identity this is: `aws sts get-caller-identity`."),
    ROLE_NOT_MAPPED(
            Phase.AUTH,
            DENIED,
            "The cluster does not let this IAM identity log in as this database role.",
            "map the IAM role to the database role with AWS IAM GRANT",
            "As `admin`: `AWS IAM GRANT {user} TO 'arn:aws:iam::ACCOUNT:role/ROLE';`",
            "See which mappings there are: `SELECT * FROM sys.iam_pg_role_mappings;`"),
    ROLE_NOT_FOUND(
            Phase.AUTH,
            MISCONFIGURED,
            "The cluster has no such database role.",
            "create the role, or use another user",
            "As `admin`: `CREATE ROLE {user} WITH LOGIN;` and"
                    + " `AWS IAM GRANT {user} TO 'arn:aws:iam::ACCOUNT:role/ROLE';`"),
    ACCESS_DENIED(
            Phase.AUTH,
            DENIED,
            "The cluster refused the login without saying why: wrong credentials, region or cluster, or a role that is"
                    + " not mapped.",
            "check credentials, region and role mapping",
            "See which identity this is: `aws sts get-caller-identity`.",
            "Check that the cluster is in this account and region:"
                    + " `aws dsql get-cluster --identifier {clusterId} --region {region}`."),
    SNI_NOT_RECEIVED(
            Phase.AUTH,
            BLOCKED,
            "The cluster says that it received no server name (SNI): something on the way took it out, or terminates"
                    + " TLS.",
            "a proxy on the way removes the server name; use another network or a VPN",
            "Check proxies and load balancers between here and the cluster: they must pass TLS through unchanged."),
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
            "Let the kit wait for it: `@RequiresDsqlReachability(waitFor = \"2m\")`."),
    TOO_MANY_CONNECTIONS(
            Phase.AUTH,
            UNAVAILABLE,
            "The cluster has as many connections as it may have.",
            "close connections, or use smaller pools",
            "Close idle clients and shrink the pools; the quota is 10,000 connections for each cluster."),
    RATE_EXCEEDED(
            Phase.AUTH,
            UNAVAILABLE,
            "The cluster gets more new connections in a second than it may.",
            "connect less often: use a pool, fewer parallel tests",
            "Reuse connections by a pool; the quota is 100 new connections a second, 1,000 in a burst.",
            "Let the kit wait: `@RequiresDsqlReachability(waitFor = \"30s\")`."),
    SERVER_UNAVAILABLE(
            Phase.AUTH,
            UNAVAILABLE,
            "The server says that it is unavailable for now.",
            "try again later",
            "Look at the cluster's status: `aws dsql get-cluster --identifier {clusterId} --region {region}`."),

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
            "Run a query by hand: `psql \"host={host} port={port} dbname=postgres user={user} sslmode=verify-full"
                    + " sslrootcert=system\" -c 'SELECT 1'`; the password is a token."),

    // before any phase
    ENDPOINT_NOT_CONFIGURED(
            null,
            MISCONFIGURED,
            "No endpoint is configured.",
            "set DSQL_ENDPOINT",
            "Set it: `export DSQL_ENDPOINT=<cluster-id>.dsql.<region>.on.aws`, or"
                    + " `@RequiresDsqlReachability(endpoint = \"…\")`.",
            "Find the name: `aws dsql list-clusters` and `aws dsql get-cluster --identifier ID`.",
            "Run on a local cluster instead: `@WithLocalDsql`."),
    ENDPOINT_INVALID(
            null,
            MISCONFIGURED,
            "The configured endpoint cannot be understood.",
            "correct the endpoint",
            "Allowed are a host name, `HOST:PORT`, `jdbc:postgresql://HOST[:PORT]/postgres` and"
                    + " `jdbc:aws-dsql:postgresql://HOST[:PORT]/postgres`."),

    /** The facts do not decide: the evidence and the scrubbed original error are shown instead of a guess. */
    UNKNOWN(null, Verdict.UNKNOWN, "The facts do not decide what is in the way.", "see the original error");

    private final Phase layer;
    private final Verdict verdict;
    private final String explanation;
    private final String advice;
    private final List<String> remedies;

    Cause(Phase layer, Verdict verdict, String explanation, String advice, String... remedies) {
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
    public List<String> remedies() {
        return remedies;
    }
}
