package io.github.dsqlreach.local;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A pattern of a statement's words: {@code a/b} is one of them, {@code [a b]} may be missing, {@code *} is any one, {@code …} any
 * number, <code>{}</code>, <code>{a/b}</code> and <code>{!a}</code> are one that is part of the refusal's text.
 */
final class WordPattern {
    /** Between these there may be any number of words. */
    private final List<List<Part>> chunks = new ArrayList<>();

    private record Part(List<String> words, boolean isNegative, boolean isCaptured, List<Part> optional) {
        static Part of(String text) {
            boolean isCaptured = text.startsWith("{");
            String inner = isCaptured ? text.substring(1, text.length() - 1) : text;
            boolean isNegative = inner.startsWith("!");
            String words = isNegative ? inner.substring(1) : inner;
            return new Part(
                    words.isEmpty() || words.equals("*") ? List.of() : Arrays.asList(words.split("/")),
                    isNegative,
                    isCaptured,
                    List.of());
        }

        boolean matches(SqlStatement.Word word) {
            if (isCaptured && word.kind() == SqlStatement.Kind.OTHER) {
                return false;
            }
            return words.isEmpty() || words.contains(isCaptured || isPlain(word) ? word.text() : "") != isNegative;
        }

        private static boolean isPlain(SqlStatement.Word word) {
            return word.kind() == SqlStatement.Kind.WORD || word.kind() == SqlStatement.Kind.OTHER;
        }
    }

    /** Where a match ends, and the word that was captured; {@code end} is -1 if there is none. */
    private record Match(int end, String captured) {
        static final Match NONE = new Match(-1, "");
    }

    private WordPattern(String pattern) {
        for (String chunk : pattern.split("…", -1)) {
            chunks.add(parts(chunk.strip()));
        }
    }

    static WordPattern of(String pattern) {
        return new WordPattern(pattern);
    }

    private static List<Part> parts(String chunk) {
        List<Part> parts = new ArrayList<>();
        int at = 0;
        while (at < chunk.length()) {
            int end = chunk.charAt(at) == '[' ? chunk.indexOf(']', at) : chunk.indexOf(' ', at);
            if (chunk.charAt(at) == '[') {
                parts.add(new Part(List.of(), false, false, parts(chunk.substring(at + 1, end))));
                at = end + 1;
            } else {
                end = end < 0 ? chunk.length() : end;
                parts.add(Part.of(chunk.substring(at, end)));
                at = end;
            }
            at += at < chunk.length() ? 1 : 0;
        }
        return parts;
    }

    /** The words with which a match can begin; empty if there are others. */
    List<String> firstWords() {
        List<Part> first = chunks.get(0);
        return first.isEmpty() || !first.get(0).optional().isEmpty()
                ? List.of()
                : first.get(0).words();
    }

    /** The captured word if the statement begins with this; empty text if nothing is captured. */
    Optional<String> match(List<SqlStatement.Word> words) {
        Match match = at(chunks.get(0), 0, words, 0, "");
        return rest(match, words);
    }

    /** Whether this stands anywhere in the statement. */
    boolean isIn(List<SqlStatement.Word> words) {
        return rest(find(chunks.get(0), words, 0, ""), words).isPresent();
    }

    private Optional<String> rest(Match first, List<SqlStatement.Word> words) {
        Match match = first;
        for (int i = 1; i < chunks.size() && match.end() >= 0; i++) {
            match = find(chunks.get(i), words, match.end(), match.captured());
        }
        return match.end() < 0 ? Optional.empty() : Optional.of(match.captured());
    }

    private static Match find(List<Part> parts, List<SqlStatement.Word> words, int from, String captured) {
        for (int i = from; i <= words.size(); i++) {
            Match match = at(parts, 0, words, i, captured);
            if (match.end() >= 0) {
                return match;
            }
        }
        return Match.NONE;
    }

    private static Match at(List<Part> parts, int part, List<SqlStatement.Word> words, int from, String captured) {
        if (part == parts.size()) {
            return new Match(from, captured);
        }
        Part next = parts.get(part);
        if (!next.optional().isEmpty()) {
            Match with = at(next.optional(), 0, words, from, captured);
            Match match = with.end() < 0 ? Match.NONE : at(parts, part + 1, words, with.end(), captured);
            return match.end() < 0 ? at(parts, part + 1, words, from, captured) : match;
        }
        if (from >= words.size() || !next.matches(words.get(from))) {
            return Match.NONE;
        }
        return at(
                parts,
                part + 1,
                words,
                from + 1,
                next.isCaptured() ? words.get(from).text() : captured);
    }
}
