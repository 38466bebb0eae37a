package io.github.dsqlreach.fault;

import io.github.dsqlreach.Negotiation;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The catalogue as a table, for the documentation. */
final class FaultTable {
    private static final String HOST = "HOST";

    private FaultTable() {}

    static String markdown() {
        return Arrays.stream(Fault.values())
                .map(FaultTable::row)
                .collect(Collectors.joining(
                        "\n",
                        "| fault | what happens | made of | parameters | with SSLRequest | with direct TLS | any TCP server |\n"
                                + "|---|---|---|---|---|---|---|\n",
                        "\n"));
    }

    private static String row(Fault fault) {
        return String.format(
                "| `%s` | %s | %s | %s | %s | %s | %s |",
                fault,
                fault.description(),
                recipe(fault),
                parameters(fault),
                fault.whatTheClientSees(Negotiation.POSTGRES),
                fault.whatTheClientSees(Negotiation.DIRECT),
                fault.isForAnyServer() ? "yes" : "");
    }

    private static String recipe(Fault fault) {
        return fault.recipe()
                .detour()
                .map(Object::toString)
                .orElseGet(() -> fault.recipe().toxics(TunedFault.of(fault), HOST).stream()
                        .map(toxic -> toxic + (toxic.isStock() ? "" : " *"))
                        .collect(Collectors.joining(", ")));
    }

    private static String parameters(Fault fault) {
        return fault.parameters().entrySet().stream()
                .filter(parameter -> !parameter.getKey().equals("toxicity")
                        || !parameter.getValue().startsWith("1 "))
                .map(parameter -> "`" + parameter.getKey() + "` " + parameter.getValue())
                .collect(Collectors.joining(", "));
    }

    /** Prints the table. */
    public static void main(String[] arguments) {
        System.out.print(markdown());
    }
}
