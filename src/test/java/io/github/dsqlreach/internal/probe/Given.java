package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.CheckSettings;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.connect.AuthToken;
import io.github.dsqlreach.internal.client.Credentials;
import io.github.dsqlreach.local.TestCertificateAuthority;
import io.github.dsqlreach.local.TestCertificateAuthority.Leaf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** What the specifications of the attempt start from: a cluster's name, an authority that is trusted, credentials. */
final class Given {
    static final String HOST = "fooabcdefghijklmnopqrstuvw.dsql.us-east-1.on.aws";
    static final String SECRET_KEY = "givenSecretKey/1a2B3c";
    static final String SESSION_TOKEN = "givenSessionToken4d5E6f";
    static final AwsCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsSessionCredentials.create("AKIDGIVENGIVEN", SECRET_KEY, SESSION_TOKEN));
    static final TestCertificateAuthority AUTHORITY = TestCertificateAuthority.create("Given Test CA");
    static final Leaf CERTIFICATE = AUTHORITY.issue(HOST);
    static final Path ROOT = root();
    /** Much longer than anything takes that does not hang, also on a busy machine. */
    static final Duration AMPLE = Duration.ofSeconds(20);

    private Given() {}

    private static Path root() {
        try {
            Path file = Files.createTempFile("dsql-reach-given", ".pem");
            file.toFile().deleteOnExit();
            return AUTHORITY.writePem(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The cluster's name, while TCP goes there. */
    static Endpoint endpoint(HostAndPort address) {
        return Endpoint.builder(HOST)
                .connectTo(address)
                .trust(Trust.rootCertificate(ROOT))
                .build();
    }

    static Endpoint endpoint(HostAndPort address, Negotiation negotiation) {
        return endpoint(address).toBuilder().negotiation(negotiation).build();
    }

    static Attempt attempt(Endpoint endpoint, Duration timeout) throws InterruptedException {
        return attempt(endpoint, timeout, CREDENTIALS);
    }

    static Attempt attempt(Endpoint endpoint, Duration timeout, AwsCredentialsProvider credentials)
            throws InterruptedException {
        return AttemptRunner.attempt(settings(endpoint, timeout, credentials), AttemptListener.NONE);
    }

    static Attempt attempt(Endpoint endpoint, Duration timeout, Resolver resolver) throws InterruptedException {
        return AttemptRunner.attempt(settings(endpoint, timeout, CREDENTIALS), AttemptListener.NONE, resolver);
    }

    static ProbeSettings settings(Endpoint endpoint, Duration timeout, AwsCredentialsProvider credentials) {
        return new ProbeSettings(
                endpoint,
                CheckSettings.defaults().with(Setting.TIMEOUT, timeout),
                Credentials.of(credentials),
                AuthToken.DEFAULT_LIFETIME);
    }
}
