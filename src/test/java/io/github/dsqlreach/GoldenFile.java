package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A long text that a test expects: a file of its own below {@code src/test/resources/golden}, or parts of a page of the
 * documentation. After a change that is meant, {@code mvn test -Dtest=... -Dgolden.write=true} writes them anew; the diff shows
 * what changed.
 */
public final class GoldenFile {
    private static final Path DIRECTORY = Path.of("src", "test", "resources", "golden");

    private GoldenFile() {}

    /** Fails if the text is not that of the file. */
    public static void assertMatches(String file, String text) {
        assertIs(DIRECTORY.resolve(file), text);
    }

    /** Fails if the text is not that of the file of the documentation. */
    public static void assertFile(Path file, String text) {
        assertIs(file, text);
    }

    /**
     * Fails if a part of a page is not that text.
     *
     * @param parts by their names, which stand in comments around them: {@code printed: NAME} and {@code end: NAME}
     */
    public static void assertContains(Path page, Map<String, String> parts) {
        try {
            String text = Files.readString(page).replace("\r\n", "\n");
            for (Map.Entry<String, String> part : parts.entrySet()) {
                String begin = "<!-- printed: " + part.getKey() + " -->\n";
                String end = "<!-- end: " + part.getKey() + " -->\n";
                assertThat(text).containsOnlyOnce(begin).containsOnlyOnce(end);
                text = text.substring(0, text.indexOf(begin) + begin.length()) + "\n" + part.getValue() + "\n"
                        + text.substring(text.indexOf(end));
            }
            assertIs(page, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertIs(Path path, String text) {
        try {
            if (Boolean.getBoolean("golden.write")) {
                Files.createDirectories(path.getParent());
                Files.writeString(path, text);
            }
            assertThat(text)
                    .as("%s; -Dgolden.write=true writes it anew", path)
                    .isEqualTo(Files.readString(path).replace("\r\n", "\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
