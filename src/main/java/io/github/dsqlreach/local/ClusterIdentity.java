package io.github.dsqlreach.local;

import io.github.dsqlreach.connect.AuthToken;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;

/**
 * What clients know a cluster by: the parts of its host name, and the credentials whose tokens are valid there.
 *
 * @param principal the ARN of the IAM user or role that the credentials belong to
 */
record ClusterIdentity(String clusterId, String region, AwsCredentials credentials, String principal) {
    private static final String DEFAULT_REGION = "us-east-1";
    private static final String DEFAULT_PRINCIPAL = "arn:aws:iam::123456789012:user/tester";
    private static final int CLUSTER_ID_LENGTH = 26;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String SMALL = "abcdefghijklmnopqrstuvwxyz234567";
    private static final String CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final String SECRET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    ClusterIdentity {
        AuthToken.keepSecrets(credentials);
    }

    /** With random values for what is not given. */
    static ClusterIdentity of(
            @Nullable String clusterId,
            @Nullable String region,
            @Nullable AwsCredentials credentials,
            @Nullable String principal) {
        return new ClusterIdentity(
                clusterId == null ? random(SMALL, CLUSTER_ID_LENGTH) : clusterId,
                region == null ? DEFAULT_REGION : region,
                credentials == null
                        ? AwsBasicCredentials.create("AKIA" + random(CAPITALS, 16), random(SECRET, 40))
                        : credentials,
                principal == null ? DEFAULT_PRINCIPAL : principal);
    }

    /** Random credentials with a session token, in the form of real ones. */
    static AwsSessionCredentials temporaryCredentials() {
        return AwsSessionCredentials.create(
                "ASIA" + random(CAPITALS, 16), random(SECRET, 40), random(SECRET, 400) + "==");
    }

    private static String random(String alphabet, int length) {
        return RANDOM.ints(length, 0, alphabet.length())
                .collect(
                        StringBuilder::new, (text, index) -> text.append(alphabet.charAt(index)), StringBuilder::append)
                .toString();
    }

    String host() {
        return clusterId + ".dsql." + region + ".on.aws";
    }

    /** From a file that {@link #write} wrote, with the given values instead of those of the file. */
    static ClusterIdentity read(
            Path file,
            @Nullable String clusterId,
            @Nullable String region,
            @Nullable AwsCredentials credentials,
            @Nullable String principal)
            throws IOException {
        Properties values = new Properties();
        if (Files.exists(file)) {
            try (Reader reader = Files.newBufferedReader(file)) {
                values.load(reader);
            }
        }
        AwsCredentials known = values.containsKey("access-key-id") && values.containsKey("secret-access-key")
                ? AwsBasicCredentials.create(
                        values.getProperty("access-key-id"), values.getProperty("secret-access-key"))
                : null;
        return of(
                clusterId == null ? values.getProperty("cluster-id") : clusterId,
                region == null ? values.getProperty("region") : region,
                credentials == null ? known : credentials,
                principal == null ? values.getProperty("principal") : principal);
    }

    /** To a file of this user alone. Credentials with a session token are not kept: they end. */
    void write(Path file) throws IOException {
        Properties values = new Properties();
        values.setProperty("cluster-id", clusterId);
        values.setProperty("region", region);
        values.setProperty("principal", principal);
        if (!(credentials instanceof AwsSessionCredentials)) {
            values.setProperty("access-key-id", credentials.accessKeyId());
            values.setProperty("secret-access-key", credentials.secretAccessKey());
        }
        StringWriter text = new StringWriter();
        values.store(text, "Valid only for the local cluster whose data are here");
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.deleteIfExists(part);
        Files.createFile(part, FilePermissions.onlyOurs(part));
        Files.writeString(part, text.toString(), StandardCharsets.UTF_8);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Without the credentials. */
    @Override
    public String toString() {
        return host();
    }
}
