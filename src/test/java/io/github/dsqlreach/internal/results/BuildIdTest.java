package io.github.dsqlreach.internal.results;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Configuration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BuildIdTest {
    static Stream<Arguments> jobs() {
        return Stream.of(
                Arguments.of(
                        "github",
                        Map.of(
                                "GITHUB_ACTIONS", "true",
                                "GITHUB_RUN_ID", "1",
                                "GITHUB_RUN_ATTEMPT", "1",
                                "GITHUB_JOB", "test",
                                "RUNNER_TRACKING_ID", "github_1"),
                        "RUNNER_TRACKING_ID"),
                Arguments.of("github", Map.of("GITHUB_ACTIONS", "true", "GITHUB_RUN_ID", "1"), "GITHUB_RUN_ATTEMPT"),
                Arguments.of("gitlab", Map.of("GITLAB_CI", "true", "CI_JOB_ID", "1"), "CI_JOB_ID"),
                Arguments.of("azure", Map.of("TF_BUILD", "True", "BUILD_BUILDID", "1"), "SYSTEM_JOBID"),
                Arguments.of("jenkins", Map.of("JENKINS_URL", "http://j", "BUILD_TAG", "1"), "BUILD_TAG"),
                Arguments.of("buildkite", Map.of("BUILDKITE", "true", "BUILDKITE_JOB_ID", "1"), "BUILDKITE_JOB_ID"),
                Arguments.of("teamcity", Map.of("TEAMCITY_VERSION", "1", "BUILD_NUMBER", "1"), "BUILD_NUMBER"),
                Arguments.of("circleci", Map.of("CIRCLECI", "true", "CIRCLE_BUILD_URL", "1"), "CIRCLE_BUILD_URL"),
                Arguments.of("codebuild", Map.of("CODEBUILD_BUILD_ID", "1"), "CODEBUILD_BUILD_ID"),
                Arguments.of(
                        "bitbucket",
                        Map.of("BITBUCKET_BUILD_NUMBER", "1", "BITBUCKET_STEP_UUID", "1"),
                        "BITBUCKET_STEP_UUID"));
    }

    @ParameterizedTest
    @MethodSource("jobs")
    void isThatOfTheJobOfTheCiService(String service, Map<String, String> environment, String variable) {
        Map<String, String> other = new HashMap<>(environment);
        other.put(variable, "another job");

        assertThat(id(environment)).matches(service + "-[0-9a-f]{16}").isEqualTo(id(environment));
        assertThat(id(other)).startsWith(service).isNotEqualTo(id(environment));
    }

    @Test
    void isUnknownElsewhere() {
        assertThat(id(Map.of())).isEmpty();
        assertThat(id(Map.of("CI", "true", "BUILD_NUMBER", "7"))).isEmpty();
        assertThat(id(Map.of("JENKINS_URL", "http://j"))).isEmpty();
    }

    /** Also in file names and comments, and whatever the text is. */
    @Test
    void isTheSettingWhereItIsSet() {
        Configuration set = Configuration.of(Map.of("dsql.reach.build-id", "2026-11-23T08:40:14Z -->\n../x"), Map.of());

        assertThat(BuildId.of(set, Map.of("CODEBUILD_BUILD_ID", "1"))).matches("id-[0-9a-f]{16}");
    }

    private static String id(Map<String, String> environment) {
        return BuildId.of(Configuration.of(Map.of(), environment), environment);
    }
}
