package io.github.dsqlreach.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Snippets;
import io.github.dsqlreach.compatibility.Compatibility.Build;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CompatibilityTest {
    @Test
    void thePageShowsWhatTheMatrixFinds() {
        String tables = Compatibility.tables(Stream.of(Compatibility.VERSIONS, Compatibility.SAMPLES)
                .flatMap(List::stream)
                .collect(Collectors.toMap(build -> build, Build::expected)));

        assertThat(Snippets.read(Path.of("docs", "compatibility.md"))).contains(tables);
    }

    @Test
    void thePageShowsWhatTheSuiteWithUrlsOfItsOwnFinds() {
        assertThat(Snippets.read(Path.of("docs", "build-results.md"))).contains(Snippets.read(OwnUrls.TABLE));
    }

    @Test
    void anyTwoVersionsMeetInOneBuild() {
        List<Function<Build, String>> columns = List.of(
                build -> "JDK " + build.jdk(),
                build -> "JUnit " + build.version("junit"),
                build -> "Surefire " + build.version("surefire"),
                build -> "pgjdbc " + build.version("pgjdbc"),
                build -> "SDK " + build.version("aws"));
        for (Function<Build, String> one : columns) {
            for (Function<Build, String> other : columns) {
                if (one != other) {
                    Set<String> expected = values(one).stream()
                            .flatMap(left -> values(other).stream().map(right -> left + " with " + right))
                            .collect(Collectors.toSet());
                    assertThat(values(build -> one.apply(build) + " with " + other.apply(build)))
                            .containsAll(expected);
                }
            }
        }
    }

    private static Set<String> values(Function<Build, String> column) {
        return Compatibility.VERSIONS.stream().map(column).collect(Collectors.toSet());
    }
}
