package io.github.dsqlreach;

/**
 * What happens to tests that cannot reach their cluster.
 *
 * <pre>{@code
 * @RequiresDsqlReachability(onBlocked = Action.FAIL)
 * class OrdersIT { … }
 * }</pre>
 */
public enum Action {
    /** The tests are skipped, with the diagnosis as the reason. */
    SKIP,
    /** The tests fail with a {@code DsqlUnreachableError}. */
    FAIL
}
