package io.github.dsqlreach.cli;

import io.github.dsqlreach.Setting;
import java.util.Map;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which cluster, by which way, as whom. Each option's value is read by the configuration. */
final class TargetOptions {
    @Parameters(
            arity = "0..1",
            paramLabel = "<endpoint>",
            description = {
                "The cluster: a host name, HOST:PORT, or a JDBC URL (jdbc:postgresql://... or"
                        + " jdbc:aws-dsql:postgresql://...).",
                "Without it: DSQL_REACH_ENDPOINT, DSQL_ENDPOINT or CLUSTER_ENDPOINT of the environment."
            })
    private String endpoint;

    @Option(
            names = "--connect-to",
            paramLabel = "HOST:PORT",
            description = "Where TCP really goes, such as the local end of a tunnel.")
    private String connectTo;

    @Option(
            names = "--region",
            paramLabel = "REGION",
            description = "The AWS region (default: the host name's, else AWS_REGION).")
    private String region;

    @Option(names = "--user", paramLabel = "USER", description = "The database role (default: admin).")
    private String user;

    @Option(
            names = "--root-cert",
            paramLabel = "FILE",
            description = "PEM file with the roots to trust (default: the JDK's trust store).")
    private String rootCertificate;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description = "The profile of the AWS configuration files (default: the SDK's choice).")
    private String profile;

    @Option(
            names = "--control",
            paramLabel = "HOST:PORT",
            description = "The TLS server that experiments compare with (default: the region's AWS API on port 443).")
    private String control;

    void putInto(Map<Setting, String> values) {
        OptionNames.put(values, Setting.ENDPOINT, endpoint);
        OptionNames.put(values, Setting.CONNECT_TO, connectTo);
        OptionNames.put(values, Setting.REGION, region);
        OptionNames.put(values, Setting.USER, user);
        OptionNames.put(values, Setting.ROOT_CERTIFICATE, rootCertificate);
        OptionNames.put(values, Setting.PROFILE, profile);
        OptionNames.put(values, Setting.CONTROL, control);
    }
}
