package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Configuration.Source;
import io.github.dsqlreach.Configuration.Value;
import io.github.dsqlreach.Setting;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.ReflectionSupport;
import org.junit.platform.engine.UniqueId;

/** The sources of settings that a test has: annotation, JUnit configuration parameters, system properties, environment. */
final class TestSettings {
    private TestSettings() {}

    /** What was said about the environment already. */
    private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

    /**
     * The settings of a run, without any annotation.
     *
     * @throws io.github.dsqlreach.InvalidConfigurationException if one is set that there is not
     */
    static Configuration of(ExtensionContext context) {
        Configuration system = Configuration.ofSystem();
        system.checkProperties();
        ReachabilitySummaryListener.of(context.getUniqueId())
                .ifPresent(listener -> Configuration.checkKeys("JUnit configuration parameter", listener.parameters()));
        Configuration.checkKeys("parameter of a suite", parametersOfSuites(context.getUniqueId()));
        system.unknownVariables().stream().filter(SAID::add).forEach(line -> System.out.println("dsql-reach: " + line));
        return system.preferring(parameters(context));
    }

    /** The settings of a run and, stronger, the attributes of an annotation. */
    static Configuration of(ExtensionContext context, RequiresDsqlReachability annotation, AnnotatedElement element) {
        return of(context)
                .preferring(Source.of(
                        attributes(annotation),
                        setting -> "@RequiresDsqlReachability(" + setting.attribute() + ") on " + name(element)));
    }

    /** JUnit tells nobody their names; and a run without suites has no such annotation on its class path. */
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

    /** JUnit answers for system properties too: then the message shall say so. */
    private static Source parameters(ExtensionContext context) {
        return setting -> context.getConfigurationParameter(setting.key()).map(text -> {
            boolean property = Objects.equals(System.getProperty(setting.key()), text);
            return new Value(text, (property ? "system property " : "JUnit configuration parameter ") + setting.key());
        });
    }

    /** An attribute that has its default is not set. */
    private static Map<Setting<?>, String> attributes(RequiresDsqlReachability annotation) {
        Map<Setting<?>, String> set = new LinkedHashMap<>();
        for (Setting<?> setting : Setting.all()) {
            ReflectionSupport.findMethod(RequiresDsqlReachability.class, setting.attribute())
                    .ifPresent(attribute -> {
                        Object value = ReflectionSupport.invokeMethod(attribute, annotation);
                        if (!value.equals(attribute.getDefaultValue())) {
                            set.put(setting, text(value));
                        }
                    });
        }
        return set;
    }

    private static String text(Object value) {
        return value instanceof Class<?> type ? type.getName() : value.toString();
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
