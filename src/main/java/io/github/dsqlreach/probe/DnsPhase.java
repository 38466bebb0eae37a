package io.github.dsqlreach.probe;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/** The host name becomes addresses, by the resolver that the driver uses as well. */
final class DnsPhase {
    /** More addresses than any cluster has; a hostile resolver could give thousands. */
    private static final int MOST_ADDRESSES = 16;
    /** What C libraries and the JDK say for "no such name"; there is no type that tells. */
    private static final Pattern NO_SUCH_NAME =
            Pattern.compile("(?i)name or service not known|no such host|nodename nor servname|no address associated"
                    + "|unable to resolve host|name does not resolve|not known");

    private DnsPhase() {}

    static Step<List<InetAddress>> run(String host, String endpointHost, Deadline deadline) {
        long start = System.nanoTime();
        Evidence.Builder evidence = Evidence.builder();
        if (!host.equals(endpointHost)) {
            evidence.put(Evidence.NAME, host);
        }
        try {
            InetAddress[] all = BoundedCall.start("dns", () -> InetAddress.getAllByName(host), deadline)
                    .join();
            List<InetAddress> addresses =
                    Arrays.stream(all).distinct().limit(MOST_ADDRESSES).toList();
            evidence.put(
                    Evidence.ADDRESSES,
                    addresses.stream().map(InetAddress::getHostAddress).toList());
            return Step.passed(addresses, evidence.build(), start);
        } catch (TimeoutException e) {
            return Step.failed(
                    new Failure(FailureKind.TIMEOUT, "the resolver did not answer for " + host),
                    evidence.build(),
                    start);
        } catch (UnknownHostException e) {
            boolean noSuchName =
                    NO_SUCH_NAME.matcher(String.valueOf(e.getMessage())).find();
            return Step.failed(
                    noSuchName
                            ? new Failure(FailureKind.NAME_NOT_FOUND, "no such host: " + host)
                            : new Failure(FailureKind.NAME_LOOKUP_FAILED, "lookup failed: " + e.getMessage()),
                    evidence.build(),
                    start);
        } catch (Exception e) {
            return Step.failed(Failures.unclassified(e), evidence.build(), start);
        }
    }
}
