package io.github.dsqlreach.fault;

import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.toxiproxy.ToxicDefinition;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The catalogue as a table, for the documentation. */
final class FaultTable {
    private static final String HOST = "HOST";

    private FaultTable() {}

    static String ofConnections() {
        return Arrays.stream(Fault.values())
                .filter(fault -> !fault.isAtCommit())
                .map(FaultTable::row)
                .collect(Collectors.joining(
                        "\n",
                        "| fault | what happens | it has an effect when | made of | parameters | with SSLRequest | with direct TLS | over a WebSocket | any TCP server |\n"
                                + "|---|---|---|---|---|---|---|---|---|\n",
                        "\n"));
    }

    static String atCommit() {
        return Arrays.stream(Fault.values())
                .filter(Fault::isAtCommit)
                .map(fault -> String.format(
                        "| `%s` | %s | %s |",
                        fault, fault.description(), parameters(fault, Set.of("seed", "commit", "times"))))
                .collect(Collectors.joining("\n", "| fault | what happens | more parameters |\n|---|---|---|\n", "\n"));
    }

    private static String row(Fault fault) {
        return String.format(
                "| `%s` | %s | %s | %s | %s | %s | %s | %s | %s |",
                fault,
                fault.description(),
                fault.strikesWhen(),
                recipe(fault),
                parameters(fault, Set.of("seed")),
                ClientView.of(fault, Negotiation.POSTGRES),
                ClientView.of(fault, Negotiation.DIRECT),
                ClientView.overWebSocket(fault),
                fault.isForAnyServer() ? "yes" : "");
    }

    private static String recipe(Fault fault) {
        return fault.recipe()
                .detour()
                .map(Object::toString)
                .orElseGet(() -> toxics(fault.recipe().toxics(TunedFault.of(fault)::number, HOST))
                        + fault.recipe()
                                .stockToxics(TunedFault.of(fault)::number)
                                .map(stock -> "; elsewhere " + toxics(stock))
                                .orElse(""));
    }

    private static String toxics(List<ToxicDefinition> toxics) {
        return toxics.stream().map(FaultTable::toxic).collect(Collectors.joining(", "));
    }

    /** For example {@code limit_data upstream (bytes 9)}. */
    private static String toxic(ToxicDefinition toxic) {
        Stream<String> share =
                toxic.toxicity() == 1 ? Stream.empty() : Stream.of("toxicity " + Parameter.print(toxic.toxicity()));
        String details = Stream.concat(
                        toxic.attributes().entrySet().stream()
                                .map(attribute -> attribute.getKey() + " " + attribute.getValue()),
                        share)
                .collect(Collectors.joining(", "));
        return "`" + toxic.type() + "` " + toxic.direction().name().toLowerCase(Locale.ROOT)
                + (details.isEmpty() ? "" : " (" + details + ")")
                + (RemoteToxiproxy.STOCK.contains(toxic.type()) ? "" : " *");
    }

    private static String parameters(Fault fault, Set<String> saidForAll) {
        return fault.parameters().entrySet().stream()
                .filter(parameter -> !saidForAll.contains(parameter.getKey()))
                .filter(parameter -> !parameter.getKey().equals("toxicity")
                        || !parameter.getValue().startsWith("1 "))
                .map(parameter -> "`" + parameter.getKey() + "` " + parameter.getValue())
                .collect(Collectors.joining(", "));
    }

    /** Prints the tables. */
    public static void main(String[] arguments) {
        System.out.print(ofConnections() + "\n" + atCommit());
    }
}
