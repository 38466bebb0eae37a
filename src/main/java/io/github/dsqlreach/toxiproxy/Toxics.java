package io.github.dsqlreach.toxiproxy;

import java.util.Map;
import java.util.function.Function;

/** The types of toxics, and how one is made. */
final class Toxics {
    private Toxics() {}

    static Toxic<?> make(Function<Attributes, Toxic<?>> type, Map<String, Object> attributes, Direction direction) {
        try {
            return type.apply(new Attributes(direction, attributes));
        } catch (IllegalArgumentException e) {
            throw ApiException.badBody(String.valueOf(e.getMessage()));
        }
    }

    static Function<Attributes, Toxic<?>> find(String type) {
        return switch (type) {
            case "latency" -> LatencyToxic::new;
            case "bandwidth" -> BandwidthToxic::new;
            case "slow_close" -> SlowCloseToxic::new;
            case "timeout" -> TimeoutToxic::new;
            case "reset_peer" -> ResetPeerToxic::new;
            case "slicer" -> SlicerToxic::new;
            case "limit_data" -> LimitDataToxic::new;
            case "noop" -> NoopToxic::new;
            case "match" -> MatchToxic::new;
            case "intercept" -> InterceptToxic::new;
            case "cut" -> CutToxic::new;
            case "idle" -> IdleToxic::new;
            case "lose" -> LoseToxic::new;
            case "message_limit" -> MessageLimitToxic::new;
            case "after_tls" -> AfterTlsToxic::new;
            default -> throw new ApiException(400, "invalid toxic type");
        };
    }
}
