package io.github.dsqlreach.internal.client;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;

/**
 * The source of AWS credentials: the SDK's default chain, a named profile, or the user's own provider. Nothing is looked
 * up before {@link #provider()} is called.
 */
public final class Credentials {
    private static final String DEFAULT_CHAIN = "the AWS SDK's default chain";

    private final String description;
    private final @Nullable String profileName;
    private final Supplier<AwsCredentialsProvider> provider;
    private final boolean owned;

    private Credentials(
            String description,
            @Nullable String profileName,
            Supplier<AwsCredentialsProvider> provider,
            boolean owned) {
        this.description = description;
        this.profileName = profileName;
        this.provider = provider;
        this.owned = owned;
    }

    /** The SDK's default chain: system properties, environment, web identity, profile, container, instance. */
    public static Credentials defaultChain() {
        return new Credentials(
                DEFAULT_CHAIN, null, () -> DefaultCredentialsProvider.builder().build(), true);
    }

    /** A profile of the AWS configuration files, for example {@code Credentials.profile("test")}. */
    public static Credentials profile(String name) {
        Objects.requireNonNull(name, "name");
        return new Credentials("the profile '" + name + "'", name, () -> ProfileCredentialsProvider.create(name), true);
    }

    /** The user's own provider. */
    public static Credentials of(AwsCredentialsProvider provider) {
        Objects.requireNonNull(provider, "provider");
        return new Credentials(describe(provider), null, () -> provider, false);
    }

    private static String describe(AwsCredentialsProvider provider) {
        Class<?> type = provider.getClass();
        if (provider instanceof DefaultCredentialsProvider) {
            return DEFAULT_CHAIN;
        }
        // The name of a lambda or an anonymous class means nothing to a reader.
        return type.isHidden() || type.isSynthetic() || type.isAnonymousClass()
                ? "the given credentials provider"
                : type.getSimpleName();
    }

    /** The name of the profile; empty for another source. */
    public Optional<String> profileName() {
        return Optional.ofNullable(profileName);
    }

    /** The provider. For the default chain and a profile, each call makes a new one. */
    public AwsCredentialsProvider provider() {
        return provider.get();
    }

    /** Whether {@link #provider()} makes a new provider, which the caller must close. */
    public boolean isOwned() {
        return owned;
    }

    /** The source as a text, for messages. */
    @Override
    public String toString() {
        return description;
    }
}
