package io.github.dsqlreach.report;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.DiagnosisDetails;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.PhaseResult.Status;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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
        List<PhaseFields> phases,
        List<ExperimentFields> experiments,
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
                Phrases.results(reachability).stream().map(PhaseFields::of).toList(),
                reachability.experiments().stream().map(ExperimentFields::of).toList(),
                reachability.startedAt(),
                reachability.took(),
                reachability.tool());
    }

    Reachability value() {
        if (through.isPresent() == phases.isEmpty()) {
            throw new JsonBinding.Wrong("through", "it must be null exactly if 'phases' is empty");
        }
        // A report adds to the diagnosis' summary what stands before it.
        String headline = simulated.map(Reachability.Simulation::headline).orElse("");
        String own = summary.startsWith(headline) ? summary.substring(headline.length()) : summary;
        List<PhaseResult> results = phases.stream().map(PhaseFields::value).toList();
        Diagnosis diagnosis = Diagnosis.of(verdict, layer, cause, confidence, own)
                .explained(explanation, evidence, remedies)
                .detailed(details.orElseGet(DiagnosisDetails::none));
        Reachability reachability = Reachability.of(
                        endpoint.map(EndpointFields::value),
                        through.map(last -> new Attempt(last, results)),
                        experiments.stream().map(ExperimentFields::value).toList(),
                        rule.map(diagnosis::byRule).orElse(diagnosis))
                .timed(startedAt, tookMillis)
                .by(tool);
        return simulated.map(reachability::simulated).orElse(reachability);
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

    record PhaseFields(
            Phase phase, Status status, Duration millis, Optional<Failure> failure, Map<String, Object> evidence) {

        static PhaseFields of(PhaseResult result) {
            return new PhaseFields(
                    result.phase(),
                    result.status(),
                    result.duration(),
                    result.failure(),
                    result.evidence().asMap());
        }

        PhaseResult value() {
            return new PhaseResult(phase, status, millis, facts(evidence), failure);
        }
    }

    record ExperimentFields(
            String name, Status outcome, Duration millis, Optional<Failure> failure, Map<String, Object> evidence) {

        static ExperimentFields of(Experiment experiment) {
            return new ExperimentFields(
                    experiment.name(),
                    experiment.passed() ? Status.PASSED : Status.FAILED,
                    experiment.duration(),
                    experiment.failure(),
                    experiment.evidence().asMap());
        }

        Experiment value() {
            if ((outcome == Status.PASSED) == failure.isPresent()) {
                throw new JsonBinding.Wrong("outcome", "it contradicts 'failure'");
            }
            return new Experiment(name, millis, facts(evidence), failure);
        }
    }

    private static Evidence facts(Map<String, Object> evidence) {
        Evidence.Builder facts = Evidence.builder();
        evidence.forEach((name, value) -> {
            if (value instanceof String text) {
                facts.put(name, text);
            } else if (value instanceof Long whole) {
                facts.put(name, whole);
            } else if (value instanceof Double number) {
                facts.put(name, number);
            } else if (value instanceof Boolean truth) {
                facts.put(name, truth);
            } else if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
                facts.put(name, list.stream().map(String.class::cast).toList());
            } else {
                throw new JsonBinding.Wrong(name, "evidence is a text, a number, a boolean or a list of texts");
            }
        });
        return facts.build();
    }
}
