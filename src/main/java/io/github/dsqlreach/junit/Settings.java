package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Configuration.Source;
import io.github.dsqlreach.Configuration.Value;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Setting;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.extension.ExtensionContext;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** The sources of settings that a test has: annotation, JUnit configuration parameters, system properties, environment. */
final class Settings {
    private Settings() {}

    /** The settings of a run, without any annotation. */
    static Configuration of(ExtensionContext context) {
        return Configuration.ofSystem().preferring(parameters(context));
    }

    /** The settings of a run and, stronger, the attributes of an annotation. */
    static Configuration of(ExtensionContext context, RequiresDsqlReachability annotation, AnnotatedElement element) {
        return of(context)
                .preferring(Source.of(
                        attributes(annotation),
                        setting -> "@RequiresDsqlReachability(" + setting.attribute() + ") on " + name(element)));
    }

    /** JUnit answers for system properties too: then the message shall say so. */
    private static Source parameters(ExtensionContext context) {
        return setting -> context.getConfigurationParameter(setting.key()).map(text -> {
            boolean property = Objects.equals(System.getProperty(setting.key()), text);
            return new Value(text, (property ? "system property " : "JUnit configuration parameter ") + setting.key());
        });
    }

    private static Map<Setting, String> attributes(RequiresDsqlReachability annotation) {
        Map<Setting, String> set = new EnumMap<>(Setting.class);
        put(set, Setting.ENDPOINT, annotation.endpoint());
        put(set, Setting.REGION, annotation.region());
        put(set, Setting.USER, annotation.user());
        put(set, Setting.NEGOTIATION, annotation.negotiation(), NegotiationMode.DEFAULT);
        put(set, Setting.CONNECT_TO, annotation.connectTo());
        put(set, Setting.ROOT_CERTIFICATE, annotation.rootCertificate());
        put(set, Setting.THROUGH, annotation.through(), Phase.QUERY);
        put(set, Setting.TIMEOUT, annotation.timeout());
        put(set, Setting.WAIT_FOR, annotation.waitFor());
        put(set, Setting.PROFILE, annotation.profile());
        if (annotation.credentialsProvider() != AwsCredentialsProvider.class) {
            set.put(
                    Setting.CREDENTIALS_PROVIDER,
                    annotation.credentialsProvider().getName());
        }
        put(set, Setting.ON_BLOCKED, annotation.onBlocked(), Action.DEFAULT);
        put(set, Setting.ON_UNAVAILABLE, annotation.onUnavailable(), Action.DEFAULT);
        put(set, Setting.ON_DENIED, annotation.onDenied(), Action.DEFAULT);
        put(set, Setting.ON_MISCONFIGURED, annotation.onMisconfigured(), Action.DEFAULT);
        put(set, Setting.ON_UNKNOWN, annotation.onUnknown(), Action.DEFAULT);
        put(set, Setting.ON_NOT_CONFIGURED, annotation.onNotConfigured(), Action.DEFAULT);
        return set;
    }

    private static void put(Map<Setting, String> set, Setting setting, String value) {
        if (!value.isBlank()) {
            set.put(setting, value);
        }
    }

    private static <E extends Enum<E>> void put(Map<Setting, String> set, Setting setting, E value, E unset) {
        if (value != unset) {
            set.put(setting, value.name());
        }
    }

    private static String name(AnnotatedElement element) {
        if (element instanceof Class<?> type) {
            return type.getName();
        }
        return element instanceof Method method
                ? method.getDeclaringClass().getName() + "." + method.getName()
                : element.toString();
    }
}
