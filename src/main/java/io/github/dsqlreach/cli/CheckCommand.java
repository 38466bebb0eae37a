package io.github.dsqlreach.cli;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.diagnosis.ReachabilityCheck;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Checks an endpoint. It is what the doctor does when no subcommand is named. */
@Command(
        name = "check",
        description = "Checks an endpoint; the same as without 'check', for a host whose name is a command's.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
class CheckCommand implements Callable<Integer> {
    @Mixin
    private TargetOptions target;

    @Mixin
    private WalkOptions walk;

    @Mixin
    private ReportOptions report;

    private final Surroundings system;

    CheckCommand(Surroundings system) {
        this.system = system;
    }

    @Override
    public Integer call() {
        Surroundings surroundings = report.applyTo(system);
        Configuration configuration = configuration();
        Endpoint endpoint = configuration
                .endpoint()
                .orElseThrow(() -> new UsageException("no endpoint; give it as argument, for example"
                        + " abc.dsql.us-east-1.on.aws, or set the environment variable DSQL_ENDPOINT"));
        ReachabilityCheck check = Checkup.check(endpoint, configuration);
        system.credentials().ifPresent(check::credentials);
        configuration.text(Setting.PROFILE).ifPresent(check::profile);
        configuration.hostAndPort(Setting.CONTROL).ifPresent(check::control);
        configuration
                .value(Setting.CREDENTIALS_PROVIDER)
                .ifPresent(value -> surroundings.say("ignoring " + value.origin()
                        + ": the doctor takes credentials from the AWS SDK's default chain or --profile"));
        return new Checkup(endpoint, check, report, surroundings).run();
    }

    private Configuration configuration() {
        Map<Setting, String> values = new EnumMap<>(Setting.class);
        target.putInto(values);
        walk.putInto(values);
        return system.configuration().preferring(OptionNames.source(values));
    }
}
