package io.github.dsqlreach.report;

import io.github.dsqlreach.PhaseResult;
import java.io.Console;
import java.nio.charset.Charset;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether text for a console has colours and characters beyond ASCII.
 *
 * <pre>{@code
 * System.out.print(Report.of(reachability).text(TextStyle.detect()));
 * }</pre>
 *
 * @param colour whether to use colours
 * @param unicode whether to use marks and lines beyond ASCII
 */
public record TextStyle(boolean colour, boolean unicode) {
    private static final String MARKS = "✓✗–…•│├┤─►◄●";

    /** No colours, but marks and lines beyond ASCII. */
    public static TextStyle plain() {
        return new TextStyle(false, true);
    }

    /** No colours, only ASCII. */
    public static TextStyle ascii() {
        return new TextStyle(false, false);
    }

    /**
     * What this JVM's standard output can show: colours on a terminal unless {@code NO_COLOR} is set or {@code TERM}
     * is {@code dumb}, and marks beyond ASCII if the encoding has them.
     */
    public static TextStyle detect() {
        Console console = System.console();
        Charset charset = console != null ? console.charset() : outputCharset();
        return of(System.getenv(), isTerminal(console), charset);
    }

    static TextStyle of(Map<String, String> environment, boolean terminal, Charset charset) {
        boolean wanted = environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "").equals("dumb");
        return new TextStyle(
                terminal && wanted, charset.canEncode() && charset.newEncoder().canEncode(MARKS));
    }

    /** From Java 22 on there is a console even without a terminal, and a method that tells them apart. */
    private static boolean isTerminal(@Nullable Console console) {
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    private static Charset outputCharset() {
        String name = System.getProperty("stdout.encoding", System.getProperty("native.encoding", ""));
        try {
            return Charset.forName(name);
        } catch (IllegalArgumentException e) {
            return Charset.defaultCharset();
        }
    }

    String passed(String text) {
        return paint("32", text);
    }

    String failed(String text) {
        return paint("31", text);
    }

    String strong(String text) {
        return paint("1", text);
    }

    String dim(String text) {
        return paint("2", text);
    }

    /** A mark and the rest of its line; of a passed phase only the mark is coloured. */
    String marked(PhaseResult.Status status, String mark, String rest) {
        return switch (status) {
            case PASSED -> passed(mark) + rest;
            case FAILED -> failed(mark + rest);
            case NOT_REACHED -> dim(mark + rest);
        };
    }

    private String paint(String code, String text) {
        return colour && !text.isBlank() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }

    /** The text, in ASCII if the console shows nothing else. */
    String finish(String text) {
        return unicode ? text : toAscii(text);
    }

    private static String toAscii(String text) {
        StringBuilder ascii = new StringBuilder(text.length());
        text.chars().forEach(c -> ascii.append(c < 128 ? String.valueOf((char) c) : toAscii((char) c)));
        return ascii.toString();
    }

    private static String toAscii(char c) {
        return switch (c) {
            case '✓', '├', '┤' -> c == '✓' ? "+" : "|";
            case '✗' -> "x";
            case '–', '─' -> "-";
            case '•' -> "*";
            case '·' -> ".";
            case '│', '┊' -> "|";
            case '►' -> ">";
            case '◄' -> "<";
            case '●' -> "o";
            case '…' -> "...";
            case '’', '‘' -> "'";
            case '“', '”' -> "\"";
            default -> String.format("\\u%04x", (int) c);
        };
    }
}
