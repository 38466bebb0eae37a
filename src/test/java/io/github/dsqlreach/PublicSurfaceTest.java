package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What users can see is what {@code public-surface.txt} says: whoever changes it changes the list, on purpose. What is public
 * for neighbours only lives in {@code internal} or below it, and is not listed.
 *
 * <pre>{@code mvn -q test -Dtest=PublicSurfaceTest -Dsurface.write=true}</pre>
 */
class PublicSurfaceTest {
    private static final Path LIST = Path.of("src/test/resources/public-surface.txt");
    private static final Path CLASSES = Path.of("target/classes");

    @Test
    void isTheOneThatIsListed() throws IOException {
        List<String> surface = surface();
        if (Boolean.getBoolean("surface.write")) {
            Files.write(LIST, surface);
        }

        assertThat(surface)
                .as("the public surface; if this is on purpose, run mvn -q test -Dtest=PublicSurfaceTest"
                        + " -Dsurface.write=true, and commit the list")
                .isEqualTo(Files.readAllLines(LIST));
    }

    /** Types that may grow must be able to. */
    @Test
    void hasNoConstructorsWithManyParts() throws IOException {
        assertThat(types().flatMap(type -> Arrays.stream(type.getDeclaredConstructors()))
                        .filter(PublicSurfaceTest::isVisible)
                        .filter(constructor -> constructor.getParameterCount() > 5))
                .isEmpty();
    }

    /** Those that users begin with. */
    private static Stream<Class<?>> describedTypes() throws IOException {
        Set<String> ofTheDomain =
                Set.of("Action", "CheckSettings", "Configuration", "InvalidConfigurationException", "Setting");
        return topLevelTypes()
                .filter(type -> type.getPackageName().matches(".*\\.(report|junit|assertj)")
                        || ofTheDomain.contains(type.getSimpleName()));
    }

    private static Stream<Class<?>> topLevelTypes() throws IOException {
        return types().filter(type -> type.getEnclosingClass() == null);
    }

    @ParameterizedTest
    @MethodSource("topLevelTypes")
    void isDescribedInTheDocumentation(Class<?> type) throws IOException {
        try (Stream<Path> pages = Files.list(Path.of("docs"))) {
            assertThat(pages.filter(page -> page.toString().endsWith(".md")).map(Snippets::read))
                    .anyMatch(page -> Pattern.compile("\\b" + type.getSimpleName() + "\\b")
                            .matcher(page)
                            .find());
        }
    }

    @ParameterizedTest
    @MethodSource("describedTypes")
    void hasAnExampleInItsJavadoc(Class<?> type) {
        Path source = Path.of("src/main/java", type.getName().replace('.', '/') + ".java");

        assertThat(Snippets.read(source).split("\npublic ", 2)[0]).contains(" * <pre>{@code");
    }

    private static List<String> surface() throws IOException {
        List<String> lines = new ArrayList<>();
        types().sorted(java.util.Comparator.comparing(Class::getName)).forEach(type -> {
            lines.add(kind(type) + " " + name(type));
            Stream.of(type.getDeclaredFields(), type.getDeclaredConstructors(), type.getDeclaredMethods())
                    .<Member>flatMap(Arrays::stream)
                    .filter(member -> isVisible(member) && !member.isSynthetic())
                    .map(member -> "    " + line(member))
                    .sorted()
                    .forEach(lines::add);
        });
        return lines;
    }

    private static Stream<Class<?>> types() throws IOException {
        try (Stream<Path> files = Files.walk(CLASSES)) {
            return files
                    .map(file -> CLASSES.relativize(file).toString())
                    .filter(file -> file.endsWith(".class") && !file.contains("package-info"))
                    .map(file -> file.substring(0, file.length() - ".class".length())
                            .replace(java.io.File.separatorChar, '.'))
                    .filter(name -> !name.contains(".internal."))
                    .<Class<?>>map(PublicSurfaceTest::load)
                    .filter(PublicSurfaceTest::isOpen)
                    .collect(Collectors.toList())
                    .stream();
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, PublicSurfaceTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isOpen(Class<?> type) {
        return Modifier.isPublic(type.getModifiers())
                && (type.getEnclosingClass() == null || isOpen(type.getEnclosingClass()));
    }

    private static boolean isVisible(Member member) {
        return Modifier.isPublic(member.getModifiers())
                || Modifier.isProtected(member.getModifiers())
                        && !Modifier.isFinal(member.getDeclaringClass().getModifiers());
    }

    private static String kind(Class<?> type) {
        return type.isAnnotation()
                ? "annotation"
                : type.isEnum() ? "enum" : type.isRecord() ? "record" : type.isInterface() ? "interface" : "class";
    }

    private static String line(Member member) {
        String modifiers = Modifier.isStatic(member.getModifiers()) ? "static " : "";
        if (member instanceof Field field) {
            return modifiers + name(field.getAnnotatedType(), field.getType()) + " " + field.getName();
        }
        Executable executable = (Executable) member;
        AnnotatedType[] types = executable.getAnnotatedParameterTypes();
        Class<?>[] raw = executable.getParameterTypes();
        String parameters = IntStream.range(0, raw.length)
                .mapToObj(i -> name(types[i], raw[i]))
                .collect(Collectors.joining(", ", "(", ")"));
        return member instanceof Method method
                ? modifiers + name(method.getAnnotatedReturnType(), method.getReturnType()) + " " + method.getName()
                        + parameters
                : "new " + name(((Constructor<?>) member).getDeclaringClass()) + parameters;
    }

    private static String name(AnnotatedType type, Class<?> raw) {
        return (type.isAnnotationPresent(Nullable.class) ? "@Nullable " : "") + name(raw);
    }

    private static String name(Class<?> type) {
        return type.getTypeName()
                .replace(ArchitectureTest.class.getPackageName() + ".", "")
                .replace("java.lang.", "");
    }
}
