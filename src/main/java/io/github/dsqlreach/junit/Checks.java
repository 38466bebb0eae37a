package io.github.dsqlreach.junit;

import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Runs each check once, however many classes and threads ask, and shares the answer. */
final class Checks {
    private static final Checks OF_THIS_JVM = new Checks(Check::run);

    private final Function<Check, Reachability> runner;
    private final Map<Check, CompletableFuture<Reachability>> answers = new ConcurrentHashMap<>();

    Checks(Function<Check, Reachability> runner) {
        this.runner = runner;
    }

    /** Those of this JVM, unless the run brought its own. */
    static Checks of(ExtensionContext context) {
        return context.getRoot().getStore(RunStore.NAMESPACE).getOrDefault(Checks.class, Checks.class, OF_THIS_JVM);
    }

    /**
     * The answer: this check's own, or that of one which got farther or failed earlier. A check that throws throws for
     * everyone who asks.
     */
    Reachability answer(Check check) {
        CompletableFuture<Reachability> known = answers.get(check);
        if (known != null) {
            return join(known);
        }
        Optional<Reachability> told = toldByAnother(check);
        if (told.isPresent()) {
            return told.get();
        }
        CompletableFuture<Reachability> mine = new CompletableFuture<>();
        CompletableFuture<Reachability> others = answers.putIfAbsent(check, mine);
        if (others != null) {
            return join(others);
        }
        try {
            mine.complete(runner.apply(check));
        } catch (Throwable e) { // Also an error: whoever waits must not wait forever.
            mine.completeExceptionally(e);
        }
        return join(mine);
    }

    private Optional<Reachability> toldByAnother(Check check) {
        return Stream.of(Phase.values())
                .map(phase -> answers.get(check.through(phase)))
                .filter(answer -> answer != null && answer.isDone() && !answer.isCompletedExceptionally())
                .map(CompletableFuture::join)
                .filter(answer -> tells(answer, check.through()))
                .findFirst();
    }

    private static boolean tells(Reachability answer, Phase through) {
        return answer.attempt()
                .filter(attempt -> answer.isReachable()
                        ? attempt.through().compareTo(through) >= 0
                        : attempt.failed()
                                .filter(failed -> failed.phase().compareTo(through) <= 0)
                                .isPresent())
                .isPresent();
    }

    private static Reachability join(CompletableFuture<Reachability> answer) {
        try {
            return answer.join();
        } catch (CompletionException e) {
            throw RunStore.sneaky(e.getCause() == null ? e : e.getCause());
        }
    }
}
