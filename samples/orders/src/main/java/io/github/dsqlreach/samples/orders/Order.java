package io.github.dsqlreach.samples.orders;

import java.math.BigDecimal;
import java.util.UUID;

/** An order of a customer. */
public record Order(UUID id, String customer, BigDecimal total, Status status) {
    /** What has become of it. */
    public enum Status {
        PLACED,
        PAID,
        CANCELLED
    }
}
