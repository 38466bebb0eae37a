package io.github.dsqlreach.local;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * Statements and what a real cluster answered to them. The recorded answers come from
 * <a href="https://github.com/Dreamescaper/dsql-emulator">dsql-emulator</a> (MIT).
 *
 * @param recorded when the answers were recorded
 * @param source where: file, revision and name
 * @param protocol {@code simple}, or {@code null} for the extended protocol
 * @param steps in one session, which other probes share; {@code null} with {@code sessions}
 * @param sessions the steps of sessions that run side by side; {@code null} with {@code steps}
 * @param rowsVary whether rows, and how many there are, may differ
 * @param race whether it is a race which session loses; {@code seen} tells what happened
 * @param seen the runs of a race
 * @param caution why the answer may be none to imitate
 */
record Probe(
        String id,
        String group,
        String recorded,
        String source,
        String about,
        String protocol,
        List<Step> steps,
        List<List<Step>> sessions,
        boolean rowsVary,
        boolean race,
        List<Run> seen,
        String caution) {
    /** A row's value that may be any. */
    static final String ANY = "<any>";
    /** A row's value that is the id of a job. */
    static final String JOB = "<job>";

    /**
     * One statement, or several in one query.
     *
     * @param sqlstate the answer is this error with {@code message}; {@code null} if it succeeds
     * @param results of several statements; else {@code tag}, {@code columns} and {@code rows} are the answer
     */
    record Step(
            String sql,
            String sqlstate,
            String message,
            String tag,
            List<String> columns,
            List<List<String>> rows,
            List<Result> results) {
        List<Result> expected() {
            return results == null ? List.of(new Result(tag, columns, rows)) : results;
        }
    }

    /** What one statement answers; columns and rows are {@code null} where there are none. */
    record Result(String tag, List<String> columns, List<List<String>> rows) {
        @Override
        public String toString() {
            return columns == null || columns.isEmpty() ? tag : tag + " " + columns + " " + rows;
        }
    }

    /** A run of a race: the numbers of the sessions that lost. */
    record Run(String at, List<Integer> lost) {}

    /** All of them; {@code setup} comes first, one statement a transaction. */
    record Suite(String what, String observedBy, List<String> setup, List<Probe> probes) {
        static Suite read() throws IOException {
            return json("probes.json", Suite.class);
        }
    }

    static <T> T json(String file, Class<T> type) throws IOException {
        try (Reader reader = new InputStreamReader(
                Objects.requireNonNull(Probe.class.getResourceAsStream("/conformance/" + file), file),
                StandardCharsets.UTF_8)) {
            return new Gson().fromJson(reader, type);
        }
    }
}
