package io.github.dsqlreach;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a cluster's host name tells.
 *
 * @param clusterId empty in a PrivateLink name {@code vpce-…}
 * @param isPrivateLink whether it only resolves inside a VPC
 */
record ClusterName(Optional<String> clusterId, String region, boolean isPrivateLink) {
    private static final Pattern CLUSTER_HOST =
            Pattern.compile("([a-z0-9]+)\\.(dsql(?:-[a-z0-9]+)?)\\.([a-z]{2}(?:-[a-z]+)+-\\d+)\\.on\\.aws\\.?");
    private static final Pattern VPCE_HOST = Pattern.compile(
            "vpce-[a-z0-9-]+\\.(dsql(?:-[a-z0-9]+)?)\\.([a-z]{2}(?:-[a-z]+)+-\\d+)\\.vpce\\.amazonaws\\.com\\.?");
    /** Stages of the public endpoint, not service ids of PrivateLink. */
    private static final Set<String> PUBLIC_LABELS = Set.of("dsql", "dsql-fips", "dsql-gamma");

    private static final Pattern CLUSTER_ID = Pattern.compile("[a-z0-9]{26}");

    /** Empty where the host name has none of the forms of a cluster. */
    static Optional<ClusterName> parse(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        Matcher cluster = CLUSTER_HOST.matcher(name);
        if (cluster.matches()) {
            boolean isPrivateLink = !PUBLIC_LABELS.contains(cluster.group(2));
            return Optional.of(new ClusterName(Optional.of(cluster.group(1)), cluster.group(3), isPrivateLink));
        }
        Matcher vpce = VPCE_HOST.matcher(name);
        return vpce.matches() ? Optional.of(new ClusterName(Optional.empty(), vpce.group(2), true)) : Optional.empty();
    }

    /** The public name of that cluster. */
    static String of(String clusterId, String region) {
        return clusterId + ".dsql." + region + ".on.aws";
    }

    static boolean isClusterId(String text) {
        return CLUSTER_ID.matcher(text).matches();
    }
}
