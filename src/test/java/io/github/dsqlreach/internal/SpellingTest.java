package io.github.dsqlreach.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpellingTest {
    private static final List<String> KNOWN = List.of("DNS_SILENCE", "SILENCE", "TLS_RESET", "TCP_RESET");

    private enum Fault {
        TLS_RESET
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLS_RESET", "tls_reset", "tls-reset", " Tls-Reset "})
    void findsAConstantInAnySpelling(String name) {
        assertThat(Spelling.constant(name, Fault.class)).contains(Fault.TLS_RESET);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "TLSRESET", "TLS RESET", "TLS_RESETS"})
    void findsNoConstantOfAnotherName(String name) {
        assertThat(Spelling.constant(name, Fault.class)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "TLS_REST, TLS_RESET",
        "TLSRESET, TLS_RESET",
        "tls-restet, TLS_RESET",
        "TCP_RESTE, TCP_RESET",
        "DNS_SILENT, DNS_SILENCE"
    })
    void namesTheOneThatWasMeantFirst(String name, String meant) {
        assertThat(Spelling.hint(name, KNOWN, "allowed are A, B"))
                .isEqualTo("did you mean " + meant + "? Allowed are A, B");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "LATENCY", "TLS", "RESET"})
    void namesNoneWhereNoneIsSimilar(String name) {
        assertThat(Spelling.hint(name, KNOWN, "allowed are A, B")).isEqualTo("allowed are A, B");
    }

    @Test
    void readsNoMoreOfALongNameThanItNeeds() {
        assertThat(Spelling.hint("TLS_RESET".repeat(1_000_000), KNOWN, "allowed are A, B"))
                .isEqualTo("allowed are A, B");
    }
}
