package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.InvalidConfigurationException;
import io.github.dsqlreach.Setting;
import java.lang.reflect.Method;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.ModifierSupport;
import org.junit.platform.commons.support.ReflectionSupport;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;

/**
 * Where AWS credentials come from. Equal by {@code identity}, so that equal settings share one check although each run makes a
 * provider of its own.
 */
record CredentialsChoice(Object identity, AwsCredentialsProvider provider) {

    /** The provider of the configured class; empty if none is configured. */
    static Optional<CredentialsChoice> configured(Configuration configuration, ExtensionContext context) {
        return configuration.value(Setting.CREDENTIALS_PROVIDER).map(value -> {
            Class<?> type = load(value, context);
            return new CredentialsChoice(
                    type,
                    RunStore.computeOnce(context, type, () -> instantiate(type, value), CredentialsChoice::close));
        });
    }

    /** The AWS SDK's choice, for that profile if there is one. */
    static AwsCredentialsProvider standard(Optional<String> profile, ExtensionContext context) {
        return RunStore.computeOnce(
                context,
                "credentials of profile " + profile,
                () -> {
                    DefaultCredentialsProvider.Builder builder = DefaultCredentialsProvider.builder();
                    profile.ifPresent(builder::profileName);
                    return builder.build();
                },
                CredentialsChoice::close);
    }

    private static void close(AwsCredentialsProvider provider) throws Exception {
        if (provider instanceof AutoCloseable closeable) {
            closeable.close();
        }
    }

    private static Class<?> load(Configuration.Value value, ExtensionContext context) {
        try {
            ClassLoader loader = context.getTestClass()
                    .map(Class::getClassLoader)
                    .orElseGet(() -> Thread.currentThread().getContextClassLoader());
            Class<?> type = Class.forName(value.text(), false, loader);
            if (AwsCredentialsProvider.class.isAssignableFrom(type)) {
                return type;
            }
            throw invalid(value, "it is not an AwsCredentialsProvider", null);
        } catch (ClassNotFoundException | LinkageError e) {
            throw invalid(value, "it cannot be loaded (" + e + ")", e);
        }
    }

    private static AwsCredentialsProvider instantiate(Class<?> type, Configuration.Value value) {
        Optional<Method> factory = ReflectionSupport.findMethod(type, "create")
                .filter(method -> method.getDeclaringClass() == type)
                .filter(ModifierSupport::isStatic)
                .filter(method -> AwsCredentialsProvider.class.isAssignableFrom(method.getReturnType()));
        try {
            Object made = factory.isPresent()
                    ? ReflectionSupport.invokeMethod(factory.get(), null)
                    : ReflectionSupport.newInstance(type);
            return AwsCredentialsProvider.class.cast(Objects.requireNonNull(made, "create() returned null"));
        } catch (Exception | LinkageError e) {
            throw invalid(value, "it cannot be created (" + e + ")", e);
        }
    }

    private static InvalidConfigurationException invalid(
            Configuration.Value value, String reason, @Nullable Throwable cause) {
        return new InvalidConfigurationException(
                Setting.CREDENTIALS_PROVIDER + " is '" + value.text() + "' (" + value.origin() + "): " + reason
                        + "; allowed is the name of an AwsCredentialsProvider class with a static method create() or a"
                        + " constructor, either without parameters",
                cause);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CredentialsChoice that && identity.equals(that.identity);
    }

    @Override
    public int hashCode() {
        return identity.hashCode();
    }
}
