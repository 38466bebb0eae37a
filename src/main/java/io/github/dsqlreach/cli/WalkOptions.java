package io.github.dsqlreach.cli;

import io.github.dsqlreach.Setting;
import java.util.Map;
import picocli.CommandLine.Option;

/** How far to walk, how, and with how much patience. Each option's value is read by the configuration. */
final class WalkOptions {
    @Option(names = "--negotiation", paramLabel = "HOW", description = "How TLS starts: postgres (default) or direct.")
    private String negotiation;

    @Option(
            names = "--through",
            paramLabel = "PHASE",
            description = "How far to go: dns, tcp, token, tls, auth or query (default).")
    private String through;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "How long each phase may take, 1ms to 10m (default: 10s; 5s in simulate).")
    private String timeout;

    @Option(
            names = "--wait-for",
            paramLabel = "TIME",
            description = "How long to wait for a cluster that wakes up or limits its rate (default: 0s).")
    private String waitFor;

    @Option(names = "--no-experiments", description = "Only walk; do not experiment when the walk fails.")
    private boolean noExperiments;

    void putInto(Map<Setting, String> values) {
        OptionNames.put(values, Setting.NEGOTIATION, negotiation);
        OptionNames.put(values, Setting.THROUGH, through);
        OptionNames.put(values, Setting.TIMEOUT, timeout);
        OptionNames.put(values, Setting.WAIT_FOR, waitFor);
        OptionNames.put(values, Setting.EXPERIMENTS, noExperiments ? "false" : null);
    }
}
