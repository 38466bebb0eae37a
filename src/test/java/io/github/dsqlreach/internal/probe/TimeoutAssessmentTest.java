package io.github.dsqlreach.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.FailureKind;
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
                0,
                Optional.empty());

        assertThat(silence.failure("CONNECT", 2_000).message()).isEqualTo(message);
    }

    /** Bytes that are not read at the deadline: this machine is slow, unless the answer trickles in. */
    @ParameterizedTest
    @CsvSource({"0, OUT_OF_TIME", "7, OUT_OF_TIME", "8, TIMEOUT", "100, TIMEOUT"})
    void unreadBytesAreADelayOfThisMachineUnlessItWaitedForManyParts(int parts, FailureKind kind) {
        TimeoutAssessment silence = new TimeoutAssessment(
                TimeUnit.MILLISECONDS.toNanos(90),
                TimeUnit.SECONDS.toNanos(2),
                Long.MAX_VALUE,
                TimeUnit.SECONDS.toNanos(2),
                100,
                parts,
                Optional.of(new SocketTable(0, 1, 0)));

        assertThat(silence.kind()).isEqualTo(kind);
    }
}
