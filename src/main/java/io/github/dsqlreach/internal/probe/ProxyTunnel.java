package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.internal.client.HttpProxy;
import io.github.dsqlreach.internal.client.HttpRefusedException;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.TimeoutException;

/** Connects through an HTTP proxy. This belongs to the phase TCP. */
final class ProxyTunnel {
    private static final int OK = 200;

    private ProxyTunnel() {}

    /** The same on a thread of its own, so that an interrupt ends it at once. */
    static Step<Socket> runInThread(ObservedSocket wire, HttpProxy proxy, HostAndPort server)
            throws InterruptedException {
        long start = System.nanoTime();
        try {
            return BoundedCall.start("proxy", () -> run(wire, proxy, server), wire.deadline())
                    .join();
        } catch (InterruptedException e) {
            throw e;
        } catch (TimeoutException e) {
            // The call did not notice the deadline.
            return cut(FailureKind.TIMEOUT, wire, proxy, start);
        } catch (Exception e) {
            return Step.failed(Failures.of(e), Evidence.none(), start);
        }
    }

    /** Sends CONNECT on a connection to the proxy. */
    static Step<Socket> run(ObservedSocket wire, HttpProxy proxy, HostAndPort server) {
        long start = System.nanoTime();
        Evidence.Builder evidence = Evidence.builder().put(Evidence.PROXY, proxy.address());
        try {
            wire.startStep();
            proxy.tunnel(wire, server);
            return Step.passed(wire, evidence.put(Evidence.HTTP_STATUS, OK).build(), start);
        } catch (HttpRefusedException e) {
            evidence.put(Evidence.AFTER, SentMessage.CONNECT).put(Evidence.HTTP_STATUS, e.status());
            return Step.failed(
                    new Failure(FailureKind.UNEXPECTED_ANSWER, String.valueOf(e.getMessage())),
                    evidence.build(),
                    start);
        } catch (IOException e) {
            FailureKind kind = wire.ending().orElse(FailureKind.UNCLASSIFIED);
            return kind == FailureKind.UNCLASSIFIED
                    ? Step.failed(Failures.of(e), evidence.build(), start)
                    : cut(kind, wire, proxy, start);
        }
    }

    private static Step<Socket> cut(FailureKind kind, ObservedSocket wire, HttpProxy proxy, long start) {
        Evidence.Builder evidence = Evidence.builder()
                .put(Evidence.PROXY, proxy.address())
                .put(Evidence.AFTER, SentMessage.CONNECT)
                .put(Evidence.AFTER_MILLIS, wire.millisAfterSending());
        Failure failure = wire.cut(kind, SentMessage.CONNECT.label(), evidence);
        return Step.failed(new Failure(failure.kind(), failure.message() + " to " + proxy), evidence.build(), start);
    }

    /** The result of connecting to the proxy, which says nothing about the network beyond it. */
    static <T> Step<T> toProxy(Step<T> step, HttpProxy proxy) {
        return new Step<>(
                step.product(),
                step.evidence()
                        .and(Evidence.builder()
                                .put(Evidence.PROXY, proxy.address())
                                .build()),
                step.failure()
                        .map(failure -> failure.kind() == FailureKind.OUT_OF_TIME
                                        || failure.kind().isLocal()
                                ? failure
                                : new Failure(
                                        FailureKind.PROXY_FAILED, proxy + " cannot be reached: " + failure.message())),
                step.duration());
    }
}
