package io.github.dsqlreach.junit;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.diagnosis.ReachabilityCheck;
import java.time.Duration;
import java.util.Optional;

/** Everything that makes one check another one: equal checks have one answer. */
record Check(
        Endpoint endpoint,
        Phase through,
        Optional<Duration> timeout,
        Optional<Duration> waitFor,
        Optional<String> profile,
        Optional<Credentials> credentials,
        Optional<Boolean> experiments,
        Optional<HostAndPort> control) {

    Check through(Phase other) {
        return new Check(endpoint, other, timeout, waitFor, profile, credentials, experiments, control);
    }

    Reachability run() {
        ReachabilityCheck check = ReachabilityCheck.of(endpoint).through(through);
        timeout.ifPresent(check::timeout);
        waitFor.ifPresent(check::waitFor);
        profile.ifPresent(check::profile);
        credentials.map(Credentials::provider).ifPresent(check::credentials);
        experiments.ifPresent(check::experiments);
        control.ifPresent(check::control);
        return check.run();
    }
}
