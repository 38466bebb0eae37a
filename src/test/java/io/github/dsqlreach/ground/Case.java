package io.github.dsqlreach.ground;

import io.github.dsqlreach.Cause;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One obstacle: what the network does, and what the doctor has to find. Causes are texts, so that a case may ask for one
 * that does not exist yet.
 */
final class Case {
    /** In the place of a cause. */
    static final String NOT_TRIED = "NOT_TRIED";

    final String name;
    final String story;

    /** Shell scripts, run in the firewall's, the client's and the world's namespace when the network stands. */
    final List<String> firewall = new ArrayList<>();

    final List<String> client = new ArrayList<>();
    /** What the resolver says, as arguments of dnsmasq; {@code null}: no resolver. */
    List<String> resolver = new ArrayList<>();

    final List<String> hosts = new ArrayList<>();
    /** Where the cluster's name leads to. */
    List<Server> cluster = List.of(Server.CLUSTER);

    final Set<Server> servers = EnumSet.noneOf(Server.class);
    final List<String> arguments = new ArrayList<>();
    final List<String> javaOptions = new ArrayList<>();
    final Map<String, String> environment = new LinkedHashMap<>();
    String endpoint = World.HOST;
    int roundTripMillis;
    double loss = -1;
    int processorPercent;
    Set<Load> loads = EnumSet.allOf(Load.class);

    private String expected;
    private List<String> honest = List.of();
    private Pattern advice;

    private Case(String name, String story) {
        this.name = name;
        this.story = story;
    }

    static Case of(String name, String story) {
        return new Case(name, story);
    }

    Case firewall(String... scripts) {
        firewall.addAll(Arrays.asList(scripts));
        return this;
    }

    Case client(String... scripts) {
        client.addAll(Arrays.asList(scripts));
        return this;
    }

    Case hosts(String line) {
        hosts.add(line);
        return this;
    }

    /** Arguments of dnsmasq instead of the usual records. */
    Case resolver(String... arguments) {
        resolver = arguments.length == 1 && arguments[0] == null ? null : List.of(arguments);
        return this;
    }

    /** The cluster's name leads to these. */
    Case at(Server... addresses) {
        cluster = List.of(addresses);
        servers.addAll(cluster);
        return this;
    }

    /** These are there as well. */
    Case with(Server... others) {
        servers.addAll(List.of(others));
        return this;
    }

    Case endpoint(String endpoint) {
        this.endpoint = endpoint;
        return this;
    }

    Case arguments(String... more) {
        arguments.addAll(List.of(more));
        return this;
    }

    Case java(String... options) {
        javaOptions.addAll(List.of(options));
        return this;
    }

    Case environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    Case roundTrip(int millis) {
        roundTripMillis = millis;
        return this;
    }

    Case loss(double share) {
        loss = share;
        return this;
    }

    Case processor(int percent) {
        processorPercent = percent;
        return this;
    }

    /** Under other loads the case means something else. */
    Case only(Load first, Load... rest) {
        loads = EnumSet.of(first, rest);
        return this;
    }

    /** The right cause, {@code REACHABLE}, or {@code UNKNOWN}. */
    Case expect(String cause) {
        expected = cause;
        return this;
    }

    /** What is weaker than the evidence allows, and true. All else is wrong. */
    Case honest(String... causes) {
        honest = List.of(causes);
        return this;
    }

    /** What the report's text must say somewhere to be of use; without it a right answer counts as weaker. */
    Case says(String regex) {
        advice = Pattern.compile(regex, Pattern.CASE_INSENSITIVE);
        return this;
    }

    String expected() {
        return expected + (honest.isEmpty() ? "" : " (" + String.join(", ", honest) + ")");
    }

    Grade grade(Finding finding, Load load) {
        if (!finding.verdict().equals(verdictOf(finding.cause()))) {
            return finding.cause().equals(NOT_TRIED) ? Grade.NOT_TRIED : Grade.WRONG;
        }
        if (finding.cause().equals(expected)) {
            return advice == null || advice.matcher(finding.text()).find() ? Grade.RIGHT : Grade.WEAKER;
        }
        if (honest.contains(finding.cause()) || load.isHard() && finding.cause().equals("TIMEOUT_TOO_SHORT")) {
            return Grade.WEAKER;
        }
        return finding.cause().equals("UNKNOWN") ? Grade.UNKNOWN : Grade.WRONG;
    }

    /** What follows for the user: skipped, failed or run. It must fit the cause. */
    private static String verdictOf(String cause) {
        return Stream.of(Cause.values())
                .filter(it -> it.name().equals(cause))
                .map(it -> it.verdict().name())
                .findFirst()
                .orElse(cause);
    }

    @Override
    public String toString() {
        return name;
    }

    /** In the order of the table: the worst last. */
    enum Grade {
        RIGHT,
        WEAKER,
        UNKNOWN,
        /** The network could not be built: no matter of the doctor's. */
        NOT_TRIED,
        WRONG
    }

    /** What the doctor said: a cause, {@code REACHABLE} without one; and the words for people. */
    record Finding(String cause, String verdict, String confidence, double seconds, String text) {}
}
