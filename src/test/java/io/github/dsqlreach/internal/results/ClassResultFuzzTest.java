package io.github.dsqlreach.internal.results;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any text as a test result: rejected, or read, written and added up. */
class ClassResultFuzzTest {

    static Stream<byte[]> texts() {
        return Stream.of(
                        Results.of("a.B")
                                .minRun("80%")
                                .skipped(Results.RESET, "one")
                                .ran("two")
                                .result()
                                .toJson(),
                        "{\"schema\":\"dsql-reach-result/1\",\"build\":\"\",\"module\":\"\",\"testClass\":\"\",\"tests\":[]}",
                        "{\"schema\":\"dsql-reach-result/1\",\"tests\":[[]],\"finished\":1e99}",
                        "{}",
                        "[".repeat(10_000),
                        "")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("texts")
    @FuzzTest(maxDuration = "1h")
    void isRejectedOrAddedUp(byte[] bytes) {
        ClassResult read;
        try {
            read = ClassResult.fromJson(new String(bytes, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return;
        }
        assertThat(ClassResult.fromJson(read.toJson())).isEqualTo(read);
        BuildResults build = new BuildResults(List.of(read), name -> Optional.of(Results.RESET));
        assertThat(build.tally()).endsWith("annotated tests ran");
        assertThat(build.reports().keySet()).allMatch(ReportNames::isReport);
    }
}
