package io.github.dsqlreach.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeoutAssessmentTest {
    /** A byte that arrived is an answer, or the beginning of one: nobody was silent. */
    @ParameterizedTest
    @CsvSource({
        "2000, 2000, no answer in 2 s after CONNECT",
        "900, 2000, the answer to CONNECT did not end: nothing more in 900 ms",
        "10, 2000, not finished in 2 s: answers to CONNECT still came"
    })
    void saysWhetherAnythingCame(long listened, long listenedSinceSending, String message) {
        TimeoutAssessment silence = new TimeoutAssessment(
                TimeUnit.MILLISECONDS.toNanos(listened),
                TimeUnit.MILLISECONDS.toNanos(listenedSinceSending),
                Long.MAX_VALUE,
                TimeUnit.SECONDS.toNanos(2),
                4_000,
                Optional.empty());

        assertThat(silence.failure("CONNECT", 2_000).message()).isEqualTo(message);
    }
}
