package io.github.dsqlreach.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 ms",
        "0.04, 0.04 ms",
        "0.36, 0.4 ms",
        "83.2, 83 ms",
        "999.4, 999 ms",
        "999.7, 1 s",
        "1832, 1832 ms",
        "5000, 5 s",
        "5000.3, 5 s",
        "5003, 5003 ms",
        "9949, 9949 ms",
        "9950, 10 s",
        "10230, 10.2 s",
        "600000, 600 s"
    })
    void timesReadAsPeopleWriteThem(double millis, String text) {
        assertThat(Numbers.millis(millis)).isEqualTo(text);
    }
}
