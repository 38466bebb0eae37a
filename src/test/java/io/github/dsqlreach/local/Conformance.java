package io.github.dsqlreach.local;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.internal.Daemon;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;

/**
 * Asks a cluster, real or local, all the {@link Probe}s, and compares its answers with the recorded ones.
 *
 * <p>{@code main} does that with a real cluster, in a schema of its own, and prints the differences as a Markdown table:
 * {@code mvn verify -Drun=live -Drun.options=-Dlive.endpoint=HOST}.
 */
final class Conformance {
    /** On a real cluster; it is dropped at the end. */
    static final String SCHEMA = "dsql_reach_conformance";

    /** A schema that one of the probes makes. */
    private static final String SCHEMA_OF_A_PROBE = "o_schema";

    private static final int CONFLICT_TRIES = 5;
    private static final long STEP_SECONDS = 2;
    private static final long SESSION_SECONDS = 30;

    private final Endpoint endpoint;
    private final AwsCredentialsProvider credentials;
    private final Probe.Suite suite;

    Conformance(Endpoint endpoint, AwsCredentialsProvider credentials) throws IOException {
        this.endpoint = endpoint;
        this.credentials = credentials;
        this.suite = Probe.Suite.read();
    }

    /** A probe, and how the answers differ from the recorded ones; empty if they do not. */
    record Outcome(Probe probe, List<String> differences) {}

    /** Asks the cluster all of them, in their order. */
    List<Outcome> run() throws Exception {
        try (ProbeSession session = ProbeSession.open(endpoint, credentials)) {
            for (String statement : suite.setup()) {
                ProbeSession.Answer answer = again(() -> session.query(statement));
                if (answer.isRefused()) {
                    throw new IOException("cannot set up the probes: " + statement + ": " + answer);
                }
            }
            List<Outcome> outcomes = new ArrayList<>();
            for (Probe probe : suite.probes()) {
                List<String> differences = probe.sessions() == null ? inOneSession(probe, session) : inSessions(probe);
                outcomes.add(new Outcome(probe, differences));
                session.query("ROLLBACK");
            }
            return outcomes;
        }
    }

    private interface Statement {
        ProbeSession.Answer execute() throws IOException;
    }

    /** A cluster's catalog needs a moment after a change; its documentation says to try again. */
    private static ProbeSession.Answer again(Statement statement) throws IOException {
        ProbeSession.Answer answer = statement.execute();
        for (int tries = 1; tries < CONFLICT_TRIES && isSchemaConflict(answer); tries++) {
            answer = statement.execute();
        }
        return answer;
    }

    private static boolean isSchemaConflict(ProbeSession.Answer answer) {
        return answer.isRefused() && answer.message().contains("OC001");
    }

    private static List<String> inOneSession(Probe probe, ProbeSession session) throws IOException {
        List<String> differences = new ArrayList<>();
        for (Probe.Step step : probe.steps()) {
            Statement statement =
                    () -> probe.protocol() == null ? session.execute(step.sql()) : session.query(step.sql());
            ProbeSession.Answer answer = probe.steps().size() == 1 ? again(statement) : statement.execute();
            compare(step, answer, probe.rowsVary(), differences);
        }
        return differences;
    }

    /** Step by step, the sessions in turns. A step that waits for another session delays only its own one. */
    private List<String> inSessions(Probe probe) throws Exception {
        int count = probe.sessions().size();
        List<ProbeSession> sessions = new ArrayList<>();
        ExecutorService[] threads = new ExecutorService[count];
        List<List<Future<ProbeSession.Answer>>> answers = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sessions.add(ProbeSession.open(endpoint, credentials));
                String name = "probe-" + i;
                threads[i] = Executors.newSingleThreadExecutor(work -> Daemon.thread(name, work));
                answers.add(new ArrayList<>());
            }
            for (int step = 0; step < probe.sessions().get(0).size(); step++) {
                for (int i = 0; i < count; i++) {
                    String sql = probe.sessions().get(i).get(step).sql();
                    ProbeSession session = sessions.get(i);
                    Future<ProbeSession.Answer> answer = threads[i].submit(() -> session.execute(sql));
                    answers.get(i).add(answer);
                    await(answer);
                }
            }
            return compare(probe, answers);
        } finally {
            for (ProbeSession session : sessions) {
                session.close();
            }
            for (ExecutorService thread : threads) {
                if (thread != null) {
                    thread.shutdownNow();
                }
            }
        }
    }

    private static void await(Future<?> answer) throws Exception {
        try {
            answer.get(STEP_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            // It waits for another session; that one goes on.
        }
    }

    private static List<String> compare(Probe probe, List<List<Future<ProbeSession.Answer>>> answers) throws Exception {
        List<String> differences = new ArrayList<>();
        List<Integer> lost = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            List<Probe.Step> steps = probe.sessions().get(i);
            for (int step = 0; step < steps.size(); step++) {
                ProbeSession.Answer answer;
                try {
                    answer = answers.get(i).get(step).get(SESSION_SECONDS, TimeUnit.SECONDS);
                } catch (ExecutionException e) {
                    differences.add(quote(steps.get(step).sql()) + ": " + e.getCause());
                    continue;
                }
                boolean isCommit = step == steps.size() - 1;
                if (probe.race() && isCommit) {
                    if ("40001".equals(answer.sqlState()) && answer.message().endsWith("(OC000)")) {
                        lost.add(i);
                    } else if (!answer.toString().equals("COMMIT")) {
                        differences.add("`COMMIT`: " + quote(answer) + ", not `COMMIT` or a conflict");
                    }
                } else {
                    compare(steps.get(step), answer, true, differences);
                }
            }
        }
        if (probe.race() && probe.seen().stream().noneMatch(run -> run.lost().size() == lost.size())) {
            differences.add(lost.size() + " transactions failed at COMMIT; seen: "
                    + probe.seen().stream()
                            .map(run -> String.valueOf(run.lost().size()))
                            .distinct()
                            .collect(Collectors.joining(", ")));
        }
        return differences;
    }

    private static void compare(
            Probe.Step step, ProbeSession.Answer answer, boolean rowsVary, List<String> differences) {
        boolean isSame = step.sqlstate() != null
                ? (step.sqlstate() + " " + step.message()).equals(answer.toString())
                : !answer.isRefused() && areSame(step.expected(), answer.results(), rowsVary);
        if (!isSame) {
            String expected = step.sqlstate() != null
                    ? step.sqlstate() + " " + step.message()
                    : step.expected().stream().map(Probe.Result::toString).collect(Collectors.joining("; "));
            differences.add(quote(step.sql()) + ": " + quote(answer) + ", not " + quote(expected));
        }
    }

    private static boolean areSame(List<Probe.Result> expected, List<Probe.Result> results, boolean rowsVary) {
        if (expected.size() != results.size()) {
            return false;
        }
        for (int i = 0; i < expected.size(); i++) {
            if (!isSame(expected.get(i), results.get(i), rowsVary)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSame(Probe.Result expected, Probe.Result result, boolean rowsVary) {
        List<String> columns = expected.columns() == null ? List.of() : expected.columns();
        boolean isTagSame = expected.tag().equals(result.tag())
                // With OK or a race the count may differ, but not between nothing and something.
                || rowsVary
                        && expected.tag().startsWith("SELECT")
                        && result.tag().startsWith("SELECT");
        return isTagSame
                && columns.equals(result.columns())
                && (expected.rows() == null || areRowsSame(expected.rows(), result.rows(), rowsVary));
    }

    private static boolean areRowsSame(List<List<String>> expected, List<List<String>> rows, boolean rowsVary) {
        boolean hasJobs = expected.stream().flatMap(List::stream).anyMatch(Probe.JOB::equals);
        if (rowsVary && !hasJobs) {
            return true;
        }
        if (expected.size() != rows.size()) {
            return false;
        }
        for (int i = 0; i < rows.size(); i++) {
            for (int j = 0; j < rows.get(i).size(); j++) {
                String wanted = expected.get(i).get(j);
                String value = rows.get(i).get(j);
                boolean isSame = Probe.JOB.equals(wanted)
                        ? value != null && value.matches("[a-z2-7]{26}")
                        : rowsVary || Objects.equals(wanted, value);
                if (!isSame) {
                    return false;
                }
            }
        }
        return true;
    }

    private static String quote(Object text) {
        return "`" + text.toString().replace("|", "\\|") + "`";
    }

    /** How many of each group are as recorded. */
    static String counts(List<Outcome> outcomes) {
        Map<String, int[]> groups = new LinkedHashMap<>();
        for (Outcome outcome : outcomes) {
            for (String group : List.of(outcome.probe().group(), "all")) {
                int[] counts = groups.computeIfAbsent(group, name -> new int[2]);
                counts[0]++;
                counts[1] += outcome.differences().isEmpty() ? 1 : 0;
            }
        }
        int[] all = groups.remove("all");
        groups.put("**all**", all);
        return groups.entrySet().stream()
                .map(group ->
                        "| " + group.getKey() + " | " + group.getValue()[0] + " | " + group.getValue()[1] + " |\n")
                .collect(Collectors.joining("", "| group | probes | as recorded |\n|---|---|---|\n", ""));
    }

    /** What differs. */
    static String differences(List<Outcome> outcomes) {
        return outcomes.stream()
                .filter(outcome -> !outcome.differences().isEmpty())
                .map(outcome -> "| `" + outcome.probe().id() + "` | "
                        + outcome.probe().recorded().substring(0, 10) + " | "
                        + String.join("; ", outcome.differences()) + " |\n")
                .collect(Collectors.joining("", "| probe | recorded | answer |\n|---|---|---|\n", ""));
    }

    /** Runs them in a schema of their own, which is dropped at the end. */
    static List<Outcome> runInOwnSchema(Endpoint endpoint, AwsCredentialsProvider credentials) throws Exception {
        try (ProbeSession session = ProbeSession.open(endpoint, credentials)) {
            drop(session);
            ProbeSession.Answer made = again(() -> session.query("CREATE SCHEMA " + SCHEMA));
            if (made.isRefused()) {
                throw new IOException("cannot make the schema " + SCHEMA + ": " + made);
            }
        }
        try {
            return new Conformance(
                            endpoint.toBuilder()
                                    .options("-c search_path=" + SCHEMA)
                                    .build(),
                            credentials)
                    .run();
        } finally {
            try (ProbeSession session = ProbeSession.open(endpoint, credentials)) {
                drop(session);
            }
        }
    }

    private static void drop(ProbeSession session) throws IOException {
        for (String schema : List.of(SCHEMA, SCHEMA_OF_A_PROBE)) {
            again(() -> session.query("DROP SCHEMA IF EXISTS " + schema + " CASCADE"));
        }
    }

    /** Asks a real cluster, with the credentials of the AWS SDK's default chain. Differences are printed; they fail nothing. */
    public static void main(String[] arguments) throws Exception {
        String host = System.getProperty("live.endpoint", "");
        if (host.isBlank()) {
            System.err.println(
                    "give the cluster's host name: mvn verify -Drun=live -Drun.options=-Dlive.endpoint=HOST");
            System.exit(64);
        }
        try (DefaultCredentialsProvider credentials =
                DefaultCredentialsProvider.builder().build()) {
            List<Outcome> outcomes = runInOwnSchema(Endpoint.parse(host), credentials);
            System.out.println(counts(outcomes) + "\n" + differences(outcomes));
        }
    }
}
