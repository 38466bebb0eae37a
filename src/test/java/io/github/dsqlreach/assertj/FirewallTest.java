package io.github.dsqlreach.assertj;

import static io.github.dsqlreach.assertj.DsqlAssertions.assertThat;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.diagnosis.ReachabilityCheck;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultyDsql;
import io.github.dsqlreach.junit.InjectFault;
import io.github.dsqlreach.junit.WithLocalDsql;
import io.github.dsqlreach.local.LocalDsql;
import org.junit.jupiter.api.Test;

@WithLocalDsql
class FirewallTest {
    @Test
    @InjectFault(Fault.AUTH_RESET)
    void isNamedAsTheCause(LocalDsql local, FaultyDsql dsql) {
        Reachability reachability = ReachabilityCheck.of(dsql.endpoint())
                .credentials(local.credentialsProvider())
                .run();

        assertThat(reachability).isBlocked().at(Phase.AUTH).because(Cause.AUTH_RESET);
    }
}
