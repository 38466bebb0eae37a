package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A long text that a test expects, in a file of its own below {@code src/test/resources/golden}. After a change that is meant,
 * {@code mvn test -Dtest=... -Dgolden.write=true} writes the files anew; the diff shows what changed.
 */
public final class GoldenFile {
    private static final Path DIRECTORY = Path.of("src", "test", "resources", "golden");

    private GoldenFile() {}

    /** Fails if the text is not that of the file. */
    public static void assertMatches(String file, String text) {
        Path path = DIRECTORY.resolve(file);
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
