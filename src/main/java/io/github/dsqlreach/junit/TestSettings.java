package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Configuration.Value;
import io.github.dsqlreach.InvalidConfigurationException;
import io.github.dsqlreach.Setting;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.ReflectionSupport;
import org.junit.platform.engine.UniqueId;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** The settings of tests: from the annotation, JUnit's configuration parameters, system properties, the environment. */
final class TestSettings {
    /** Warnings that this JVM has printed. */
    private static final Set<String> WARNED = ConcurrentHashMap.newKeySet();

    private TestSettings() {}

    /**
     * The settings of a run, without any annotation.
     *
     * @throws InvalidConfigurationException if an unknown setting is set
     */
    static Configuration of(ExtensionContext context) {
        Configuration system = Configuration.ofSystem();
        system.checkProperties();
        ReachabilitySummaryListener.of(context.getUniqueId())
                .ifPresent(listener -> Configuration.checkKeys("JUnit configuration parameter", listener.parameters()));
        Configuration.checkKeys("parameter of a suite", parametersOfSuites(context.getUniqueId()));
        system.unknownVariables().stream()
                .filter(WARNED::add)
                .forEach(line -> System.out.println("dsql-reach: " + line));
        return system.lookingUp(name -> context.getConfigurationParameter(name).orElse(null))
                .preferring(setting -> parameter(setting, context));
    }

    /** The settings of a run; the attributes of that annotation win. */
    static Configuration of(ExtensionContext context, RequiresDsqlReachability annotation, AnnotatedElement element) {
        Map<Setting<?>, Value> attributes = Attributes.of(annotation, element);
        return of(context).preferring(setting -> Optional.ofNullable(attributes.get(setting)));
    }

    /**
     * A text of an annotation, its placeholders replaced.
     *
     * @param attribute for example {@code @InjectFault(upstream)}
     * @throws ExtensionConfigurationException if a placeholder has no value
     */
    static String replacePlaceholders(String text, String attribute, ExtensionContext context) {
        try {
            return text.contains("${") ? of(context).replacePlaceholders(text, attribute) : text;
        } catch (InvalidConfigurationException e) {
            throw new ExtensionConfigurationException(e.getMessage(), e);
        }
    }

    /** JUnit does not tell an extension which parameters a suite has. Without suites their annotation is not on the class path. */
    private static Set<String> parametersOfSuites(String uniqueId) {
        return UniqueId.parse(uniqueId).getSegments().stream()
                .filter(segment -> segment.getType().equals("suite"))
                .flatMap(suite -> ReflectionSupport.tryToLoadClass(suite.getValue()).toOptional().stream())
                .flatMap(TestSettings::parametersOf)
                .collect(Collectors.toSet());
    }

    private static Stream<String> parametersOf(Class<?> suite) {
        return ReflectionSupport.tryToLoadClass("org.junit.platform.suite.api.ConfigurationParameter")
                .toOptional()
                .map(type -> AnnotationSupport.findRepeatableAnnotations(suite, type.asSubclass(Annotation.class)))
                .stream()
                .flatMap(List::stream)
                .map(parameter -> ReflectionSupport.findMethod(parameter.annotationType(), "key")
                        .map(key -> (String) ReflectionSupport.invokeMethod(key, parameter))
                        .orElseThrow());
    }

    /** JUnit looks for system properties too; then the origin names the property. */
    private static Optional<Value> parameter(Setting<?> setting, ExtensionContext context) {
        return context.getConfigurationParameter(setting.key()).map(text -> {
            boolean property = Objects.equals(System.getProperty(setting.key()), text);
            return new Value(text, (property ? "system property " : "JUnit configuration parameter ") + setting.key());
        });
    }

    /** The attributes of an annotation. A class of its own, because fault tests run without the AWS SDK, which it needs. */
    private static final class Attributes {
        private static final Map<Setting<?>, Method> ALL = new LinkedHashMap<>();

        static {
            for (Setting<?> setting : Setting.all()) {
                ReflectionSupport.findMethod(RequiresDsqlReachability.class, setting.attribute())
                        .ifPresent(attribute -> ALL.put(setting, attribute));
            }
        }

        /** Those that are set. */
        static Map<Setting<?>, Value> of(RequiresDsqlReachability annotation, AnnotatedElement element) {
            Map<Setting<?>, Value> set = new HashMap<>();
            ALL.forEach((setting, attribute) -> {
                String origin = "@RequiresDsqlReachability(" + attribute.getName() + ") on " + name(element);
                value(ReflectionSupport.invokeMethod(attribute, annotation), setting, origin)
                        .ifPresent(value -> set.put(setting, new Value(value, origin)));
            });
            return set;
        }

        private static Optional<Object> value(Object value, Setting<?> setting, String origin) {
            if (value instanceof Object[] values) {
                if (values.length > 1) {
                    throw new InvalidConfigurationException(
                            setting + " is " + Arrays.toString(values) + " (" + origin + "); allowed is one value");
                }
                return Arrays.stream(values).findFirst();
            }
            if (value instanceof Class<?> type) {
                return type == AwsCredentialsProvider.class ? Optional.empty() : Optional.of(type.getName());
            }
            return Optional.of(value);
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
}
