package io.github.dsqlreach.ground;

/** Under what a case is tried: how long the way is, what gets lost on it, and how much processor the doctor has. */
enum Load {
    /** 30 ms round trip, nothing lost, the processor as it is. */
    IDLE(30, 0, 100),
    /** A quarter of a processor. */
    QUARTER(30, 0, 25),
    /** 400 ms round trip, a tenth of the packets lost in each direction. */
    FAR(400, 0.1, 100);

    final int roundTripMillis;
    final double loss;
    final int processorPercent;

    Load(int roundTripMillis, double loss, int processorPercent) {
        this.roundTripMillis = roundTripMillis;
        this.loss = loss;
        this.processorPercent = processorPercent;
    }
}
