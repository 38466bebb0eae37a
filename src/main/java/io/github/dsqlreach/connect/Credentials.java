package io.github.dsqlreach.connect;

import java.util.Objects;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;

/**
 * Where AWS credentials come from: the SDK's default chain, a named profile, or a provider of the user's. Nothing is
 * looked up before {@link #provider()} is called.
 */
public final class Credentials {
    private final String description;
    private final Supplier<AwsCredentialsProvider> provider;
    private final boolean owned;

    private Credentials(String description, Supplier<AwsCredentialsProvider> provider, boolean owned) {
        this.description = description;
        this.provider = provider;
        this.owned = owned;
    }

    /** The SDK's default chain: system properties, environment, web identity, profile, container, instance. */
    public static Credentials defaultChain() {
        return new Credentials(
                "the AWS SDK's default chain",
                () -> DefaultCredentialsProvider.builder().build(),
                true);
    }

    /** A profile of the AWS configuration files, for example {@code Credentials.profile("test")}. */
    public static Credentials profile(String name) {
        Objects.requireNonNull(name, "name");
        return new Credentials("the profile '" + name + "'", () -> ProfileCredentialsProvider.create(name), true);
    }

    /** A provider of the user's. */
    public static Credentials of(AwsCredentialsProvider provider) {
        Objects.requireNonNull(provider, "provider");
        return new Credentials(provider.getClass().getSimpleName(), () -> provider, false);
    }

    /** The provider; for the default chain and a profile a new one with each call. */
    public AwsCredentialsProvider provider() {
        return provider.get();
    }

    /** Whether {@link #provider()} makes a new provider, which the caller should close. */
    public boolean isOwned() {
        return owned;
    }

    /** Where the credentials come from, in words. */
    @Override
    public String toString() {
        return description;
    }
}
