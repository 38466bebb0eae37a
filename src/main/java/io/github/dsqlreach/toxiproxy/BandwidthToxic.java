package io.github.dsqlreach.toxiproxy;

import java.util.concurrent.TimeUnit;

/** Lets {@code rate} kilobytes a second through; 0 lets nothing through. */
final class BandwidthToxic extends Toxic<BandwidthToxic.Debt> {
    private static final long SLOT_MILLIS = 100;
    private static final long FASTEST = 1L << 40;

    private final long rate;

    BandwidthToxic(Attributes given) {
        super(given);
        rate = given.number("rate", 0);
    }

    @Override
    Debt memory() {
        return new Debt();
    }

    @Override
    void start(ToxicStub stub, Debt debt) {
        debt.nanos = 0;
    }

    @Override
    void receive(ToxicStub stub, Debt debt, Chunk chunk) {
        if (rate > 0) {
            debt.nanos += chunk.length() * TimeUnit.MILLISECONDS.toNanos(1) / Math.min(rate, FASTEST);
        }
        drip(stub, chunk, debt);
    }

    /** What takes longer than a slot goes in pieces, one each slot. */
    private void drip(ToxicStub stub, Chunk chunk, Debt debt) {
        long perSlot = Math.max(0, Math.min(rate, FASTEST)) * SLOT_MILLIS;
        Runnable atOnce = () -> stub.pass(chunk);
        if (chunk.length() > perSlot || debt.nanos > 0) {
            stub.struck();
        }
        if (chunk.length() > perSlot) {
            Runnable piece = () -> {
                if (perSlot > 0) {
                    stub.pass(chunk.slice(0, (int) perSlot));
                }
                debt.nanos -= millis(SLOT_MILLIS);
                drip(stub, chunk.from((int) perSlot), debt);
            };
            stub.hold(millis(SLOT_MILLIS), piece, atOnce);
        } else {
            long from = System.nanoTime();
            Runnable whole = () -> {
                debt.nanos -= System.nanoTime() - from;
                stub.pass(chunk);
            };
            stub.hold(debt.nanos, whole, atOnce);
        }
    }

    /** The time that bytes already taken still have to wait for; below zero when the clock was late. */
    static final class Debt {
        long nanos;
    }
}
