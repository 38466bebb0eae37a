package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Failure;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.internal.HostNames;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Hashtable;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import javax.naming.CommunicationException;
import javax.naming.Context;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import javax.naming.NoInitialContextException;
import javax.naming.OperationNotSupportedException;
import javax.naming.ServiceUnavailableException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;
import org.jspecify.annotations.Nullable;

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

    /** The result of a lookup. */
    public enum Kind {
        /** There are addresses. */
        ADDRESSES,
        /** The name does not exist (NXDOMAIN). */
        NO_SUCH_NAME,
        /** The name exists and has no address of that type. */
        NO_DATA,
        /** The server failed (SERVFAIL). */
        SERVER_FAILURE,
        /** The server rejects such queries from this machine (REFUSED). */
        REFUSED,
        /** There was no answer within the timeout. */
        NO_ANSWER,
        /** This Java runtime lacks the module {@code jdk.naming.dns}, or no DNS server is configured. */
        CANNOT_ASK,
        /** This machine could not make the lookup; {@link Answer#local()} has the reason. */
        LOCAL_ERROR,
        /** Another failure; the detail has the message. */
        FAILED
    }

    /**
     * An answer.
     *
     * @param kind the result
     * @param addresses in the order given, at most 16; empty unless the kind is {@code ADDRESSES}
     * @param detail the message, scrubbed; may be empty
     * @param duration the time of the lookup
     * @param local the error of this machine; present with the kind {@code LOCAL_ERROR}
     */
    public record Answer(Kind kind, List<String> addresses, String detail, Duration duration, Optional<Failure> local) {
        private static Answer of(Kind kind, @Nullable String detail, long start) {
            return new Answer(
                    kind,
                    List.of(),
                    Scrubber.line(String.valueOf(detail), LONGEST_DETAIL),
                    Step.since(start),
                    Optional.empty());
        }

        private static Answer of(List<String> addresses, long start) {
            return new Answer(
                    addresses.isEmpty() ? Kind.NO_DATA : Kind.ADDRESSES,
                    addresses,
                    "",
                    Step.since(start),
                    Optional.empty());
        }

        private static Answer of(Failure local, long start) {
            return new Answer(Kind.LOCAL_ERROR, List.of(), local.message(), Step.since(start), Optional.of(local));
        }
    }

    /**
     * Looks up the name like the driver: in the hosts file, DNS and whatever else this system uses. If the name ends with a
     * dot, no search domain is tried. The detail has the system's message for a failure.
     */
    public static Answer ofJdk(String name, Deadline deadline) throws InterruptedException {
        long start = System.nanoTime();
        try {
            InetAddress[] all = BoundedCall.start("name", () -> InetAddress.getAllByName(name), deadline)
                    .join();
            return Answer.of(
                    Arrays.stream(all)
                            .map(InetAddress::getHostAddress)
                            .distinct()
                            .limit(MOST_ADDRESSES)
                            .toList(),
                    start);
        } catch (InterruptedException e) {
            throw e;
        } catch (TimeoutException e) {
            return Answer.of(Kind.NO_ANSWER, "the system's resolver did not answer", start);
        } catch (UnknownHostException e) {
            Optional<Failure> local = LocalErrors.of(e).or(LocalErrors::ofLookup);
            if (local.isPresent()) {
                return Answer.of(local.get(), start);
            }
            return OsErrorMessages.isNoSuchName(e, name)
                    ? Answer.of(
                            Kind.NO_SUCH_NAME, OsErrorMessages.reason(e, name).orElse(""), start)
                    : Answer.of(Kind.FAILED, OsErrorMessages.reason(e, name).orElse(""), start);
        } catch (Exception e) {
            return LocalErrors.of(e)
                    .map(local -> Answer.of(local, start))
                    .orElseGet(() -> Answer.of(Kind.FAILED, e.toString(), start));
        }
    }

    /**
     * Asks a DNS server for exactly that name, without search domains, hosts file and the JDK's cache.
     *
     * @param server the server to ask; empty for the servers that this system uses
     */
    public static Answer ofDns(String name, Type type, Optional<HostAndPort> server, Deadline deadline)
            throws InterruptedException {
        long start = System.nanoTime();
        try {
            return BoundedCall.start("name", () -> ask(name, type, server, deadline, start), deadline)
                    .join();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            return LocalErrors.of(e)
                    .map(local -> Answer.of(local, start))
                    .orElseGet(() -> Answer.of(kindOf(e), detailOf(e), start));
        }
    }

    private static Kind kindOf(Exception e) {
        if (e instanceof TimeoutException || e instanceof CommunicationException) {
            return Kind.NO_ANSWER;
        }
        if (e instanceof NameNotFoundException) {
            return Kind.NO_SUCH_NAME;
        }
        if (e instanceof ServiceUnavailableException) {
            return Kind.SERVER_FAILURE;
        }
        if (e instanceof OperationNotSupportedException) {
            return Kind.REFUSED;
        }
        return e instanceof NoInitialContextException ? Kind.CANNOT_ASK : Kind.FAILED;
    }

    private static @Nullable String detailOf(Exception e) {
        return switch (kindOf(e)) {
            case NO_ANSWER -> "no DNS server answered";
            case CANNOT_ASK -> "this Java runtime has no module jdk.naming.dns";
            case FAILED -> e.toString();
            default -> e.getMessage();
        };
    }

    private static Answer ask(String name, Type type, Optional<HostAndPort> server, Deadline deadline, long start)
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
            return Answer.of(addresses, start);
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
