package io.github.dsqlreach.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.CiCommands;
import io.github.dsqlreach.Setting;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DoctorTest {
    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h", "check --help", "compare --help", "simulate --help", "summary --help"})
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
        assertThat(Run.of("@/etc/hostname").err()).contains("invalid DSQL endpoint '***@/etc/hostname'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a:hunter2@host",
                "a:hun/hunter2@host",
                "jdbc:postgresql://a:pa/hunter2@host/postgres",
                "jdbc:postgresql://a:pa?hunter2@host/postgres",
                "jdbc:postgresql://host:0/postgres?pwd=hunter2",
                "jdbc:postgresql://host:0/postgres?pass%77ord=hunter2&sslmode=require",
                "jdbc:postgresql://host:0/postgres?hunter2",
                "jdbc:postgresql://host/postgres?x=hunter2%zz",
                "host --token=hunter2",
                "host --token hunter2",
                "--token hunter2",
                "host -phunter2",
                "host a:hunter2@b",
                "host --connect-to a:hunter2@b",
                "host --region a:hunter2@b",
                "compare --token=hunter2 x.json y.json",
                "simulate TLS_RESET --password=hunter2"
            })
    void quotesNoPasswordOfWhatItDoesNotUnderstand(String arguments) {
        Run run = Run.of(arguments.split(" "));

        assertThat(run.exit()).isEqualTo(64);
        assertThat(run.err()).isNotEmpty().doesNotContain("hunter2");
    }

    @Test
    void namesWhatItDoesNotUnderstand() {
        assertThat(Run.of("host", "--token=x", "-p5432").err()).contains("unknown option --token, -p");
        assertThat(Run.of("simulte", "TLS_RESET").err())
                .contains("too many arguments: TLS_RESET; did you mean simulate?");
        assertThat(Run.of("host:0/x?pwd=x&sslmode=require").err()).contains("host:0/x?pwd=***&sslmode=require");
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

    @Test
    void hasTheOptionsThatRemediesName() {
        Pattern option = Pattern.compile("`(--[a-z-]+)[^`]*` of the doctor");
        List<String> named = Stream.of(Cause.values())
                .flatMap(cause -> cause.remedies().stream())
                .flatMap(remedy -> option.matcher(remedy.text()).results())
                .map(match -> match.group(1))
                .distinct()
                .toList();

        assertThat(named)
                .contains("--wait-for", "--negotiation", "--root-cert")
                .allSatisfy(name ->
                        assertThat(Setting.all().stream().map(Setting::option)).contains(Optional.of(name)));
    }
}
