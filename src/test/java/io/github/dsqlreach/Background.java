package io.github.dsqlreach;

import io.github.dsqlreach.internal.Daemon;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** What a test does beside what it looks at: on a thread of its own, as the common pool of a small machine has but one. */
public final class Background {
    private Background() {}

    /** Something to do that may fail. */
    public interface Task {
        void run() throws Exception;
    }

    public static CompletableFuture<Void> run(Task task) {
        return call(() -> {
            task.run();
            return null;
        });
    }

    public static <T> CompletableFuture<T> call(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Daemon.start("background", () -> {
            try {
                result.complete(task.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }
}
