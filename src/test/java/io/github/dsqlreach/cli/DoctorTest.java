package io.github.dsqlreach.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.CiCommands;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DoctorTest {
    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h", "check --help", "compare --help", "simulate --help"})
    void explainsItself(String arguments) {
        Run run = Run.of(arguments.split(" "));

        assertThat(run.exit()).isZero();
        assertThat(run.out()).startsWith("Usage: doctor").contains("--format");
        assertThat(run.out().lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
        assertThat(run.err()).isEmpty();
    }

    @Test
    void tellsItsExitCodes() {
        assertThat(Run.of("--help").out()).containsSubsequence("Exit codes", " 0 ", " 1 ", " 2 ", " 3 ", " 64 ");
    }

    @Test
    void tellsItsVersion() {
        Run run = Run.of("--version");

        assertThat(run.exit()).isZero();
        assertThat(run.out()).startsWith("dsql-reach ").contains("Java " + System.getProperty("java.version"));
    }

    @Test
    void refusesWhatStandsBeforeACommandRatherThanIgnoreIt() {
        Run option = Run.of("--format", "html", "compare", "a.json");
        Run host = Run.of("abc.dsql.us-east-1.on.aws", "compare", "a.json");

        assertThat(option.exit()).isEqualTo(64);
        assertThat(option.err()).contains("'compare' is a command and must come first");
        assertThat(host.exit()).isEqualTo(64);
    }

    @Test
    void readsNoArgumentsFromFiles() {
        assertThat(Run.of("@/etc/hostname").err()).contains("invalid DSQL endpoint '@/etc/hostname'");
    }

    @Test
    void commandsNobodyWhenItQuotesWhatItDoesNotUnderstand() {
        for (String text : CiCommands.texts()) {
            for (Run run : List.of(
                    Run.of(text),
                    Run.of("--" + text),
                    Run.of("host", "--format", text),
                    Run.of("compare", text, "b"))) {
                assertThat(run.exit()).isEqualTo(64);
                CiCommands.assertHarmless(run.err());
            }
        }
    }
}
