package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each promise of SECURITY.md names its tests, and these exist. */
class SecurityPageTest {
    private static final Pattern PROMISE = Pattern.compile("(?m)^\\*\\*[^*]+\\*\\*(?s:.*?)(?=\\n\\n)");
    private static final Pattern TEST = Pattern.compile("`(\\w+Test)`");

    @Test
    void everyPromiseHasTests() throws IOException {
        List<String> promises = PROMISE.matcher(Files.readString(Path.of("SECURITY.md")))
                .results()
                .map(MatchResult::group)
                .toList();
        Set<String> tests;
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            tests = files.map(file -> file.getFileName().toString().replace(".java", ""))
                    .collect(Collectors.toSet());
        }

        assertThat(promises)
                .hasSizeGreaterThan(5)
                .allSatisfy(
                        promise -> assertThat(TEST.matcher(promise).results().map(test -> test.group(1)))
                                .isNotEmpty()
                                .isSubsetOf(tests));
    }
}
