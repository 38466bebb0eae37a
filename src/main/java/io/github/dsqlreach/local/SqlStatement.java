package io.github.dsqlreach.local;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One statement of a text of SQL, as its words. This knows how PostgreSQL separates words and statements (comments, strings,
 * quoted names, dollar quotes, bodies of functions), and nothing of its grammar.
 *
 * @param start where it begins in the text
 * @param end where it ends, without the semicolon
 * @param words its first words, numbers, symbols and quoted texts; only so many as were asked for
 */
record SqlStatement(int start, int end, List<Word> words) {
    /** Of strings and quoted names; the rest of a longer one is not kept. */
    private static final int LONGEST_VALUE = 200;

    /** A word of the grammar or an unquoted name in lower case, or anything else as it is. */
    record Word(Kind kind, String text, int start, int end) {
        boolean is(String word) {
            return kind == Kind.WORD && text.equals(word);
        }
    }

    enum Kind {
        WORD,
        QUOTED_NAME,
        STRING,
        OTHER
    }

    /** Whether the words from that one on are these, in lower case. */
    boolean has(int from, String... expected) {
        if (from < 0 || from + expected.length > words.size()) {
            return false;
        }
        for (int i = 0; i < expected.length; i++) {
            if (!words.get(from + i).is(expected[i])) {
                return false;
            }
        }
        return true;
    }

    /** Whether it begins with this word, in lower case. */
    boolean begins(String word) {
        return has(0, word);
    }

    /** Where these words stand, one after the other; -1 if they do not. */
    int find(String... expected) {
        for (int i = 0; i + expected.length <= words.size(); i++) {
            if (has(i, expected)) {
                return i;
            }
        }
        return -1;
    }

    /** A name, without its quotes, or a word; empty if there is none. */
    String name(int index) {
        return index < words.size() && words.get(index).kind() != Kind.OTHER
                ? words.get(index).text()
                : "";
    }

    /**
     * The statements of that text, in which each character stands for one byte. Empty statements are left out. It takes time in
     * proportion to the length of the text.
     *
     * @param most how many words of each statement are kept
     */
    static List<SqlStatement> all(String text, int most) {
        return new Scanner(text, most, false).statements();
    }

    /** The first statement, read only so far as its words are kept; empty if there is none. */
    static Optional<SqlStatement> first(String text, int most) {
        return new Scanner(text, most, true).statements().stream().findFirst();
    }

    /** Reads one text from its beginning to its end. */
    private static final class Scanner {
        private final String text;
        private final int most;
        private final boolean firstOnly;
        private final List<SqlStatement> statements = new ArrayList<>();

        private List<Word> words = new ArrayList<>();
        private int at;
        private int statementStart = -1;
        private int wordEnd;
        /** Of parentheses: a semicolon in them ends no statement. */
        private int depth;
        /** Of BEGIN ATOMIC and CASE in the body of a function. */
        private int bodies;

        private String lastWord = "";

        Scanner(String text, int most, boolean firstOnly) {
            this.text = text;
            this.most = most;
            this.firstOnly = firstOnly;
        }

        List<SqlStatement> statements() {
            while (at < text.length() && !(firstOnly && (words.size() == most || !statements.isEmpty()))) {
                char c = text.charAt(at);
                if (isSpace(c)) {
                    at++;
                } else if (text.startsWith("--", at)) {
                    skipLine();
                } else if (text.startsWith("/*", at)) {
                    skipComment();
                } else if (c == ';' && depth == 0 && bodies == 0) {
                    endStatement();
                    at++;
                } else {
                    readWord(c);
                }
            }
            endStatement();
            return statements;
        }

        private void endStatement() {
            if (statementStart >= 0) {
                statements.add(new SqlStatement(statementStart, wordEnd, List.copyOf(words)));
                words = new ArrayList<>();
                statementStart = -1;
                lastWord = "";
                depth = 0;
                bodies = 0;
            }
        }

        private void readWord(char c) {
            int start = at;
            Kind kind = Kind.OTHER;
            String value = "";
            if (c == '\'') {
                value = skipQuoted('\'', false);
                kind = Kind.STRING;
            } else if (c == '"') {
                value = skipQuoted('"', false);
                kind = Kind.QUOTED_NAME;
            } else if (c == '$' && skipDollarQuoted()) {
                kind = Kind.STRING;
            } else if ((c == 'e' || c == 'E') && text.startsWith("'", at + 1)) {
                at++;
                value = skipQuoted('\'', true);
                kind = Kind.STRING;
            } else if (isNameStart(c)) {
                while (at < text.length() && isNamePart(text.charAt(at))) {
                    at++;
                }
                value = lowerCase(text.substring(start, at));
                kind = Kind.WORD;
                noteBody(value);
            } else {
                at++;
                if (Character.isDigit(c) || c == '$') {
                    while (at < text.length() && (isNamePart(text.charAt(at)) || text.charAt(at) == '.')) {
                        at++;
                    }
                }
                value = text.substring(start, at);
                depth += c == '(' ? 1 : c == ')' && depth > 0 ? -1 : 0;
            }
            if (statementStart < 0) {
                statementStart = start;
            }
            wordEnd = at;
            lastWord = kind == Kind.WORD ? value : "";
            if (words.size() < most) {
                words.add(new Word(kind, value, start, at));
            }
        }

        /** Of ASCII letters only, as PostgreSQL does. */
        private static String lowerCase(String word) {
            StringBuilder lower = new StringBuilder(word);
            for (int i = 0; i < word.length(); i++) {
                char c = word.charAt(i);
                if (c >= 'A' && c <= 'Z') {
                    lower.setCharAt(i, (char) (c + 'a' - 'A'));
                }
            }
            return lower.toString();
        }

        private void noteBody(String word) {
            if (word.equals("atomic") && lastWord.equals("begin")) {
                bodies = 1;
            } else if (bodies > 0 && word.equals("case")) {
                bodies++;
            } else if (bodies > 0 && word.equals("end")) {
                bodies--;
            }
        }

        /** From the quote on to behind the closing one; what is between them. */
        private String skipQuoted(char quote, boolean escapes) {
            StringBuilder value = new StringBuilder();
            for (at++; at < text.length(); at++) {
                char c = text.charAt(at);
                if (escapes && c == '\\') {
                    at++;
                } else if (c == quote) {
                    if (!text.startsWith(String.valueOf(quote), at + 1)) {
                        break;
                    }
                    at++;
                }
                if (value.length() < LONGEST_VALUE && at < text.length()) {
                    value.append(text.charAt(at));
                }
            }
            at = Math.min(at + 1, text.length());
            return value.toString();
        }

        private boolean skipDollarQuoted() {
            int end = at + 1;
            while (end < text.length() && isNamePart(text.charAt(end)) && text.charAt(end) != '$') {
                end++;
            }
            boolean isTag = end < text.length()
                    && text.charAt(end) == '$'
                    && (end == at + 1 || !Character.isDigit(text.charAt(at + 1)));
            if (isTag) {
                String tag = text.substring(at, end + 1);
                int close = text.indexOf(tag, end + 1);
                at = close < 0 ? text.length() : close + tag.length();
            }
            return isTag;
        }

        private void skipLine() {
            while (at < text.length() && text.charAt(at) != '\n') {
                at++;
            }
        }

        /** Comments may be nested. */
        private void skipComment() {
            int level = 0;
            do {
                if (text.startsWith("/*", at)) {
                    level++;
                    at += 2;
                } else if (text.startsWith("*/", at)) {
                    level--;
                    at += 2;
                } else {
                    at++;
                }
            } while (level > 0 && at < text.length());
        }

        private static boolean isSpace(char c) {
            return c == ' ' || c >= '\t' && c <= '\r';
        }

        private static boolean isNameStart(char c) {
            return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80;
        }

        private static boolean isNamePart(char c) {
            return isNameStart(c) || c >= '0' && c <= '9' || c == '$';
        }
    }
}
