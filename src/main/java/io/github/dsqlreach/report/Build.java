package io.github.dsqlreach.report;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The process that is the build: of Surefire's and Failsafe's forks the Maven above them (a shell may be between), of
 * Gradle's workers the daemon, else this JVM.
 *
 * @param pid its process
 * @param started when it started, in milliseconds
 * @param job where the process may outlive a build, as daemons do: the job of the CI service, or {@link #UNKNOWN_JOB}; else
 *     empty
 */
record Build(long pid, long started, String job) {
    static final String UNKNOWN_JOB = "?";

    /** The kernel's start of a process moves a little with the clock. */
    private static final long TOLERANCE = 5_000;

    private static final String[] JOBS = {
        "GITHUB_STEP_SUMMARY", "CI_JOB_ID", "BUILD_TAG", "BUILDKITE_JOB_ID", "SYSTEM_JOBID", "BUILD_NUMBER"
    };

    /** The one that this JVM belongs to. */
    static Build current() {
        ProcessHandle self = ProcessHandle.current();
        String command = System.getProperty("sun.java.command", "");
        boolean gradle = System.getProperty("org.gradle.test.worker") != null;
        if (!gradle && !command.contains("surefire")) {
            return new Build(self.pid(), started(self), "");
        }
        Optional<ProcessHandle> parent = self.parent();
        ProcessHandle build = Stream.of(parent, parent.flatMap(ProcessHandle::parent))
                .flatMap(Optional::stream)
                .filter(process -> process.info().command().orElse("").matches(".*java(\\.exe)?"))
                .findFirst()
                .orElse(self);
        boolean daemon = gradle
                || build.info()
                        .commandLine()
                        .filter(line -> line.contains("mvnd"))
                        .isPresent();
        return new Build(build.pid(), started(build), daemon ? job(System.getenv()) : "");
    }

    static long started(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    private static String job(Map<String, String> environment) {
        return Stream.of(JOBS)
                .map(environment::get)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(UNKNOWN_JOB);
    }

    /**
     * Whether they are the same.
     *
     * @param overlapping whether JVMs of both lived at the same time: the only sign where a daemon's job is unknown
     */
    boolean isSame(Build other, boolean overlapping) {
        return pid == other.pid
                && Math.abs(started - other.started) <= TOLERANCE
                && job.equals(other.job)
                && (overlapping || !job.equals(UNKNOWN_JOB));
    }
}
