package io.github.dsqlreach.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Two rules that apply to the same facts and give different causes: each such pair is reviewed, and a new one fails. The
 * review is {@code src/test/resources/rule-precedence.txt}. Not compared are rules without conditions, which stand last
 * for their way of failing, and a verified server's errors, where one text decides before the other.
 */
class RulePrecedenceTest {
    private static final int SETS = Integer.getInteger("facts.sets", 60_000);
    private static final Pattern LINE = Pattern.compile("(\\S+) > (\\S+): (precise|open): \\S.*");

    private static final Set<String> PAIRS = new TreeSet<>();
    private static List<String> reviewed;

    @BeforeAll
    static void find() throws IOException {
        reviewed = Files.readAllLines(Path.of("src/test/resources/rule-precedence.txt")).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
        RandomFacts random = new RandomFacts(24);
        for (int i = 0; i < SETS; i++) {
            pairs(random.draw().facts());
        }
        DiagnosisCases.all().forEach(each -> pairs(each.facts().facts()));
    }

    private static void pairs(Facts facts) {
        List<String> ids = new ArrayList<>();
        List<Rule> applying = new ArrayList<>();
        for (Rule rule : DiagnosisTable.TABLE.rules()) {
            Truth fits = rule.fits(facts);
            if (rule.stated() || rule.conditions().isEmpty() || !fits.value() || fits.isOpen()) {
                continue;
            }
            boolean reproduced = rule.isReproduced(facts).equals(Truth.TRUE);
            applying.add(rule);
            ids.add(rule.id() + (reproduced ? "" : "?"));
            if (reproduced && applying.size() > 1) {
                for (int i = 0; i < applying.size() - 1; i++) {
                    if (applying.get(i).causeOf(facts.kind()) != rule.causeOf(facts.kind())) {
                        PAIRS.add(ids.get(i) + " > " + rule.id());
                    }
                }
            }
        }
    }

    @Test
    void eachPairIsReviewed() {
        assertThat(PAIRS).hasSizeGreaterThan(100);
        assertThat(PAIRS)
                .filteredOn(pair -> review(pair).isEmpty())
                .as("pairs without a line in rule-precedence.txt")
                .isEmpty();
    }

    @Test
    void eachLineIsAboutAPairThatOccurs() {
        Set<String> used = new HashSet<>();
        PAIRS.forEach(pair -> review(pair).ifPresent(used::add));

        assertThat(reviewed).allMatch(line -> LINE.matcher(line).matches()).doesNotHaveDuplicates();
        assertThat(reviewed)
                .filteredOn(line -> !used.contains(line))
                .as("lines that cover no pair")
                .isEmpty();
    }

    private static Optional<String> review(String pair) {
        String[] rules = pair.split(" > ");
        return reviewed.stream()
                .filter(line -> {
                    Matcher matcher = LINE.matcher(line);
                    return matcher.matches()
                            && matcher.group(1).equals(rules[0])
                            && Arrays.asList("*", rules[1]).contains(matcher.group(2));
                })
                .findFirst();
    }
}
