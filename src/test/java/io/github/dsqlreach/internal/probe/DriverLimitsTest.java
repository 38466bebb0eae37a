package io.github.dsqlreach.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Endpoint;
import org.junit.jupiter.api.Test;

/** {@code DriverLimitsTest} of the diagnosis shows what the check makes of them. */
class DriverLimitsTest {
    @Test
    void readsTheDriversOwnDefaults() throws Exception {
        assertThat(DriverLimits.of(Endpoint.parse("abc.dsql.us-east-1.on.aws")))
                .isEqualTo(new DriverLimits(10_000, 5_000, 0, 0));
        assertThat(DriverLimits.of(Endpoint.parse("jdbc:postgresql://h/p?sslNegotiation=direct&loginTimeout=3")))
                .isEqualTo(new DriverLimits(10_000, 0, 0, 3_000));
    }
}
