package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as the SQL of a client: statements within the text, one after the other. */
class SqlStatementFuzzTest {

    static Stream<byte[]> texts() {
        return Stream.of(
                        "",
                        "SELECT 'a' \"b\" $$c$$ $d$e$d$ E'\\\\' /* f */ -- g",
                        "$",
                        "$1$2",
                        "''''\"\"\"",
                        "/*/*",
                        "E'\\",
                        "BEGIN ATOMIC CASE END END END;",
                        "((;")
                .map(text -> text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @MethodSource("texts")
    @FuzzTest(maxDuration = "1h")
    void staysWithinTheText(byte[] bytes) {
        String sql = new String(bytes, StandardCharsets.ISO_8859_1);
        List<SqlStatement> all = SqlStatement.all(sql, 5);
        int before = 0;
        for (SqlStatement statement : all) {
            assertThat(statement.start()).isGreaterThanOrEqualTo(before).isLessThan(statement.end());
            assertThat(statement.words()).isNotEmpty();
            before = statement.end();
        }
        assertThat(before).isLessThanOrEqualTo(sql.length());
        assertThat(SqlStatement.first(sql, 5).isPresent()).isEqualTo(!all.isEmpty());
    }
}
