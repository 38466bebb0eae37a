package io.github.dsqlreach.cli;

import io.github.dsqlreach.InvalidConfigurationException;
import io.github.dsqlreach.InvalidEndpointException;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.internal.LinkageErrors;
import io.github.dsqlreach.internal.Spelling;
import io.github.dsqlreach.report.UnreadableReportException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The doctor: says from a shell whether this machine can use an Aurora DSQL cluster, and if not, why.
 *
 * <pre>{@code
 * java -jar dsql-reach-<version>-cli.jar abc.dsql.us-east-1.on.aws
 * }</pre>
 *
 * <p>Exit codes: 0 reachable, 1 blocked or unavailable, 2 denied or misconfigured, 3 unknown, 64 wrong usage, 70 a defect of
 * the doctor itself.
 */
@Command(
        name = "doctor",
        description = "Says whether this machine can use an Aurora DSQL cluster, and if not, why.",
        customSynopsis = {
            "doctor [<endpoint>] [OPTION]...",
            "       doctor compare REPORT.json... [OPTION]...",
            "       doctor local [OPTION]...",
            "       doctor simulate FAULT [OPTION]...",
            "       doctor summary [DIRECTORY]... [OPTION]...",
            "       doctor tunnel [<endpoint>] [OPTION]..."
        },
        versionProvider = Doctor.Version.class,
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:reachable, or compared",
            "1:blocked by the network, the cluster is unavailable, or too few tests ran",
            "2:denied by the cluster, or misconfigured here",
            "3:unknown: the evidence is inconclusive",
            "64:wrong usage: an argument, an option, a setting or a file",
            "70:a defect of the doctor"
        })
public final class Doctor extends CheckCommand {
    /** Kept: a logger without a strong reference loses its level. */
    private static final Logger DRIVER = Logger.getLogger("org.postgresql");

    private static final int WIDTH = 100;

    Doctor(CliContext system) {
        super(system);
    }

    /** Runs the doctor and ends the JVM with its exit code. */
    public static void main(String[] arguments) {
        // What the driver and the SDK have to say is in the report.
        DRIVER.setLevel(Level.OFF);
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        System.exit(run(CliContext.ofSystem(), arguments));
    }

    static int run(CliContext surroundings, String... arguments) {
        Ansi ansi = surroundings.style().colour() ? Ansi.ON : Ansi.OFF;
        CommandLine commandLine = SettingOptions.command(new Doctor(surroundings), CheckCommand::takes)
                .addSubcommand(SettingOptions.command(new CheckCommand(surroundings), CheckCommand::takes))
                .addSubcommand(new CompareCommand(surroundings))
                .addSubcommand(new LocalCommand(surroundings))
                .addSubcommand(SettingOptions.command(new SimulateCommand(surroundings), SimulateCommand::takes))
                .addSubcommand(SettingOptions.command(new SummaryCommand(surroundings), SummaryCommand::takes))
                .addSubcommand(SettingOptions.command(new TunnelCommand(surroundings), TunnelCommand::takes))
                .setOut(new PrintWriter(surroundings.out(), true))
                .setErr(new PrintWriter(surroundings.err(), true))
                .setColorScheme(CommandLine.Help.defaultColorScheme(ansi))
                .setUsageHelpWidth(WIDTH)
                .setExpandAtFiles(false)
                .setAllowOptionsAsOptionParameters(false)
                .setExecutionStrategy(Doctor::execute)
                .setParameterExceptionHandler((e, args) -> usage(surroundings, e, args))
                .setExecutionExceptionHandler((e, command, result) -> failed(surroundings, e));
        try {
            return commandLine.execute(arguments);
        } catch (LinkageError | StackOverflowError | OutOfMemoryError e) {
            return defect(surroundings, e);
        }
    }

    /** What stands before a subcommand would be ignored. */
    private static int execute(ParseResult result) {
        if (result.hasSubcommand()
                && !(result.matchedOptions().isEmpty()
                        && result.matchedPositionals().isEmpty())) {
            String subcommand = result.subcommand().commandSpec().name();
            throw new ParameterException(
                    result.commandSpec().commandLine(),
                    "'" + subcommand + "' is a command and must come first: doctor " + subcommand + " ...");
        }
        return new CommandLine.RunLast().execute(result);
    }

    private static int usage(CliContext surroundings, ParameterException e, String... arguments) {
        surroundings.say(
                e instanceof UnmatchedArgumentException unmatched ? unknown(unmatched, arguments[0]) : e.getMessage());
        surroundings.say("'" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help' tells what is allowed");
        return ExitCode.USAGE;
    }

    /** By name only: what stands behind it, or after it, may be a password. */
    private static String unknown(UnmatchedArgumentException e, String first) {
        CommandLine command = e.getCommandLine();
        List<String> options = e.getUnmatched().stream()
                .filter(argument -> argument.startsWith("-"))
                .map(argument -> argument.startsWith("--")
                        ? argument.split("=", 2)[0]
                        : argument.substring(0, Math.min(2, argument.length())))
                .toList();
        return options.isEmpty()
                ? "too many arguments: "
                        + String.join(", ", e.getUnmatched()).replaceAll("(?s)^.*@", Scrubber.MASK + "@")
                        // A misspelt command is taken for an endpoint.
                        + meant(List.of(first), command.getSubcommands().keySet())
                : "unknown option " + String.join(", ", options)
                        + meant(options, command.getCommandSpec().optionsMap().keySet());
    }

    private static String meant(List<String> unknown, Set<String> known) {
        return unknown.stream()
                .flatMap(name -> Spelling.nearest(name, known, name.length()).stream())
                .findFirst()
                .map(name -> "; did you mean " + name + "?")
                .orElse("");
    }

    private static int failed(CliContext surroundings, Exception e) {
        if (e instanceof UsageException
                || e instanceof InvalidConfigurationException
                || e instanceof InvalidEndpointException
                || e instanceof UnreadableReportException) {
            surroundings.say(e.getMessage());
            return ExitCode.USAGE;
        }
        return defect(surroundings, e);
    }

    private static int defect(CliContext surroundings, Throwable e) {
        Optional<String> library = LinkageErrors.explain(e);
        if (library.isPresent()) {
            surroundings.say(library.get());
            return ExitCode.INTERNAL;
        }
        StackTraceElement[] trace = e.getStackTrace();
        surroundings.say("this is a defect, please report it: " + e + (trace.length == 0 ? "" : " at " + trace[0]));
        return ExitCode.INTERNAL;
    }

    /** Of this jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            Reachability.Tool tool = Reachability.Tool.current();
            return new String[] {"dsql-reach " + tool.version() + " (Java " + tool.java() + ", " + tool.os() + ")"};
        }
    }
}
