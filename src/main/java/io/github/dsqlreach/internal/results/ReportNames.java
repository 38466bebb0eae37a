package io.github.dsqlreach.internal.results;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.internal.Digests;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** The names of files: the same in all JVMs of a build, without secrets, and valid on Linux, macOS and Windows. */
public final class ReportNames {
    private static final int LONGEST_HOST = 100;
    private static final String NO_ENDPOINT = "no-endpoint";

    /** What the methods below make, and nothing else: such files are deleted when they are stale. */
    private static final Pattern NAME = Pattern.compile("(?:simulated-[A-Z_]{1,60}-)?(?:" + NO_ENDPOINT
            + "(?:-[0-9a-f]{8})?|[A-Za-z0-9_][A-Za-z0-9._-]{0,100}-[0-9a-f]{8})" + "(?:-[A-Z][A-Z_]{1,60})?");

    /** Windows opens a device whatever follows the dot. */
    private static final Pattern DEVICE = Pattern.compile("(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\\..*)?");

    /** An address that is another one in each JVM: a simulated fault, a local cluster, a tunnel. */
    private static final Pattern LOOPBACK = Pattern.compile("127\\..*|::1|localhost");

    private ReportNames() {}

    /** The name of a report: the endpoint and the cause. */
    public static String of(Reachability reachability) {
        return simulated(reachability)
                + reachability
                        .endpoint()
                        .map(ReportNames::of)
                        .orElseGet(() -> reachability
                                        .diagnosis()
                                        .cause()
                                        .filter(Cause.ENDPOINT_NOT_CONFIGURED::equals)
                                        .isPresent()
                                ? NO_ENDPOINT
                                : NO_ENDPOINT + "-" + hash(reachability.summary()))
                + reachability.diagnosis().cause().map(cause -> "-" + cause).orElse("");
    }

    private static String simulated(Reachability reachability) {
        return reachability
                .simulation()
                .map(simulation -> "simulated-" + simulation.fault() + "-")
                .orElse("");
    }

    /** The name of an endpoint: its host, and eight characters that tell endpoints on the same host apart. */
    public static String of(Endpoint endpoint) {
        return safe(endpoint.host(), LONGEST_HOST) + "-"
                + hash(String.join(
                        "\n",
                        endpoint.address().toString(),
                        endpoint.user(),
                        endpoint.database(),
                        endpoint.negotiation().name(),
                        endpoint.transport().name(),
                        endpoint.region().orElse(""),
                        endpoint.trust().mode().name(),
                        endpoint.options(),
                        endpoint.connectTo()
                                .filter(to -> !LOOPBACK.matcher(to.host()).matches())
                                .map(Object::toString)
                                .orElse("")));
    }

    /** The name of the endpoint that tests need if none could be used. */
    public static String withoutEndpoint() {
        return NO_ENDPOINT;
    }

    /** Whether a report can have that name: it leads nowhere else, and no file of others has it. */
    static boolean isReport(String name) {
        return NAME.matcher(name).matches();
    }

    /** A text as the beginning of a file's name: at most so many characters, no secrets. */
    static String safe(String text, int longest) {
        String name = Scrubber.scrub(text)
                .replaceAll("[^A-Za-z0-9._-]", "-")
                .transform(clean -> clean.substring(0, Math.min(clean.length(), longest)));
        String start = name.replaceFirst("^[.-]+", "");
        return start.isEmpty() || DEVICE.matcher(start).matches() ? "_" + start : start;
    }

    private static String hash(String text) {
        return HexFormat.of().formatHex(Digests.of("SHA-256", text.getBytes(StandardCharsets.UTF_8)), 0, 4);
    }
}
