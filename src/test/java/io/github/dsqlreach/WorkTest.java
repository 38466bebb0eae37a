package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkTest {
    private static final int SIZE = 500;

    @ParameterizedTest
    @ValueSource(strings = {"oneLoop", "oneCopy", "growsByDoubling", "looksOnce"})
    void linearWorkPasses(String work) {
        assertThatCode(() -> Work.assertLinear(WorkTest.class, work, SIZE)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"loopWithinALoop", "copiesAllForEachByte", "movesAllForEachByte", "backtracks", "splitsAgain"})
    void quadraticWorkFails(String work) {
        assertThatThrownBy(() -> Work.assertLinear(WorkTest.class, work, SIZE))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(work);
    }

    static void oneLoop(int size) {
        int sum = 0;
        for (int i = 0; i < size; i++) {
            sum += i;
        }
    }

    static void oneCopy(int size) {
        Arrays.fill(Arrays.copyOf(new byte[size], 2 * size), (byte) 1);
    }

    static void growsByDoubling(int size) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < size; i++) {
            text.append(i);
        }
    }

    static void looksOnce(int size) {
        Pattern.compile("a*b").matcher("a".repeat(size) + "b").matches();
    }

    static void loopWithinALoop(int size) {
        int sum = 0;
        for (int i = 0; i < size; i++) {
            for (int k = 0; k < i; k++) {
                sum += k;
            }
        }
    }

    static void copiesAllForEachByte(int size) {
        byte[] all = new byte[0];
        for (int i = 0; i < size; i++) {
            all = Arrays.copyOf(all, all.length + 1);
        }
    }

    static void movesAllForEachByte(int size) {
        byte[] all = new byte[size];
        for (int i = 0; i < size; i++) {
            System.arraycopy(all, 1, all, 0, size - 1);
        }
    }

    static void backtracks(int size) {
        Pattern.compile("<t[^>]*>").matcher("<t".repeat(size)).find();
    }

    static void splitsAgain(int size) {
        "aX".repeat(size).replaceAll("a[^b]*b", "");
    }
}
