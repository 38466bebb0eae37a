package io.github.dsqlreach.probe;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** The host name becomes addresses, by the resolver that the driver uses as well. */
final class DnsPhase {
    /** More addresses than any cluster has; a hostile resolver could give thousands. */
    private static final int MOST_ADDRESSES = 16;

    private DnsPhase() {}

    static Step<List<InetAddress>> run(Resolver resolver, String host, String endpointHost, Deadline deadline)
            throws InterruptedException {
        long start = System.nanoTime();
        Evidence.Builder evidence = Evidence.builder();
        if (!host.equals(endpointHost)) {
            evidence.put(Evidence.NAME, host);
        }
        try {
            InetAddress[] all = BoundedCall.start("dns", () -> lookUp(resolver, host), deadline)
                    .join();
            List<InetAddress> addresses =
                    Arrays.stream(all).distinct().limit(MOST_ADDRESSES).toList();
            evidence.put(
                    Evidence.ADDRESSES,
                    addresses.stream().map(InetAddress::getHostAddress).toList());
            // An address in figures is in no such file.
            Path hosts = NameQuestion.hostsFile();
            List<String> there = NameQuestion.inHostsFile(host, hosts);
            if (addresses.stream().map(InetAddress::getHostAddress).anyMatch(there::contains)) {
                evidence.put(Evidence.HOSTS_FILE, hosts.toString());
            }
            return Step.passed(addresses, evidence.build(), start);
        } catch (InterruptedException e) {
            throw e;
        } catch (TimeoutException e) {
            return Step.failed(
                    new Failure(FailureKind.TIMEOUT, "the resolver did not answer for " + host),
                    evidence.build(),
                    start);
        } catch (UnknownHostException e) {
            return Step.failed(classify(e, host), evidence.build(), start);
        } catch (Exception e) {
            return Step.failed(Failures.unclassified(e), evidence.build(), start);
        }
    }

    /** The JDK remembers failed lookups for a while, but not why they failed: the absolute name is asked anew. */
    private static InetAddress[] lookUp(Resolver resolver, String host) throws UnknownHostException {
        try {
            return resolver.lookUp(host);
        } catch (UnknownHostException e) {
            if (SystemTexts.reason(e, host).isPresent() || host.endsWith(".")) {
                throw e;
            }
            return resolver.lookUp(host + ".");
        }
    }

    private static Failure classify(UnknownHostException e, String host) {
        String reason = SystemTexts.reason(e, host)
                .flatMap(text -> SystemTexts.reason(new UnknownHostException(text), host + "."))
                .orElse("it failed a moment ago, and the JDK remembers that");
        return SystemTexts.isNoSuchName(new UnknownHostException(host + ": " + reason), host)
                ? new Failure(FailureKind.NAME_NOT_FOUND, "no such host: " + host)
                : new Failure(FailureKind.NAME_LOOKUP_FAILED, "lookup of " + host + " failed: " + reason);
    }
}
