package io.github.dsqlreach.report;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Confirmation;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.DiagnosisDetails;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A report in the form of its JSON: the fields of {@code docs/reports.md} by their names and in their order. An optional field is
 * null if it does not apply. Domain records that have the form of the JSON are used as they are.
 */
record JsonDocument(
        String schema,
        Optional<EndpointFields> endpoint,
        Optional<Reachability.Simulation> simulated,
        Verdict verdict,
        Optional<Phase> layer,
        Optional<Cause> cause,
        Confidence confidence,
        Optional<String> rule,
        String summary,
        String explanation,
        List<String> evidence,
        List<String> remedies,
        Optional<DiagnosisDetails> details,
        Optional<Phase> through,
        List<PhaseResult> phases,
        List<Experiment> experiments,
        Optional<Confirmation> confirmation,
        Optional<Attempt> replaced,
        Optional<Attempt> repeated,
        Optional<Waiting> waiting,
        Optional<JsonDocument> overTcp,
        Instant startedAt,
        Duration tookMillis,
        Reachability.Tool tool) {

    static JsonDocument of(Reachability reachability) {
        Diagnosis diagnosis = reachability.diagnosis();
        return new JsonDocument(
                JsonReport.SCHEMA,
                reachability.endpoint().map(EndpointFields::of),
                reachability.simulation(),
                diagnosis.verdict(),
                diagnosis.layer(),
                diagnosis.cause(),
                diagnosis.confidence(),
                diagnosis.rule(),
                reachability.summary(),
                diagnosis.explanation(),
                diagnosis.evidence(),
                diagnosis.remedies(),
                Optional.of(diagnosis.details()),
                reachability.attempt().map(Attempt::through),
                Phrases.results(reachability),
                reachability.experiments(),
                reachability.followUp().confirmation(),
                reachability.followUp().replaced(),
                reachability.followUp().repeated(),
                reachability.followUp().waiting(),
                reachability.followUp().overTcp().map(JsonDocument::of),
                reachability.startedAt(),
                reachability.took(),
                reachability.tool());
    }

    Reachability value() {
        if (through.isPresent() == phases.isEmpty()) {
            throw new JsonBinding.Wrong("through", "it must be null exactly if 'phases' is empty");
        }
        List<Phase> reported = phases.stream().map(PhaseResult::phase).toList();
        if (!phases.isEmpty() && !reported.equals(List.of(Phase.values()))) {
            throw new JsonBinding.Wrong("phases", "it has " + reported + " instead of all phases in their order");
        }
        // A report adds to the diagnosis' summary what stands before it.
        String headline = simulated.map(Reachability.Simulation::headline).orElse("");
        String own = summary.startsWith(headline) ? summary.substring(headline.length()) : summary;
        Diagnosis diagnosis = Diagnosis.of(verdict, layer, cause, confidence, own)
                .explained(explanation, evidence, remedies)
                .detailed(details.orElseGet(DiagnosisDetails::none));
        Reachability reachability = Reachability.of(
                        endpoint.map(EndpointFields::value),
                        through.map(last -> new Attempt(last, phases)),
                        followUp(),
                        rule.map(diagnosis::byRule).orElse(diagnosis))
                .timed(startedAt, tookMillis)
                .by(tool);
        return simulated.map(reachability::simulated).orElse(reachability);
    }

    private FollowUp followUp() {
        FollowUp all = FollowUp.of(experiments);
        all = confirmation.map(all::with).orElse(all);
        all = replaced.map(all::replacing).orElse(all);
        all = repeated.map(all::repeatedBy).orElse(all);
        all = waiting.map(all::after).orElse(all);
        return overTcp.map(JsonDocument::value).map(all::after).orElse(all);
    }

    /** Reports of the first version have no {@code transport}. */
    record EndpointFields(
            String host,
            int port,
            Optional<String> region,
            Optional<String> clusterId,
            String user,
            String database,
            Optional<HostAndPort> connectTo,
            Optional<Transport> transport,
            Optional<HostAndPort> webSocketConnectTo,
            Negotiation negotiation,
            Trust trust,
            String options) {

        static EndpointFields of(Endpoint endpoint) {
            return new EndpointFields(
                    // Masked with a letter, so that the host can be read again.
                    Scrubber.scrub(endpoint.host()).replace('*', 'x'),
                    endpoint.port(),
                    endpoint.region(),
                    endpoint.clusterId(),
                    Scrubber.scrub(endpoint.user()),
                    Scrubber.scrub(endpoint.database()),
                    endpoint.connectTo(),
                    Optional.of(endpoint.transport()),
                    endpoint.webSocketConnectTo(),
                    endpoint.negotiation(),
                    endpoint.trust(),
                    Scrubber.scrub(endpoint.options()));
        }

        Endpoint value() {
            Endpoint.Builder builder = Endpoint.parse(new HostAndPort(host, port).toString()).toBuilder();
            region.ifPresent(builder::region);
            builder.user(user).database(database);
            connectTo.ifPresent(builder::connectTo);
            transport.ifPresent(builder::transport);
            webSocketConnectTo.ifPresent(builder::webSocketConnectTo);
            return builder.negotiation(negotiation)
                    .trust(trust)
                    .options(options)
                    .build();
        }
    }
}
