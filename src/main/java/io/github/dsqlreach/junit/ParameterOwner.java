package io.github.dsqlreach.junit;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ParameterContext;

/**
 * Tells whether a parameter is meant for another extension: two that claim the same one are an error of JUnit. The others are
 * known by the names of their annotations, so that none of them is needed on the class path.
 */
final class ParameterOwner {
    /** On a constructor or its class, these claim all of its parameters. */
    private static final Set<String> OF_ALL = Set.of("Autowired", "Inject", "TestConstructor");

    private ParameterOwner() {}

    /** Whether it may be ours, by its annotations. */
    static boolean isOurs(ParameterContext parameter) {
        return parameter.isAnnotated(Dsql.class)
                || Stream.of(parameter.getParameter().getAnnotations()).noneMatch(ParameterOwner::isForeign)
                        && !(parameter.getDeclaringExecutable() instanceof Constructor<?> constructor
                                && isOthers(constructor));
    }

    private static boolean isForeign(Annotation annotation) {
        Class<?> type = annotation.annotationType();
        return type != Dsql.class
                && type != ThroughFault.class
                && !type.getSimpleName().toLowerCase(Locale.ROOT).contains("null");
    }

    private static boolean isOthers(Constructor<?> constructor) {
        return Stream.<AnnotatedElement>of(constructor, constructor.getDeclaringClass())
                .flatMap(element -> Stream.of(element.getAnnotations()))
                .anyMatch(annotation ->
                        OF_ALL.contains(annotation.annotationType().getSimpleName()));
    }
}
