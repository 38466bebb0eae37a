package io.github.dsqlreach.junit;

import io.github.dsqlreach.CheckSettings;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.diagnosis.ReachabilityCheck;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A check that runs once in this JVM, however many classes and threads need it. Equal checks share one result.
 *
 * @param endpoint what is checked
 * @param credentials where credentials come from; empty for the settings' choice
 * @param settings how it is checked
 */
record SharedCheck(Endpoint endpoint, Optional<CredentialsChoice> credentials, CheckSettings settings) {

    /** The results of this JVM. */
    static final class Results {
        private static final Results OF_THIS_JVM = new Results(SharedCheck::run);

        private final Function<SharedCheck, Reachability> runner;
        private final Map<SharedCheck, CompletableFuture<Reachability>> results = new ConcurrentHashMap<>();

        private final Map<SharedCheck, Again> again = new ConcurrentHashMap<>();

        Results(Function<SharedCheck, Reachability> runner) {
            this.runner = runner;
        }
    }

    /** The checks after failures. A lock, so that tests which fail at the same time share one. */
    static final class Again {
        static final int MOST = 5;
        private static final long SHARED_FOR = Duration.ofSeconds(5).toNanos();

        private int runs;
        private long finished;
        private @Nullable Reachability last;

        synchronized Reachability result(long failedAt, Supplier<Reachability> runner) {
            boolean recent = last != null && (finished - failedAt > 0 || failedAt - finished < SHARED_FOR);
            if (last == null || !recent && runs < MOST) {
                runs++;
                last = runner.get();
                finished = System.nanoTime();
            }
            return last;
        }
    }

    /**
     * The result of this check, or of one that differs only in its last phase and got farther or failed earlier. If the check
     * throws, every caller gets the exception.
     */
    Reachability result(ExtensionContext context) {
        Results shared = results(context);
        CompletableFuture<Reachability> known = shared.results.get(this);
        if (known != null) {
            return join(known);
        }
        Optional<Reachability> other = resultOfAnotherLastPhase(shared);
        if (other.isPresent()) {
            return other.get();
        }
        CompletableFuture<Reachability> mine = new CompletableFuture<>();
        CompletableFuture<Reachability> first = shared.results.putIfAbsent(this, mine);
        if (first != null) {
            return join(first);
        }
        try {
            mine.complete(shared.runner.apply(this));
        } catch (Throwable e) { // Errors too: other threads wait for an end.
            mine.completeExceptionally(e);
        }
        return join(mine);
    }

    /** The result of this check after a connection broke: of one that runs now, or of one shared with other tests. */
    Reachability resultAgain(ExtensionContext context) {
        long failedAt = System.nanoTime();
        Results shared = results(context);
        return shared.again
                .computeIfAbsent(this, unused -> new Again())
                .result(failedAt, () -> shared.runner.apply(this));
    }

    private static Results results(ExtensionContext context) {
        return context.getRoot()
                .getStore(RunStore.NAMESPACE)
                .getOrDefault(Results.class, Results.class, Results.OF_THIS_JVM);
    }

    Phase through() {
        return settings.get(Setting.THROUGH);
    }

    private Reachability run() {
        ReachabilityCheck check = ReachabilityCheck.of(endpoint).settings(settings);
        credentials.map(CredentialsChoice::provider).ifPresent(check::credentials);
        return check.run();
    }

    private Optional<Reachability> resultOfAnotherLastPhase(Results shared) {
        return Stream.of(Phase.values())
                .map(phase -> shared.results.get(
                        new SharedCheck(endpoint, credentials, settings.with(Setting.THROUGH, phase))))
                .filter(result -> result != null && result.isDone() && !result.isCompletedExceptionally())
                .map(CompletableFuture::join)
                .filter(result -> isConclusive(result, through()))
                .findFirst();
    }

    private static boolean isConclusive(Reachability result, Phase through) {
        return result.attempt()
                .filter(attempt -> result.isReachable()
                        ? attempt.through().compareTo(through) >= 0
                        : attempt.failed()
                                .filter(failed -> failed.phase().compareTo(through) <= 0)
                                .isPresent())
                .isPresent();
    }

    private static Reachability join(CompletableFuture<Reachability> result) {
        try {
            return result.join();
        } catch (CompletionException e) {
            throw RunStore.sneaky(e.getCause() == null ? e : e.getCause());
        }
    }
}
