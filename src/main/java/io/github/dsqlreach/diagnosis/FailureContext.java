package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.SentMessage;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is known of a failure when experiments start.
 *
 * @param kind TIMEOUT while the attempt still waits
 * @param after the message that was sent last; empty while the attempt still waits
 * @param addresses the address that the attempt connected to, then the others
 * @param idle how long an idle connection must stay open to show that time alone does not end it
 */
record FailureContext(
        Phase phase, FailureKind kind, Optional<SentMessage> after, List<InetSocketAddress> addresses, Duration idle) {
    boolean isAfter(SentMessage message) {
        return after.filter(message::equals).isPresent();
    }
}
