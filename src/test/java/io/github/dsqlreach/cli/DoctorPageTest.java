package io.github.dsqlreach.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Snippets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What README and docs show of the doctor is what it understands. */
class DoctorPageTest {
    private static final Pattern ARGUMENT = Pattern.compile("\"([^\"]*)\"|(\\S+)");
    private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]+");

    static Stream<String> commands() {
        Pattern jar = Pattern.compile("^java -(?:jar \\S+-cli\\.jar|cp \\S+ io\\.github\\.dsqlreach\\.cli\\.Doctor)");
        return Stream.concat(
                        Snippets.shellLines().map(line -> jar.matcher(line).replaceFirst("doctor")),
                        Snippets.inline("doctor "))
                .filter(line -> line.startsWith("doctor "))
                .distinct();
    }

    /** With {@code --help}, nothing is done but to read the command line. */
    @ParameterizedTest
    @MethodSource("commands")
    void isACommandLine(String command) {
        List<String> arguments = new ArrayList<>();
        Matcher argument = ARGUMENT.matcher(command.replaceFirst("^doctor", "").replaceFirst("\\s[|>].*", ""));
        while (argument.find()) {
            arguments.add(argument.group(1) == null ? argument.group(2) : argument.group(1));
        }
        String last = arguments.get(arguments.size() - 1);
        if (!last.equals("--help")) {
            arguments.add("--help");
        }

        Run run = Run.of(arguments.toArray(String[]::new));

        // An option that is only spoken of has no value there.
        if (!run.err().contains("Expected parameter for option '" + last + "'")) {
            assertThat(run.err()).isEmpty();
            assertThat(run.exit()).isZero();
        }
    }

    @Test
    void describesEachOptionAndNoOther() {
        Set<String> described = Snippets.rows("doctor.md")
                .map(cells -> cells[0])
                .filter(cell -> cell.startsWith("`--"))
                .flatMap(DoctorPageTest::options)
                .collect(Collectors.toSet());
        Set<String> understood = Stream.of("", "compare", "simulate", "summary")
                .map(command -> (command + " --help").strip().split(" "))
                .flatMap(arguments -> options(Run.of(arguments).out()))
                .collect(Collectors.toSet());

        assertThat(understood).containsAll(described);
        assertThat(described).containsAll(options(Run.of("--help").out()).toList());
    }

    private static Stream<String> options(String text) {
        return OPTION.matcher(text).results().map(option -> option.group());
    }
}
