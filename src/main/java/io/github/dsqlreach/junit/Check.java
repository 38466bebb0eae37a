package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.diagnosis.ReachabilityCheck;
import java.time.Duration;
import java.util.Optional;

/**
 * Everything that makes one check another one: equal checks have one answer.
 *
 * @param endpoint what is checked
 * @param credentials where credentials come from; empty for the SDK's choice
 * @param through how far the walk must get
 * @param options what else is configured
 */
record Check(Endpoint endpoint, Optional<Credentials> credentials, Phase through, Options options) {

    /** The settings of a check; empty is the default of {@link ReachabilityCheck}. */
    record Options(
            Optional<Duration> timeout,
            Optional<Duration> waitFor,
            Optional<String> profile,
            Optional<Boolean> experiments,
            Optional<HostAndPort> control) {
        static Options of(Configuration configuration) {
            return new Options(
                    configuration.duration(Setting.TIMEOUT),
                    configuration.duration(Setting.WAIT_FOR),
                    configuration.text(Setting.PROFILE),
                    configuration.flag(Setting.EXPERIMENTS),
                    configuration.hostAndPort(Setting.CONTROL));
        }
    }

    Check through(Phase other) {
        return new Check(endpoint, credentials, other, options);
    }

    Reachability run() {
        ReachabilityCheck check = ReachabilityCheck.of(endpoint).through(through);
        credentials.map(Credentials::provider).ifPresent(check::credentials);
        options.timeout.ifPresent(check::timeout);
        options.waitFor.ifPresent(check::waitFor);
        options.profile.ifPresent(check::profile);
        options.experiments.ifPresent(check::experiments);
        options.control.ifPresent(check::control);
        return check.run();
    }
}
