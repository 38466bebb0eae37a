package io.github.dsqlreach.toxiproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Beside another server on this machine, which the environment variable {@code DSQL_REACH_TOXIPROXY_URL} names: answers and
 * behaviour, and what differs but for what {@code docs/toxiproxy.md} lists.
 */
@EnabledIfEnvironmentVariable(named = "DSQL_REACH_TOXIPROXY_URL", matches = "http.+")
class ToxiproxyDifferentialTest {
    private static final int SEQUENCES = Integer.getInteger("differential.sequences", 300);

    @AutoClose
    private final ToxiproxyServer ours = ToxiproxyServer.start();

    private final URI theirs = URI.create(System.getenv("DSQL_REACH_TOXIPROXY_URL"));

    @Test
    void answersRandomCallsAlike() throws Exception {
        long seed =
                Long.getLong("differential.seed", ThreadLocalRandom.current().nextLong());
        List<String> differences = new RandomCalls(ours.uri(), theirs, seed).differences(SEQUENCES);
        assertThat(String.join("\n", differences)).as("seed %d", seed).isEmpty();
    }

    @Test
    void treatsConnectionsAlike() throws Exception {
        assertThat(String.join("\n", BehaviourTable.differences(ours.uri(), theirs)))
                .isEmpty();
    }
}
