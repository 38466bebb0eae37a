package io.github.dsqlreach.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a cluster refuses, of which PostgreSQL knows nothing: the rows of {@code refusals.txt}. */
final class Refusals {
    /** The parameters that a cluster lets its clients set. As of September 2026, from AWS's User Guide. */
    static final Set<String> PARAMETERS = Set.of(
            "application_name",
            "client_encoding",
            "datestyle",
            "extra_float_digits",
            "intervalstyle",
            "timezone",
            "search_path",
            "enable_bitmapscan",
            "enable_hashjoin",
            "enable_indexonlyscan",
            "enable_indexscan",
            "enable_material",
            "enable_mergejoin",
            "enable_nestloop",
            "enable_seqscan",
            "dsql.enable_batched_nestloop",
            "disable_sync_create_index");

    private static final String BY_WORDS = "words";
    /** What PostgreSQL calls by other words: the parameters behind these statements. */
    private static final Map<String, String> OTHER_NAMES = Map.of(
            "time",
            "timezone",
            "names",
            "client_encoding",
            "schema",
            "search_path",
            "seed",
            "seed",
            "xml",
            "xmloption");

    private static final List<Rule> RULES = read();
    private static final Map<String, Rule> BY_NAME = RULES.stream()
            .filter(rule -> !rule.where().equals(BY_WORDS))
            .collect(Collectors.toMap(Rule::where, rule -> rule, (rule, other) -> rule, TreeMap::new));
    private static final Map<String, List<Rule>> BY_FIRST_WORD = new HashMap<>();
    private static final List<Rule> ANYWHERE = new ArrayList<>();

    static {
        for (Rule rule : RULES) {
            if (rule.pattern() != null) {
                List<String> first = rule.pattern().firstWords();
                first.forEach(word -> BY_FIRST_WORD
                        .computeIfAbsent(word, key -> new ArrayList<>())
                        .add(rule));
                if (first.isEmpty()) {
                    ANYWHERE.add(rule);
                }
            }
        }
    }

    private Refusals() {}

    /**
     * One row.
     *
     * @param where {@code words}, or the name by which the row is raised
     * @param pattern which statements it is about; {@code null} if their words do not tell
     * @param except a pattern; statements with it are not refused after all
     * @param text of the error; {@code {}} stands for a word of the statement
     */
    record Rule(
            String where,
            String statement,
            @Nullable WordPattern pattern,
            String except,
            String sqlState,
            String text,
            String asOf,
            String source) {
        private static Rule parse(String line) {
            String[] fields = line.split("\\|", -1);
            if (fields.length != 7) {
                throw new IllegalStateException("refusals.txt: " + line);
            }
            String[] stripped = Arrays.stream(fields).map(String::strip).toArray(String[]::new);
            return new Rule(
                    stripped[0],
                    stripped[1],
                    stripped[0].equals(BY_WORDS) ? WordPattern.of(stripped[1]) : null,
                    stripped[2],
                    stripped[3],
                    stripped[4],
                    stripped[5],
                    stripped[6]);
        }

        private Optional<ErrorText> refusal(List<SqlStatement.Word> words) {
            return Objects.requireNonNull(pattern)
                    .match(words)
                    .filter(captured ->
                            except.isEmpty() || !WordPattern.of(except).isIn(words))
                    .map(this::error);
        }

        ErrorText error(String captured) {
            return new ErrorText(sqlState, text.replace("{}", captured), null);
        }
    }

    private static List<Rule> read() {
        try (InputStream in = Objects.requireNonNull(Refusals.class.getResourceAsStream("refusals.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#") && !line.isBlank())
                    .map(Rule::parse)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives PostgreSQL what it needs of this. */
    static String script() {
        StringJoiner refusals = new StringJoiner(", ");
        BY_NAME.values()
                .forEach(rule -> refusals.add("('" + rule.where() + "', '" + rule.sqlState() + "', '"
                        + rule.text().replace("'", "''") + "')"));
        String parameters = PARAMETERS.stream().sorted().collect(Collectors.joining("'), ('", "('", "')"));
        return "\nTRUNCATE dsql_reach.refusal, dsql_reach.parameter;\nINSERT INTO dsql_reach.refusal VALUES " + refusals
                + ";\nINSERT INTO dsql_reach.parameter VALUES " + parameters + ";\n";
    }

    static List<Rule> rules() {
        return RULES;
    }

    /** The error of the row with that name. */
    static ErrorText of(String name, String captured) {
        return Objects.requireNonNull(BY_NAME.get(name), name).error(captured);
    }

    /** Why a cluster refuses that statement; empty if its words do not tell. */
    static Optional<ErrorText> refusal(SqlStatement statement) {
        List<SqlStatement.Word> words = statement.words();
        if (words.isEmpty()) {
            return Optional.empty();
        }
        List<Rule> rules = words.get(0).kind() == SqlStatement.Kind.WORD
                ? BY_FIRST_WORD.getOrDefault(words.get(0).text(), List.of())
                : List.of();
        if (!rules.isEmpty()) {
            for (List<SqlStatement.Word> part : statement.has(0, "alter", "table") ? actions(words) : List.of(words)) {
                Optional<ErrorText> refusal = first(rules, part);
                if (refusal.isPresent()) {
                    return refusal;
                }
            }
        }
        int set = placeOfSet(statement);
        return set >= 0 ? refusalToSet(statement, set) : first(ANYWHERE, words);
    }

    /** Where the word SET stands, before a parameter; -1 if the statement sets none. */
    private static int placeOfSet(SqlStatement statement) {
        if (!statement.has(0, "alter", "role") && !statement.has(0, "alter", "user")) {
            return statement.begins("set") ? 0 : -1;
        }
        int place = statement.has(3, "in", "database") ? 6 : 3;
        return statement.has(place, "set") ? place : -1;
    }

    private static Optional<ErrorText> first(List<Rule> rules, List<SqlStatement.Word> words) {
        for (Rule rule : rules) {
            Optional<ErrorText> refusal = rule.refusal(words);
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return Optional.empty();
    }

    /** The actions of ALTER TABLE, which commas separate, each behind the words {@code ALTER TABLE name}. */
    private static List<List<SqlStatement.Word>> actions(List<SqlStatement.Word> words) {
        List<List<SqlStatement.Word>> actions = new ArrayList<>();
        List<SqlStatement.Word> action = new ArrayList<>();
        int depth = 0;
        for (SqlStatement.Word word : words) {
            if (depth == 0 && word.text().equals(",") && word.kind() == SqlStatement.Kind.OTHER) {
                actions.add(action);
                action = new ArrayList<>(words.subList(0, Math.min(3, words.size())));
                continue;
            }
            if (word.kind() == SqlStatement.Kind.OTHER) {
                depth += word.text().equals("(") ? 1 : word.text().equals(")") ? -1 : 0;
            }
            action.add(word);
        }
        actions.add(action);
        return actions;
    }

    private static Optional<ErrorText> refusalToSet(SqlStatement statement, int set) {
        int at = set + 1;
        boolean isLocal = statement.has(at, "local");
        at += isLocal || statement.has(at, "session") && !statement.has(at + 1, "authorization") ? 1 : 0;
        if (statement.has(at, "constraints") || isLocal && statement.has(at, "role")) {
            return Optional.empty();
        }
        if (statement.has(at, "session", "authorization")) {
            return refusalToSet("session_authorization");
        }
        StringBuilder name = new StringBuilder(statement.name(at));
        while (at + 2 < statement.words().size()
                && statement.words().get(at + 1).text().equals(".")) {
            at += 2;
            name.append('.').append(statement.name(at));
        }
        boolean isAssigned = at + 1 < statement.words().size()
                && (statement.has(at + 1, "to")
                        || statement.words().get(at + 1).text().equals("="));
        return refusalToSet(isAssigned ? name.toString() : OTHER_NAMES.getOrDefault(name.toString(), name.toString()));
    }

    /** Why a cluster refuses a value for that parameter; empty if it does not. */
    static Optional<ErrorText> refusalToSet(String parameter) {
        String name = parameter.toLowerCase(Locale.ROOT);
        // Names with this prefix are options of the protocol.
        boolean isAllowed = name.isEmpty() || name.startsWith("_pq_.") || PARAMETERS.contains(name);
        return isAllowed ? Optional.empty() : Optional.of(of("parameter", name));
    }
}
