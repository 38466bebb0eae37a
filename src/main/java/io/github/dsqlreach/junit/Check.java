package io.github.dsqlreach.junit;

import io.github.dsqlreach.CheckSettings;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.diagnosis.ReachabilityCheck;
import java.util.Optional;

/**
 * Everything that makes one check another one: equal checks have one answer.
 *
 * @param endpoint what is checked
 * @param credentials where credentials come from; empty for the settings' choice
 * @param settings how it is checked
 */
record Check(Endpoint endpoint, Optional<CredentialsChoice> credentials, CheckSettings settings) {
    Phase through() {
        return settings.get(Setting.THROUGH);
    }

    Check through(Phase other) {
        return new Check(endpoint, credentials, settings.with(Setting.THROUGH, other));
    }

    Reachability run() {
        ReachabilityCheck check = ReachabilityCheck.of(endpoint).settings(settings);
        credentials.map(CredentialsChoice::provider).ifPresent(check::credentials);
        return check.run();
    }
}
