package io.github.dsqlreach.cli;

import io.github.dsqlreach.internal.Spelling;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The format of a report. */
enum Format {
    TEXT,
    JSON,
    MARKDOWN,
    HTML;

    /** Reads an option's value. */
    static final class Converter implements ITypeConverter<Format> {
        @Override
        public Format convert(String value) {
            List<String> known = Arrays.stream(values())
                    .map(format -> format.name().toLowerCase(Locale.ROOT))
                    .toList();
            return Spelling.constant(value, Format.class)
                    .orElseThrow(() -> new TypeConversionException("'" + value + "' is not a format; "
                            + Spelling.hint(value, known, "allowed are " + String.join(", ", known))));
        }
    }
}
