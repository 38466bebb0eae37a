package io.github.dsqlreach.ground;

/** Under what a case is tried: how long the way is, what gets lost on it, and how much processor the doctor has. */
enum Load {
    /** 30 ms round trip, nothing lost, the processor as it is. */
    IDLE(30, 0, 100),
    /** A quarter of a processor. */
    QUARTER(30, 0, 25),
    /** 400 ms round trip, a tenth of the packets lost in each direction. */
    FAR(400, 0.1, 100),
    /** 30 ms round trip, three tenths of the packets lost in each direction. */
    LOSSY(30, 0.3, 100),
    /** 2 s round trip, nothing lost. */
    LONG(2_000, 0, 100);

    final int roundTripMillis;
    final double loss;
    final int processorPercent;

    Load(int roundTripMillis, double loss, int processorPercent) {
        this.roundTripMillis = roundTripMillis;
        this.loss = loss;
        this.processorPercent = processorPercent;
    }

    /** So long a way, or so many packets lost, that to ask for more time is true, though weaker than it may be. */
    boolean isHard() {
        return loss > FAR.loss || roundTripMillis > FAR.roundTripMillis;
    }
}
