package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlStatementTest {

    private static List<String> texts(String sql) {
        return SqlStatement.all(sql, 40).stream()
                .map(statement -> sql.substring(statement.start(), statement.end()))
                .toList();
    }

    @Test
    void separatesStatementsAndLeavesEmptyOnesOut() {
        assertThat(texts("BEGIN;; SELECT 1 ; \n;")).containsExactly("BEGIN", "SELECT 1");
        assertThat(texts("  ;  ")).isEmpty();
        assertThat(texts("")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT ';'",
                "SELECT 'it''s; one'",
                "SELECT E'\\'; one'",
                "SELECT e'\\\\' ",
                "SELECT \"a;\"\"b\"",
                "SELECT $$a;b$$",
                "SELECT $tag$a; $$ b $tag$",
                "SELECT 1 -- a; comment",
                "SELECT /* a; /* nested; */ comment; */ 1",
                "SELECT (1; 2)",
                "SELECT $1;",
                "SELECT 'never closed;",
                "SELECT $a$never closed;",
                "SELECT /* never closed;",
                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END",
                "SELECT a$b; ",
                "SELECT 1e5;"
            })
    void findsOneStatementHere(String sql) {
        assertThat(texts(sql)).hasSize(1);
    }

    @Test
    void findsTheNextStatementAfterWhatOnlyLooksOpen() {
        assertThat(texts("SELECT $1; SELECT 2")).hasSize(2);
        assertThat(texts("SELECT a$b; SELECT $c; SELECT 3")).hasSize(3);
        assertThat(texts("SELECT '\\'; SELECT 2")).hasSize(2);
        assertThat(texts("-- a comment; with this\nSELECT 1; SELECT 2")).containsExactly("SELECT 1", "SELECT 2");
        assertThat(texts("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END; SELECT 2"))
                .hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Begin", "/* x */ BEGIN work", "-- x\n begin", "\n\t;begin"})
    void knowsTheFirstWordInLowerCase(String sql) {
        assertThat(SqlStatement.first(sql, 40).orElseThrow().begins("begin")).isTrue();
    }

    @Test
    void tellsNamesFromWordsAndLeavesLettersBeyondAsciiAlone() {
        SqlStatement statement =
                SqlStatement.first("SET \"Isolation\" \u00c0B 'level'", 40).orElseThrow();

        assertThat(statement.name(1)).isEqualTo("Isolation");
        assertThat(statement.find("isolation")).isEqualTo(-1);
        assertThat(statement.name(2)).isEqualTo("\u00c0b");
        assertThat(statement.find("level")).isEqualTo(-1);
        assertThat(statement.name(9)).isEmpty();
    }

    @Test
    void readsTheFirstStatementOnlySoFarAsItsWordsAreKept() {
        assertThat(SqlStatement.first("a b c d; e", 3).orElseThrow().words()).hasSize(3);
        assertThat(SqlStatement.first("a; b", 3).orElseThrow().words()).hasSize(1);
        assertThat(SqlStatement.first(" -- only a comment", 3)).isEmpty();
    }
}
