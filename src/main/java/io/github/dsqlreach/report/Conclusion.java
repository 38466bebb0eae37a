package io.github.dsqlreach.report;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The conclusion from several reports. */
final class Conclusion {
    /** Failures with the same values are the same failure. */
    private record SameFailure(Verdict verdict, Optional<Cause> cause, Optional<FailureKind> kind) {
        static SameFailure of(Report report) {
            Reachability r = report.reachability();
            return new SameFailure(r.verdict(), r.diagnosis().cause(), Conclusion.kind(r));
        }
    }

    private Conclusion() {}

    static String of(List<Report> reports) {
        String sentence = Phrases.line(conclude(reports));
        return sentence.matches("(?:the|settings) .*")
                ? sentence.substring(0, 1).toUpperCase(Locale.ROOT) + sentence.substring(1)
                : sentence;
    }

    private static String conclude(List<Report> reports) {
        Map<SameFailure, List<Report>> failures = new LinkedHashMap<>();
        List<Report> reachable = new ArrayList<>();
        for (Report report : reports) {
            if (report.reachability().isReachable()) {
                reachable.add(report);
            } else {
                failures.computeIfAbsent(SameFailure.of(report), key -> new ArrayList<>())
                        .add(report);
            }
        }
        if (reports.size() == 1) {
            return failures.isEmpty()
                    ? names(reachable) + " reaches the cluster; there is nothing to compare it with."
                    : sentence(reports, false) + "; there is nothing to compare it with.";
        }
        if (failures.isEmpty()) {
            return names(reachable) + " " + (reachable.size() == 2 ? "both" : "all") + " reach the cluster.";
        }
        if (reachable.isEmpty() && failures.size() == 1) {
            return sentence(reports, false)
                    + "; it is the same everywhere, so look at what they share before blaming one network.";
        }
        List<String> clauses = new ArrayList<>();
        failures.values().forEach(group -> clauses.add(sentence(group, isNetworks(group.get(0), reachable))));
        if (!reachable.isEmpty()) {
            List<Report> first = failures.values().iterator().next();
            boolean contrast = failures.size() == 1
                    && first.get(0).reachability().verdict() == Verdict.BLOCKED
                    && reachable.stream().allMatch(other -> isNetworks(first.get(0), List.of(other)));
            clauses.add(names(reachable) + success(reachable.size() == 1, contrast, sameCluster(reports)));
        }
        return String.join("; ", clauses) + ".";
    }

    private static String success(boolean one, boolean contrast, boolean sameCluster) {
        if (contrast) {
            return one ? " does not" : " do not";
        }
        return (one ? " reaches " : " reach ") + (sameCluster ? "the cluster" : one ? "its cluster" : "their clusters");
    }

    /** A network is blamed only if the same step to the same cluster succeeds from another one. */
    private static boolean isNetworks(Report blocked, List<Report> reachable) {
        Reachability failed = blocked.reachability();
        Phase layer = failed.diagnosis().layer().orElse(Phase.QUERY);
        return reachable.stream()
                .map(Report::reachability)
                .filter(other -> Phrases.through(other).compareTo(layer) >= 0)
                .anyMatch(other -> failed.endpoint()
                        .map(Conclusion::path)
                        .equals(other.endpoint().map(Conclusion::path)));
    }

    private static String path(Endpoint endpoint) {
        return endpoint.address().toString().toLowerCase(Locale.ROOT) + " " + endpoint.negotiation() + " "
                + endpoint.transport();
    }

    private static boolean sameCluster(List<Report> reports) {
        return distinct(reports, e -> e.address().toString().toLowerCase(Locale.ROOT))
                        .size()
                == 1;
    }

    /** A clause about these networks; the verb agrees with their number. */
    private static String sentence(List<Report> group, boolean blame) {
        Reachability report = group.get(0).reachability();
        boolean one = group.size() == 1;
        String names = names(group);
        return switch (report.verdict()) {
            case BLOCKED ->
                blame
                        ? (one ? "the network of " : "the networks of ") + names + " " + act(report, one)
                        : names + (one ? " is blocked at " : " are blocked at ") + at(report);
            case DENIED -> names + (one ? " gets" : " get") + " through and access is denied" + cause(report);
            case UNAVAILABLE ->
                names + (one ? " gets" : " get") + " through and the cluster was unavailable" + cause(report);
            case MISCONFIGURED -> "settings of " + names + " are wrong" + cause(report);
            default -> names + (one ? " fails" : " fail") + " at " + at(report) + ", and the evidence is inconclusive";
        };
    }

    /** For example {@code resets PostgreSQL's SSLRequest}. */
    private static String act(Reachability report, boolean one) {
        Cause cause = report.diagnosis().cause().orElse(Cause.UNKNOWN);
        String s = one ? "s" : "";
        String does = one ? "does" : "do";
        return switch (cause) {
            case TLS_INTERCEPTED -> "intercept" + s + " TLS";
            case DNS_SINKHOLED, DNS_NAME_NOT_FOUND, DNS_FAILURE -> does + " not resolve the name" + cause(report);
            case NETWORK_UNREACHABLE -> "ha" + (one ? "s" : "ve") + " no route to the cluster";
            case NOT_POSTGRES, TLS_REFUSED, HOSTNAME_MISMATCH, CERTIFICATE_EXPIRED ->
                "lead" + s + " to another server" + cause(report);
            case SNI_NOT_RECEIVED -> "remove" + s + " the server name from TLS";
            default ->
                switch (kind(report).orElse(FailureKind.UNCLASSIFIED)) {
                    case RESET -> "reset" + s + " " + object(report);
                    case CLOSED -> "close" + s + " " + object(report);
                    case REFUSED -> "refuse" + s + " " + object(report);
                    case TIMEOUT -> "leave" + s + " " + object(report) + " without an answer";
                    default -> "stop" + s + " " + object(report);
                };
        };
    }

    private static String object(Reachability report) {
        Cause cause = report.diagnosis().cause().orElse(Cause.UNKNOWN);
        return switch (cause) {
            case POSTGRES_NEGOTIATION_BLOCKED -> "PostgreSQL's SSLRequest";
            case DIRECT_TLS_BLOCKED -> "direct TLS";
            case SNI_BLOCKED -> "TLS with this server name";
            case TLS_BLOCKED_ON_PORT ->
                "TLS on port " + report.endpoint().map(Endpoint::port).orElse(5432);
            case TLS_BLOCKED_EVERYWHERE -> "TLS to AWS";
            default ->
                switch (report.diagnosis().layer().orElse(Phase.TLS)) {
                    case DNS -> "the DNS query";
                    case TCP -> "TCP to the cluster";
                    case TOKEN -> "the token";
                    case TLS ->
                        report.endpoint()
                                        .filter(e -> e.negotiation() == Negotiation.DIRECT
                                                || e.transport() == Transport.WEBSOCKET)
                                        .isPresent()
                                ? "direct TLS"
                                : "PostgreSQL's TLS";
                    case AUTH -> "the login";
                    case QUERY -> "the first query";
                };
        };
    }

    private static String at(Reachability report) {
        String layer = report.diagnosis().layer().map(Phase::label).orElse("an unknown layer");
        return layer + kind(report).map(kind -> " (" + kind.label() + ")").orElse("");
    }

    private static String cause(Reachability report) {
        return report.diagnosis().cause().map(cause -> " (" + cause + ")").orElse("");
    }

    private static Optional<FailureKind> kind(Reachability report) {
        return report.attempt()
                .flatMap(attempt -> report.diagnosis()
                        .layer()
                        .map(attempt::result)
                        .filter(PhaseResult::failed)
                        .or(attempt::failed))
                .flatMap(PhaseResult::failure)
                .map(failure -> failure.kind());
    }

    private static String names(List<Report> reports) {
        List<String> names = reports.stream().map(Report::label).toList();
        int last = names.size() - 1;
        return last == 0 ? names.get(0) : String.join(", ", names.subList(0, last)) + " and " + names.get(last);
    }

    static List<String> remarks(List<Report> reports) {
        List<String> remarks = new ArrayList<>();
        differ(remarks, reports, "endpoints", endpoint -> endpoint.address().toString());
        differ(remarks, reports, "users", Endpoint::user);
        differ(
                remarks,
                reports,
                "TLS negotiations",
                endpoint -> endpoint.negotiation().parameter());
        differ(remarks, reports, "transports", endpoint -> endpoint.transport().parameter());
        differ(
                remarks,
                reports,
                "paths",
                endpoint -> endpoint.connectTo().map(target -> "via " + target).orElse("without a tunnel"));
        for (Report report : reports) {
            Phase through = Phrases.through(report.reachability());
            if (through != Phase.QUERY) {
                remarks.add(report.label() + " was checked up to " + through + " only.");
            }
            if (report.reachability().endpoint().isEmpty()) {
                remarks.add(report.label() + " had no endpoint.");
            }
        }
        return remarks.stream().map(Phrases::line).toList();
    }

    private static void differ(
            List<String> remarks, List<Report> reports, String what, Function<Endpoint, String> part) {
        Map<String, List<Report>> values = distinct(reports, part);
        if (values.size() > 1) {
            remarks.add("The " + what + " differ, and that may be the reason: "
                    + values.entrySet().stream()
                            .map(entry -> names(entry.getValue()) + " " + entry.getKey())
                            .collect(Collectors.joining("; "))
                    + ".");
        }
    }

    private static Map<String, List<Report>> distinct(List<Report> reports, Function<Endpoint, String> part) {
        Map<String, List<Report>> values = new LinkedHashMap<>();
        for (Report report : reports) {
            report.reachability()
                    .endpoint()
                    .ifPresent(endpoint -> values.computeIfAbsent(part.apply(endpoint), key -> new ArrayList<>())
                            .add(report));
        }
        return values;
    }
}
