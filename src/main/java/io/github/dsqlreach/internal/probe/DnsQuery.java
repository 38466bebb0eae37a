package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.internal.HostNames;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Hashtable;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import javax.naming.CommunicationException;
import javax.naming.Context;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import javax.naming.NoInitialContextException;
import javax.naming.OperationNotSupportedException;
import javax.naming.ServiceUnavailableException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;

/**
 * Looks up a name like the driver, at a DNS server, and in the hosts file. Experiments compare the answers. Nothing is
 * cached, except by {@link #ofJdk}: the JDK repeats a failure for 10 s without a new lookup.
 */
public final class DnsQuery {
    private static final int MOST_ADDRESSES = 16;
    private static final int LONGEST_DETAIL = 200;
    private static final int LARGEST_HOSTS_FILE = 1 << 20;
    /** JNDI doubles the timeout with each try. */
    private static final int TRIES = 3;

    private static final int SHARES = 1 + 2 + 4;

    private DnsQuery() {}

    /** The record type to ask a DNS server for. */
    public enum Type {
        /** IPv4. */
        A,
        /** IPv6. */
        AAAA
    }

    /**
     * Looks up the name like the driver: in the hosts file, DNS and whatever else this system uses. If the name ends with a
     * dot, no search domain is tried.
     */
    public static PhaseResult ofJdk(String name, Deadline deadline) throws InterruptedException {
        return bounded(
                () -> Arrays.stream(InetAddress.getAllByName(name))
                        .map(InetAddress::getHostAddress)
                        .distinct()
                        .limit(MOST_ADDRESSES)
                        .toList(),
                deadline,
                e -> e instanceof UnknownHostException
                        ? LocalErrors.ofLookup().orElseGet(() -> ofLookup((UnknownHostException) e, name))
                        : e instanceof TimeoutException
                                ? failure(FailureKind.TIMEOUT, "no answer", "the system's resolver did not answer")
                                : failure(FailureKind.NAME_LOOKUP_FAILED, "the lookup failed", e.toString()));
    }

    private static Failure ofLookup(UnknownHostException e, String name) {
        String reason = OsErrorMessages.reason(e, name).orElse("");
        return OsErrorMessages.isNoSuchName(e, name)
                ? failure(FailureKind.NAME_NOT_FOUND, "no such name", reason)
                : failure(FailureKind.NAME_LOOKUP_FAILED, "the lookup failed", reason);
    }

    /**
     * Asks a DNS server for exactly that name, without search domains, hosts file and the JDK's cache.
     *
     * @param server the server to ask; empty for the servers that this system uses
     */
    public static PhaseResult ofDns(String name, Type type, Optional<HostAndPort> server, Deadline deadline)
            throws InterruptedException {
        return bounded(() -> ask(name, type, server, deadline), deadline, DnsQuery::ofQuery);
    }

    private static Failure ofQuery(Exception e) {
        String detail = String.valueOf(e.getMessage());
        if (e instanceof TimeoutException || e instanceof CommunicationException) {
            return failure(FailureKind.TIMEOUT, "no answer", "no DNS server answered");
        }
        if (e instanceof NameNotFoundException) {
            return failure(FailureKind.NAME_NOT_FOUND, "no such name", detail);
        }
        if (e instanceof ServiceUnavailableException) {
            return failure(FailureKind.NAME_LOOKUP_FAILED, "the DNS server failed (SERVFAIL)", detail);
        }
        if (e instanceof OperationNotSupportedException) {
            return failure(FailureKind.NAME_LOOKUP_FAILED, "the DNS server refused the query (REFUSED)", detail);
        }
        return e instanceof NoInitialContextException
                ? failure(
                        FailureKind.UNCLASSIFIED,
                        "no query could be made",
                        "this Java runtime has no module jdk.naming.dns")
                : failure(FailureKind.NAME_LOOKUP_FAILED, "the lookup failed", e.toString());
    }

    private static Failure failure(FailureKind kind, String what, String detail) {
        String why = Scrubber.line(detail, LONGEST_DETAIL);
        return new Failure(kind, why.isEmpty() ? what : what + ": " + why);
    }

    private static PhaseResult bounded(
            Callable<List<String>> call, Deadline deadline, Function<Exception, Failure> classify)
            throws InterruptedException {
        long start = System.nanoTime();
        try {
            List<String> addresses = BoundedCall.start("name", call, deadline).join();
            Evidence evidence =
                    Evidence.builder().put(Evidence.ADDRESSES, addresses).build();
            Step<List<String>> answer = addresses.isEmpty()
                    ? Step.failed(
                            failure(FailureKind.NAME_LOOKUP_FAILED, "the name exists and has no such address", ""),
                            Evidence.none(),
                            start)
                    : Step.passed(addresses, evidence, start);
            return answer.as(Phase.DNS);
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            Failure failure = LocalErrors.of(e).orElseGet(() -> classify.apply(e));
            return Step.failed(failure, Evidence.none(), start).as(Phase.DNS);
        }
    }

    private static List<String> ask(String name, Type type, Optional<HostAndPort> server, Deadline deadline)
            throws NamingException {
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
        environment.put(
                Context.PROVIDER_URL, server.map(address -> "dns://" + address).orElse("dns:"));
        environment.put(
                "com.sun.jndi.dns.timeout.initial", String.valueOf(Math.max(1, deadline.leftMillis() / SHARES)));
        environment.put("com.sun.jndi.dns.timeout.retries", String.valueOf(TRIES));
        InitialDirContext context = new InitialDirContext(environment);
        try {
            String absolute = name.endsWith(".") ? name : name + ".";
            Attribute found =
                    context.getAttributes(absolute, new String[] {type.name()}).get(type.name());
            List<String> addresses = new ArrayList<>();
            for (Object address : found == null ? List.of() : Collections.list(found.getAll())) {
                if (addresses.size() < MOST_ADDRESSES) {
                    addresses.add(literal(String.valueOf(address)));
                }
            }
            return addresses;
        } finally {
            context.close();
        }
    }

    /** The address as Java writes it. */
    private static String literal(String address) {
        try {
            return InetAddress.getByName(address).getHostAddress();
        } catch (UnknownHostException e) {
            return address;
        }
    }

    /** This machine's hosts file. On nearly every system it takes precedence over DNS. */
    static Path hostsFile() {
        String configured = System.getProperty("jdk.net.hosts.file", "");
        String windows = System.getenv("SystemRoot");
        return !configured.isEmpty()
                ? Path.of(configured)
                : windows == null ? Path.of("/etc/hosts") : Path.of(windows, "System32", "drivers", "etc", "hosts");
    }

    /** The addresses of that name in the file; empty if there are none, or the file cannot be read. */
    static List<String> inHostsFile(String name, Path file) {
        String wanted = HostNames.withoutFinalDot(name);
        if (!Files.isRegularFile(file)) {
            return List.of();
        }
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(LARGEST_HOSTS_FILE), StandardCharsets.ISO_8859_1)
                    .lines()
                    .map(line -> line.replaceFirst("#.*", "").strip().split("\\s+"))
                    .filter(words -> Arrays.stream(words).skip(1).anyMatch(wanted::equalsIgnoreCase))
                    .map(words -> words[0])
                    .limit(MOST_ADDRESSES)
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
