package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Texts with which a server would command whoever reads the log, and the readers that must not find a command. */
public final class CiCommands {
    private static final String ESCAPE = "\u001b";

    private static final List<String> COMMANDS = List.of(
            // GitHub Actions, in its present and its older form.
            "::error::owned",
            "::add-mask::a",
            "::set-output name=x::y",
            "::stop-commands::pause",
            ":::warning file=a::b",
            "##[error]gone",
            "##[add-mask]x",
            // Azure Pipelines.
            "##vso[task.setvariable variable=x;isSecret=true]y",
            "##VSO[task.complete result=Failed;]done",
            "##[group]closed",
            // TeamCity.
            "##teamcity[buildStop comment='x']",
            "###teamcity[setParameter name='a' value='b']",
            // Buildkite.
            "--- closed",
            "+++ open",
            "~~~ dim",
            "^^^ +++",
            ESCAPE + "]1339;url='http://evil.example'" + "\u0007",
            ESCAPE + "]1338;url='http://evil.example/a.png'" + "\u0007",
            // GitLab, Travis.
            ESCAPE + "[0Ksection_start:1560896352:mine[collapsed=true]\r" + ESCAPE + "[0Khidden",
            "section_end:1560896352:mine\r" + ESCAPE + "[0K",
            "travis_fold:start:mine\r",
            // Jenkins: a console note, and a plugin that attaches files.
            ESCAPE + "[8mha:AAAA" + ESCAPE + "[0m",
            "[[ATTACHMENT|/etc/passwd]]",
            "[[attachment|/etc/passwd]]",
            "Section_Start:1:mine",
            // Terminals: colours, a link, the title, a line overwritten, C1 as one character.
            ESCAPE + "[31mred" + ESCAPE + "[0m",
            ESCAPE + "]8;;http://evil.example" + ESCAPE + "\\link" + ESCAPE + "]8;;" + ESCAPE + "\\",
            ESCAPE + "]0;title\u0007",
            "\u009b2J",
            "\u009d0;title\u009c",
            "passed\rfailed",
            "good\b\b\b\bevil",
            "\u202egnp.exe",
            "\u2067hidden\u2069");

    /** What runners trim, or what is invisible, in front of a command. */
    private static final List<String> FRONTS = List.of(
            "",
            " ",
            "\t",
            "\n",
            "\r",
            "\r\n",
            "\u000b",
            "\f",
            "\u0085",
            "\u00a0",
            "\u1680",
            "\u2003",
            "\u2028",
            "\u2029",
            "\u202f",
            "\u205f",
            "\u3000",
            "\ufeff",
            "\u200b",
            "\u200d",
            "\u2060",
            "\u00ad",
            "\u034f",
            "\u180e",
            "\ufe0f",
            "\u115f",
            "\udb40\udc41",
            "x\n",
            "word ",
            // As long as a line of a report is wide, so that a command begins the next one.
            "x".repeat(96) + " ",
            "y".repeat(98),
            "z".repeat(80),
            "w".repeat(60));

    private static final Pattern GITHUB = Pattern.compile("::[A-Za-z_-]+( [^:]*)?::.*");
    private static final Pattern ANYWHERE =
            Pattern.compile("(?i)##[\\w-]*\\[|\\[\\[ATTACHMENT\\||" + "(section_(start|end)|travis_(fold|time)):");
    private static final Pattern BUILDKITE = Pattern.compile("(---|\\+\\+\\+|~~~|\\^\\^\\^)(\\s.*)?");

    private CiCommands() {}

    /** Every command behind everything that may stand in front of it. */
    public static Stream<String> corpus() {
        return FRONTS.stream().flatMap(front -> COMMANDS.stream().map(command -> front + command));
    }

    /** All of them, a few in each text, so that it is bearably long. */
    public static List<String> texts() {
        List<String> texts = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (String entry : corpus().toList()) {
            if (text.length() + entry.length() > 350) {
                texts.add(text.toString());
                text.setLength(0);
            }
            text.append(entry).append('\n');
        }
        texts.add(text.toString());
        return texts;
    }

    /** No CI service and no terminal finds a command in there. */
    public static void assertHarmless(String output) {
        assertHarmless(output, List.of());
    }

    /** But for lines that begin so: our own commands. */
    public static void assertHarmless(String output, List<String> own) {
        assertThat(output.codePoints()
                        .filter(c -> c != '\n' && (Character.isISOControl(c) || isHidden(c)))
                        .mapToObj(Integer::toHexString))
                .as("control and hidden characters in:%n%s", output)
                .isEmpty();
        for (String line : output.split("\\R")) {
            String seen = own.stream()
                    .filter(line::startsWith)
                    .findFirst()
                    .map(start -> line.substring(start.length()))
                    .orElse(line);
            String trimmed = seen.replaceAll("^[\\s\\p{Z}]+", "");
            assertThat(GITHUB.matcher(trimmed).matches()).as(line).isFalse();
            assertThat(ANYWHERE.matcher(seen).find()).as(line).isFalse();
            assertThat(BUILDKITE.matcher(seen).matches()).as(line).isFalse();
        }
    }

    private static boolean isHidden(int c) {
        return Character.getType(c) == Character.FORMAT
                || "\u2028\u2029\u034f\u115f".indexOf(c) >= 0
                || c >= 0xfe00 && c <= 0xfe0f;
    }
}
