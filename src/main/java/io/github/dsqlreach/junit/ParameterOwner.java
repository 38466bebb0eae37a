package io.github.dsqlreach.junit;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Decides which extension resolves a parameter, because JUnit rejects two that claim the same one. Other libraries are recognized
 * by the names of their annotations, so that none of them is needed on the class path; our own extensions register here.
 */
final class ParameterOwner {
    /** On a constructor or its class, these claim all of its parameters. */
    private static final Set<String> OF_ALL = Set.of("Autowired", "Inject", "TestConstructor");

    private ParameterOwner() {}

    /** From here on only that extension of ours resolves the parameters of this type of methods. */
    static void take(Class<?> type, ExtensionContext context, ParameterResolver owner) {
        context.getStore(RunStore.NAMESPACE).put(List.of(ParameterOwner.class, type), owner);
    }

    /** The extension that {@link #take took} the parameters of this type. */
    static Optional<Object> of(Class<?> type, ExtensionContext context) {
        return Optional.ofNullable(context.getStore(RunStore.NAMESPACE).get(List.of(ParameterOwner.class, type)));
    }

    /** Whether an extension of ours {@link #take took} it. */
    static boolean isTaken(ParameterContext parameter, ExtensionContext context) {
        return parameter.getDeclaringExecutable() instanceof Method
                && of(parameter.getParameter().getType(), context).isPresent();
    }

    /** Whether it is ours by its annotations. */
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
