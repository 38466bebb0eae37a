package io.github.dsqlreach.junit;

import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.internal.Spelling;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.support.AnnotationConsumer;

/** The faults that {@link FaultSource} asks for. */
@SuppressWarnings("NullAway.Init") // by accept()
final class FaultArguments implements ArgumentsProvider, AnnotationConsumer<FaultSource> {
    private FaultSource source;

    @Override
    public void accept(FaultSource annotation) {
        source = annotation;
    }

    /** The form that JUnit 5.10 has; later versions call it too. */
    @Override
    @SuppressWarnings("deprecation")
    public Stream<? extends Arguments> provideArguments(ExtensionContext context) {
        // Lazy, because later versions of JUnit take an exception here for a missing method.
        return Stream.of(source).flatMap(unused -> faults(context)).map(Arguments::of);
    }

    private Stream<Fault> faults(ExtensionContext context) {
        Set<String> names = new LinkedHashSet<>();
        for (String name : source.names()) {
            names.add(TestSettings.replacePlaceholders(name, "@FaultSource(names)", context));
        }
        Arrays.stream(source.value()).map(Enum::name).forEach(names::add);
        names.forEach(this::check);
        List<Fault> faults = Arrays.stream(Fault.values())
                .filter(fault -> fits(fault, names, context))
                .filter(fault -> names.isEmpty() || isWanted(fault.name(), names))
                .toList();
        if (faults.isEmpty()) {
            throw new ExtensionConfigurationException("@FaultSource: mode " + source.mode() + " with " + names
                    + " leaves no fault; there are " + List.of(Fault.values()));
        }
        return faults.stream();
    }

    /** A fault that is named and does not fit stays, so that its test fails. */
    private boolean fits(Fault fault, Set<String> names, ExtensionContext context) {
        boolean isNamed = source.mode() == EnumSource.Mode.INCLUDE && names.contains(fault.name());
        return isNamed
                || (fault.isAtCommit()
                        ? source.inject() && source.upstream().isEmpty() && hasLocalCluster(context)
                        : source.upstream().isEmpty() || fault.isForAnyServer());
    }

    private static boolean hasLocalCluster(ExtensionContext context) {
        return LocalCluster.of(context, Requirement.configuration(context)).isPresent();
    }

    private boolean isWanted(String fault, Set<String> names) {
        return switch (source.mode()) {
            case INCLUDE -> names.contains(fault);
            case EXCLUDE -> !names.contains(fault);
            case MATCH_ALL -> names.stream().allMatch(fault::matches);
            case MATCH_ANY -> names.stream().anyMatch(fault::matches);
            case MATCH_NONE -> names.stream().noneMatch(fault::matches);
        };
    }

    private void check(String name) {
        boolean plain = source.mode() == EnumSource.Mode.INCLUDE || source.mode() == EnumSource.Mode.EXCLUDE;
        List<String> known = Arrays.stream(Fault.values()).map(Enum::name).toList();
        if (plain && !known.contains(name)) {
            throw new ExtensionConfigurationException("@FaultSource: '" + name + "' is not a fault; "
                    + Spelling.hint(name, known, "there are " + String.join(", ", known)));
        }
        try {
            Pattern.compile(name);
        } catch (PatternSyntaxException e) {
            throw new ExtensionConfigurationException(
                    "@FaultSource: '" + name + "' is not a regular expression: " + e.getDescription(), e);
        }
    }
}
