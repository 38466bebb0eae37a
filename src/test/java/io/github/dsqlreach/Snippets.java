package io.github.dsqlreach;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What README and docs show as code, so that tests can hold it against the project. */
public final class Snippets {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w+)\\n(.*?)^```$");
    private static final Pattern INLINE = Pattern.compile("`([^`\\n]+)`");

    private Snippets() {}

    /**
     * A block of code.
     *
     * @param page the file that shows it
     * @param line where it begins
     */
    public record Snippet(Path page, long line, String language, String text) {
        @Override
        public String toString() {
            return page + ":" + line;
        }
    }

    /** All blocks of that language. */
    public static Stream<Snippet> of(String language) {
        return pages().stream().flatMap(page -> {
            String content = read(page);
            return BLOCK.matcher(content)
                    .results()
                    .filter(block -> block.group(1).equals(language))
                    .map(block -> new Snippet(
                            page, content.substring(0, block.start()).lines().count() + 1, language, block.group(2)));
        });
    }

    /** The lines of all shell blocks, without comments; a line that goes on is one with the next. */
    public static Stream<String> shellLines() {
        return of("sh").flatMap(
                        block -> block.text().replaceAll("\\\\\\n\\s*", "").lines())
                .map(line -> line.replaceFirst("(^|\\s+)#.*", "").strip())
                .filter(line -> !line.isEmpty());
    }

    /** What stands in the running text and in tables as code, and begins so. */
    public static Stream<String> inline(String start) {
        return pages().stream()
                .flatMap(page ->
                        INLINE.matcher(BLOCK.matcher(read(page)).replaceAll("")).results())
                .map(code -> code.group(1).replace("\\|", "|"))
                .filter(code -> code.startsWith(start));
    }

    /** The cells of the rows of a page that begin with code in the first one. */
    public static Stream<String[]> rows(String page) {
        Matcher row = Pattern.compile("(?m)^\\| `(.*) \\|$").matcher(read(Path.of("docs", page)));
        return row.results().map(found -> ("`" + found.group(1)).split("(?<!\\\\) \\| ", -1));
    }

    public static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> pages() {
        try (Stream<Path> docs = Files.list(Path.of("docs"))) {
            return Stream.concat(
                            Stream.of("README.md", "CONTRIBUTING.md", "SECURITY.md")
                                    .map(Path::of),
                            docs.filter(file -> file.toString().endsWith(".md")).sorted())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
