package io.github.dsqlreach.internal.results;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.internal.Digests;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tells the results of one build from those of an earlier one: the setting {@code dsql.reach.build-id}, else the job of the CI
 * service. Without either, as on a laptop, it is empty, and results add up until the directory is cleaned.
 */
public final class BuildId {
    /**
     * A CI service.
     *
     * @param mark the variable that tells that a process runs there
     * @param job the variables that together name one job, whatever else runs in its workspace before or after it
     */
    private record Service(String name, String mark, List<String> job) {
        Service(String name, String mark, String... job) {
            this(name, mark, List.of(job));
        }
    }

    private static final List<Service> SERVICES = List.of(
            // Of the legs of a matrix only the tracking id differs.
            new Service(
                    "github",
                    "GITHUB_ACTIONS",
                    "GITHUB_RUN_ID",
                    "GITHUB_RUN_ATTEMPT",
                    "GITHUB_JOB",
                    "RUNNER_TRACKING_ID"),
            new Service("gitlab", "GITLAB_CI", "CI_JOB_ID"),
            new Service("azure", "TF_BUILD", "BUILD_BUILDID", "SYSTEM_JOBID", "SYSTEM_JOBATTEMPT"),
            new Service("jenkins", "JENKINS_URL", "BUILD_TAG", "BUILD_URL"),
            new Service("buildkite", "BUILDKITE", "BUILDKITE_JOB_ID"),
            new Service(
                    "teamcity", "TEAMCITY_VERSION", "TEAMCITY_PROJECT_NAME", "TEAMCITY_BUILDCONF_NAME", "BUILD_NUMBER"),
            new Service("circleci", "CIRCLECI", "CIRCLE_BUILD_URL", "CIRCLE_NODE_INDEX"),
            new Service("codebuild", "CODEBUILD_BUILD_ID", "CODEBUILD_BUILD_ID"),
            new Service("bitbucket", "BITBUCKET_BUILD_NUMBER", "BITBUCKET_STEP_UUID", "BITBUCKET_STEP_RUN_NUMBER"));

    private BuildId() {}

    /** The build that tests with these settings belong to; empty if unknown. */
    public static String of(Configuration configuration, Map<String, String> environment) {
        return configuration
                .get(Setting.BUILD_ID)
                .map(id -> "id-" + hash(id))
                .or(() -> ofService(environment))
                .orElse("");
    }

    private static Optional<String> ofService(Map<String, String> environment) {
        return SERVICES.stream()
                .filter(service -> !environment.getOrDefault(service.mark(), "").isBlank())
                .findFirst()
                .flatMap(service -> {
                    List<String> values = service.job().stream()
                            .map(name -> environment.getOrDefault(name, ""))
                            .toList();
                    // A variable that a container does not pass on may be missing, but not all of them.
                    return values.stream().allMatch(String::isBlank)
                            ? Optional.empty()
                            : Optional.of(service.name() + "-" + hash(String.join("\n", values)));
                });
    }

    /** Short, without characters that are special anywhere, and without what a URL may reveal. */
    private static String hash(String text) {
        return HexFormat.of().formatHex(Digests.of("SHA-256", text.getBytes(StandardCharsets.UTF_8)), 0, 8);
    }
}
