package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.internal.JvmSettings;
import io.github.dsqlreach.internal.Numbers;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/** Resolves the host name, with the resolver that the driver uses. */
final class DnsPhase {
    /** More addresses than any cluster has. An untrusted resolver could return thousands. */
    private static final int MOST_ADDRESSES = 16;

    /** A thread that notices the deadline later than this had no processor time. */
    private static final Duration LATE = Duration.ofSeconds(3);

    private DnsPhase() {}

    static Step<List<InetAddress>> run(Resolver resolver, String host, String endpointHost, Deadline deadline)
            throws InterruptedException {
        long start = System.nanoTime();
        Evidence.Builder evidence = Evidence.builder();
        if (!host.equals(endpointHost)) {
            evidence.put(Evidence.NAME, host);
        }
        evidence.put(Evidence.JVM_SETTINGS, JvmSettings.of(List.of(JvmSettings.Topic.NAMES)));
        try {
            InetAddress[] all = BoundedCall.start("dns", () -> lookUp(resolver, host), deadline)
                    .join();
            List<InetAddress> addresses =
                    Arrays.stream(all).distinct().limit(MOST_ADDRESSES).toList();
            evidence.put(
                    Evidence.ADDRESSES,
                    addresses.stream().map(InetAddress::getHostAddress).toList());
            // The hosts file maps names only.
            Path hosts = DnsQuery.hostsFile();
            List<String> there = DnsQuery.inHostsFile(host, hosts);
            if (addresses.stream().map(InetAddress::getHostAddress).anyMatch(there::contains)) {
                evidence.put(Evidence.HOSTS_FILE, hosts.toString());
            }
            return Step.passed(addresses, evidence.build(), start);
        } catch (InterruptedException e) {
            throw e;
        } catch (TimeoutException e) {
            return Step.failed(silence(host, Step.since(start), deadline), evidence.build(), start);
        } catch (UnknownHostException e) {
            Failure failure = LocalErrors.of(e)
                    .or(LocalErrors::ofLookup)
                    .or(() -> ofHostsFile(host, evidence))
                    .orElseGet(() -> classify(e, host));
            return Step.failed(failure, evidence.build(), start);
        } catch (Exception e) {
            return Step.failed(Failures.of(e), evidence.build(), start);
        }
    }

    /** With this property the JDK looks names up in that file only, and never in DNS. */
    private static Optional<Failure> ofHostsFile(String host, Evidence.Builder evidence) {
        return JvmSettings.systemProperty("jdk.net.hosts.file").map(setting -> {
            String effect = "this JVM looks names up in a hosts file only, and " + host + " is not in it";
            evidence.put(Evidence.SETTING, setting).put(Evidence.SETTING_EFFECT, effect);
            return new Failure(FailureKind.JVM_SETTING, effect);
        });
    }

    /** The JDK caches a failed lookup without the reason. A lookup of the absolute name is not cached. */
    private static InetAddress[] lookUp(Resolver resolver, String host) throws UnknownHostException {
        try {
            return resolver.lookUp(host);
        } catch (UnknownHostException e) {
            if (OsErrorMessages.reason(e, host).isPresent() || host.endsWith(".")) {
                throw e;
            }
            return resolver.lookUp(host + ".");
        }
    }

    /** A thread that notices the deadline this late could not have received an answer. */
    private static Failure silence(String host, Duration waited, Deadline deadline) {
        Duration allowed = deadline.length();
        return waited.minus(allowed).compareTo(LATE) < 0
                ? new Failure(FailureKind.TIMEOUT, "the resolver did not answer for " + host)
                : new Failure(
                        FailureKind.OUT_OF_TIME,
                        "out of time on this machine: it noticed only after " + Numbers.print(waited) + " that the "
                                + Numbers.print(allowed) + " for the lookup of " + host + " were over");
    }

    private static Failure classify(UnknownHostException e, String host) {
        String reason = OsErrorMessages.reason(e, host)
                .flatMap(text -> OsErrorMessages.reason(new UnknownHostException(text), host + "."))
                .orElse("it failed a moment ago, and the JDK remembers that");
        return OsErrorMessages.isNoSuchName(new UnknownHostException(host + ": " + reason), host)
                ? new Failure(FailureKind.NAME_NOT_FOUND, "no such host: " + host)
                : new Failure(FailureKind.NAME_LOOKUP_FAILED, "lookup of " + host + " failed: " + reason);
    }
}
