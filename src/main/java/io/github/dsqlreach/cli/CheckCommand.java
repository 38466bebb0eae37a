package io.github.dsqlreach.cli;

import io.github.dsqlreach.CheckSettings;
import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.diagnosis.ReachabilityCheck;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Checks an endpoint. It is what the doctor does when no subcommand is named. */
@Command(
        name = "check",
        description = "Checks an endpoint, as 'doctor <endpoint>' does; for a host with the name of a command.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
class CheckCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ReportOptions report;

    private final CliContext system;

    /** Settings of a run of tests do not apply to one check. */
    static boolean takes(Setting<?> setting) {
        return setting.group() != Setting.Group.RUN;
    }

    CheckCommand(CliContext system) {
        this.system = system;
    }

    @Override
    public Integer call() {
        CliContext surroundings = report.applyTo(system);
        system.configuration().checkProperties();
        system.configuration().unknownVariables().forEach(surroundings::say);
        Configuration configuration = SettingOptions.over(system.configuration(), spec);
        Endpoint endpoint = configuration
                .endpoint()
                .orElseThrow(() -> new UsageException("no endpoint; give it as argument, for example"
                        + " abc.dsql.us-east-1.on.aws, or set the environment variable DSQL_ENDPOINT"));
        ReachabilityCheck check = ReachabilityCheck.of(endpoint).settings(CheckSettings.of(configuration));
        system.credentials().ifPresent(check::credentials);
        configuration
                .value(Setting.CREDENTIALS_PROVIDER)
                .ifPresent(value -> surroundings.say("ignoring " + value.origin()
                        + ": the doctor takes credentials from the AWS SDK's default chain or --profile"));
        return new CheckRunner(endpoint, check, report, surroundings, Optional.empty()).run();
    }
}
