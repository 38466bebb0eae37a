package io.github.dsqlreach.report;

import com.google.gson.Gson;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The record of a build as text: a line of JSON that names the build, and one more of each JVM. */
final class RecordText {
    private static final String SCHEMA = "dsql-reach-record/1";
    private static final Gson GSON = new Gson();

    private RecordText() {}

    private record Header(String schema, long pid, long started, String job) {}

    /**
     * What one JVM found.
     *
     * @param reports by the reports' names, and by what became of them, the tests
     */
    record Line(
            long ended,
            String module,
            List<String> simulated,
            List<String> detours,
            Map<String, Map<String, List<String>>> reports) {
        Line {
            // What lacks something is none of ours.
            Objects.requireNonNull(module);
            simulated = List.copyOf(simulated);
            detours = List.copyOf(detours);
            reports.values().forEach(tests -> tests.values().forEach(List::copyOf));
        }

        @Override
        public String toString() {
            return GSON.toJson(this) + "\n";
        }
    }

    static String header(Build build) {
        return GSON.toJson(new Header(SCHEMA, build.pid(), build.started(), build.job())) + "\n";
    }

    static Optional<Build> build(String header) {
        return parsed(header, Header.class)
                .filter(known -> SCHEMA.equals(known.schema) && known.job != null)
                .map(known -> new Build(known.pid, known.started, known.job));
    }

    static Optional<Line> line(String text) {
        return parsed(text, Line.class);
    }

    /** Empty for half a line, and for what is none of ours. */
    private static <T> Optional<T> parsed(String line, Class<T> form) {
        try {
            return Optional.ofNullable(GSON.fromJson(line, form));
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }
}
