package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README's quick start shows is what its sample holds, and that compiles. */
class QuickStartTest {
    private static final Path SAMPLE = Path.of("samples", "quick-start");
    private static final Path TEST = SAMPLE.resolve(Path.of("src", "test", "java", "FirstTest.java"));

    @Test
    void theReadmeShowsTheSamplesTest() throws IOException {
        assertThat(block("java")).isEqualTo(Files.readString(TEST).strip());
    }

    @Test
    void theReadmeShowsTheSamplesDependencies() throws IOException {
        assertThat(words(Files.readString(SAMPLE.resolve("pom.xml")))).contains(words(block("xml")));
    }

    @Test
    void theSamplesTestCompiles(@TempDir Path target) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaints = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(
                            complaints,
                            files,
                            null,
                            List.of("-d", target.toString(), "-proc:none", "--release", "17"),
                            null,
                            files.getJavaFileObjects(TEST))
                    .call();
            assertThat(compiled).as(complaints.toString()).isTrue();
        }
    }

    /** The first block of that language in the quick start. */
    private static String block(String language) throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        Matcher block = Pattern.compile("```" + language + "\\n(.*?)```", Pattern.DOTALL)
                .matcher(readme.substring(readme.indexOf("## Quick start")));
        assertThat(block.find()).isTrue();
        return block.group(1).strip();
    }

    private static String words(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }
}
