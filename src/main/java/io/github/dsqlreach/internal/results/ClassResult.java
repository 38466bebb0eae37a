package io.github.dsqlreach.internal.results;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import io.github.dsqlreach.internal.StrictJson;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The result of one test class in one run.
 *
 * @param schema {@link #SCHEMA}
 * @param build the build, see {@link BuildId}; empty if unknown
 * @param finished when the class ended, in milliseconds since 1970
 * @param module the working directory of the tests, which tells modules apart
 * @param testClass the name of the top-level class
 * @param minRun the setting {@code dsql.reach.min-run}, {@code null} if it is not set
 * @param simulated the simulated fault, {@code null} for the real network
 * @param struck how many connections of the tests of this JVM it struck since the class before; {@code null} if this is
 *     unknown
 * @param tests its tests that need a cluster, those of nested classes included
 */
public record ClassResult(
        String schema,
        String build,
        long finished,
        String module,
        String testClass,
        @Nullable String minRun,
        @Nullable String simulated,
        @Nullable Long struck,
        List<TestResult> tests) {
    /** The value of {@link #schema}. */
    public static final String SCHEMA = "dsql-reach-result/1";

    private static final Gson GSON = new Gson();

    /**
     * The result of one test. What JUnit multiplies only when it starts, such as a parameterized test, is one test.
     *
     * @param id its unique id of JUnit
     * @param testClass the name of its class
     * @param outcome what happened to it
     * @param endpoint the name of the endpoint that it needs
     * @param report the name of the report that says why it did not run, or why it ran over a WebSocket; else {@code null}
     */
    public record TestResult(
            String id,
            String testClass,
            TestOutcome outcome,
            String endpoint,
            @Nullable String report) {
        public TestResult {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(testClass, "testClass");
            Objects.requireNonNull(outcome, "outcome");
            Objects.requireNonNull(endpoint, "endpoint");
            if (report != null && !ReportNames.isReport(report)) {
                throw new IllegalArgumentException("report " + report);
            }
        }
    }

    public ClassResult {
        if (!SCHEMA.equals(schema)) {
            throw new IllegalArgumentException("schema " + schema);
        }
        Objects.requireNonNull(build, "build");
        Objects.requireNonNull(module, "module");
        Objects.requireNonNull(testClass, "testClass");
        tests = List.copyOf(tests);
    }

    /** As JSON in one line. */
    String toJson() {
        return GSON.toJson(this) + "\n";
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @throws IllegalArgumentException if it is something else
     */
    static ClassResult fromJson(String json) {
        try {
            return Objects.requireNonNull(GSON.fromJson(StrictJson.reader(json), ClassResult.class), "empty");
        } catch (JsonParseException | IllegalStateException | NullPointerException e) {
            throw new IllegalArgumentException("it is not a test result: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            // Gson wraps what the constructor of a record throws.
            throw new IllegalArgumentException("it is not a test result", e);
        }
    }
}
