package io.github.dsqlreach.diagnosis;

import static io.github.dsqlreach.ExperimentName.IDLE;
import static io.github.dsqlreach.ExperimentName.TLS_1_2;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Kleene's three-valued logic. */
class TruthTest {
    private static final List<Truth> ALL = List.of(
            Truth.TRUE,
            Truth.FALSE,
            Truth.open(true, IDLE),
            Truth.open(false, IDLE),
            Truth.open(true, TLS_1_2),
            Truth.open(false, TLS_1_2));

    static Stream<Arguments> pairs() {
        return ALL.stream().flatMap(one -> ALL.stream().map(other -> Arguments.of(one, other)));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void theOrderOfTwoConditionsDoesNotMatter(Truth one, Truth other) {
        assertThat(one.and(() -> other)).isEqualTo(other.and(() -> one));
        assertThat(one.or(() -> other)).isEqualTo(other.or(() -> one));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void withoutFurtherResultsItIsTheLogicOfTwoValues(Truth one, Truth other) {
        assertThat(one.and(() -> other).value()).isEqualTo(one.value() && other.value());
        assertThat(one.or(() -> other).value()).isEqualTo(one.value() || other.value());
        assertThat(one.not().value()).isNotEqualTo(one.value());
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void whatIsOpenWaitsForBothUnlessOneDecides(Truth one, Truth other) {
        boolean decided = Stream.of(one, other).anyMatch(Truth.FALSE::equals);

        assertThat(one.and(() -> other).open()).isEqualTo(decided ? Set.of() : Truth.union(one.open(), other.open()));
    }

    @Test
    void aFalseOneDoesNotEvenLookAtTheOther() {
        assertThat(Truth.FALSE.and(() -> {
                    throw new AssertionError("looked at");
                }))
                .isEqualTo(Truth.FALSE);
    }
}
