package io.github.dsqlreach.cli;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.connect.AuthToken;
import io.github.dsqlreach.local.LocalDsql;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Collections;
import java.util.List;
import java.util.StringJoiner;
import software.amazon.awssdk.auth.credentials.AwsCredentials;

/**
 * What clients need to use a local cluster, as a shell script: variables with comments, and files beside the root
 * certificate.
 *
 * @param address where clients find the cluster
 */
record LocalScript(LocalDsql cluster, HostAndPort address, List<String> roles) {
    private static final int USUAL_PORT = 5432;
    private static final String TRUST_STORE_PASSWORD = "changeit";

    /** Writes the files. */
    String text() throws IOException {
        Path root = cluster.rootCertificate();
        Path hosts = Files.writeString(
                root.resolveSibling("hosts"), "127.0.0.1 localhost\n" + address.host() + " " + host() + "\n");
        Path trustStore = writeTrustStore(root.resolveSibling("truststore.p12"));
        StringJoiner script = new StringJoiner("\n", "", "\n");
        about(script);
        cluster(script);
        credentials(script);
        libpq(script);
        otherLanguages(script);
        java(script, hosts, trustStore);
        dsqlReach(script);
        return script.toString();
    }

    private String host() {
        return cluster.endpoint().host();
    }

    private void about(StringJoiner script) {
        script.add("# A local cluster: TCP " + address + ", WebSocket " + cluster.webSocketAddress()
                + ". It runs until Ctrl-C.");
        script.add("# Its credentials and tokens are valid only there.");
        if (address.port() != USUAL_PORT) {
            script.add("# Clients that know only port 5432 do not find it: PGPORT and the URLs below have the port.");
        }
        script.add(
                "# Its host name resolves nowhere. psql and others with libpq take the address from PGHOSTADDR, Java from a"
                        + " file (below).");
        script.add("# For other clients, this line belongs in /etc/hosts:");
        script.add("#   " + address.host() + " " + host());
    }

    private void cluster(StringJoiner script) {
        Endpoint endpoint = cluster.endpoint();
        script.add("");
        for (String name : List.of("CLUSTER_ENDPOINT", "DSQL_ENDPOINT", "DSQL_CLUSTER_ENDPOINT")) {
            export(script, name, endpoint.host());
        }
        export(script, "CLUSTER_USER", endpoint.user());
        export(script, "CLUSTER_ID", endpoint.clusterId().orElseThrow());
        for (String name : List.of("REGION", "CLUSTER_REGION", "AWS_REGION", "AWS_DEFAULT_REGION")) {
            export(script, name, endpoint.region().orElseThrow());
        }
    }

    private void credentials(StringJoiner script) {
        AwsCredentials credentials = cluster.credentialsProvider().resolveCredentials();
        script.add("# The credentials belong to " + cluster.principal() + ": AWS IAM GRANT needs that to map a role.");
        script.add("unset AWS_SESSION_TOKEN AWS_PROFILE AWS_DEFAULT_PROFILE");
        export(script, "AWS_ACCESS_KEY_ID", credentials.accessKeyId());
        export(script, "AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey());
    }

    private void libpq(StringJoiner script) {
        script.add("");
        script.add(
                "# For psql and everything else that uses libpq: 'psql' alone connects. The token is valid for 7 days;");
        script.add("# 'aws dsql generate-db-connect-admin-auth-token --hostname $CLUSTER_ENDPOINT' makes another one.");
        export(script, "PGHOST", host());
        export(script, "PGHOSTADDR", address.host());
        export(script, "PGPORT", String.valueOf(address.port()));
        export(script, "PGDATABASE", cluster.endpoint().database());
        export(script, "PGUSER", cluster.endpoint().user());
        export(script, "PGPASSWORD", token(Endpoint.DEFAULT_USER));
        export(script, "PGSSLMODE", "verify-full");
        export(script, "PGSSLROOTCERT", cluster.rootCertificate().toString());
        for (String role : roles) {
            script.add("# As the role " + role + ": PGUSER=" + quoted(role) + " PGPASSWORD=" + quoted(token(role))
                    + " psql");
        }
    }

    private void otherLanguages(StringJoiner script) {
        script.add("");
        script.add(
                "# Node.js trusts the root certificate by this variable; Python, Go, Ruby and Rust do by SSL_CERT_FILE, which");
        script.add("# replaces all other roots there: SSL_CERT_FILE="
                + quoted(cluster.rootCertificate().toString()));
        export(script, "NODE_EXTRA_CA_CERTS", cluster.rootCertificate().toString());
    }

    private void java(StringJoiner script, Path hosts, Path trustStore) {
        String authority = host() + ":" + address.port();
        script.add("");
        script.add(
                "# Java: options for the JVM of the tests ('java $LOCAL_DSQL_JAVA_OPTIONS', Surefire's argLine). Such a JVM");
        script.add("# resolves no other names. The trust store has the JDK's roots too; its password is "
                + TRUST_STORE_PASSWORD + ".");
        export(
                script,
                "LOCAL_DSQL_JAVA_OPTIONS",
                "-Djdk.net.hosts.file=" + hosts + " -Djavax.net.ssl.trustStore=" + trustStore
                        + " -Djavax.net.ssl.trustStorePassword=" + TRUST_STORE_PASSWORD);
        script.add("# URL of AWS's connector, which makes the token:");
        script.add("#   jdbc:aws-dsql:postgresql://" + authority + "/postgres?user=admin");
        script.add("# URL of the PostgreSQL driver; the password is $PGPASSWORD:");
        script.add("#   jdbc:postgresql://" + authority + "/postgres?user=admin&sslmode=verify-full&sslrootcert="
                + cluster.rootCertificate());
    }

    private void dsqlReach(StringJoiner script) {
        script.add("");
        script.add("# dsql-reach itself: the doctor, and tests with @RequiresDsqlReachability.");
        export(script, "DSQL_REACH_CONNECT_TO", address.toString());
        export(script, "DSQL_REACH_ROOT_CERTIFICATE", cluster.rootCertificate().toString());
    }

    private String token(String user) {
        return AuthToken.generate(
                        cluster.endpoint(user),
                        cluster.credentialsProvider().resolveCredentials(),
                        AuthToken.LONGEST_LIFETIME)
                .value();
    }

    private static void export(StringJoiner script, String name, String value) {
        script.add("export " + name + "=" + quoted(value));
    }

    private static String quoted(String value) {
        return value.matches("[A-Za-z0-9_./:@%+=-]+") ? value : "'" + value.replace("'", "'\\''") + "'";
    }

    /** The JDK's roots, and the cluster's. */
    private Path writeTrustStore(Path file) throws IOException {
        char[] password = TRUST_STORE_PASSWORD.toCharArray();
        Path roots = Path.of(System.getProperty("java.home"), "lib", "security", "cacerts");
        try (InputStream pem = Files.newInputStream(cluster.rootCertificate());
                OutputStream out = Files.newOutputStream(file)) {
            KeyStore all = KeyStore.getInstance("PKCS12");
            all.load(null, password);
            if (Files.exists(roots)) {
                KeyStore known = KeyStore.getInstance(roots.toFile(), password);
                for (String alias : Collections.list(known.aliases())) {
                    all.setCertificateEntry(alias, known.getCertificate(alias));
                }
            }
            all.setCertificateEntry(
                    "local-dsql", CertificateFactory.getInstance("X.509").generateCertificate(pem));
            all.store(out, password);
            return file;
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot write a trust store: " + e.getMessage(), e);
        }
    }
}
