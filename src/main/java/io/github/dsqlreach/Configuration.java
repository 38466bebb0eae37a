package io.github.dsqlreach;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The settings in force, from several sources of which the first that knows a setting wins.
 *
 * <pre>{@code
 * Configuration configuration = Configuration.ofSystem()
 *         .preferring(Configuration.Source.of(Map.of(Setting.TIMEOUT, "5s"), setting -> "option --" + setting.attribute()));
 * Optional<Endpoint> endpoint = configuration.endpoint();
 * Duration timeout = configuration.duration(Setting.TIMEOUT).orElse(Duration.ofSeconds(10));
 * }</pre>
 *
 * <p>A blank value counts as not set. In values, <code>${NAME}</code> stands for the system property or else the
 * environment variable of that name, and <code>${NAME:text}</code> for {@code text} where neither is set.
 *
 * <p>Every method that reads a value throws an {@link InvalidConfigurationException} that names the value, where it
 * came from and what is allowed, if it cannot be used. Immutable.
 */
public final class Configuration {
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^}:]*)(?::([^}]*))?}");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s?(ms|s|m)");

    private final List<Source> sources;
    private final Function<String, String> properties;
    private final Function<String, String> environment;

    private Configuration(
            List<Source> sources, Function<String, String> properties, Function<String, String> environment) {
        this.sources = List.copyOf(sources);
        this.properties = properties;
        this.environment = environment;
    }

    /** The system properties and, weaker, the environment of this JVM. */
    public static Configuration ofSystem() {
        return of(System::getProperty, System::getenv);
    }

    /**
     * System properties and, weaker, environment variables, looked up by these functions.
     *
     * @param properties from the name of a system property to its value, {@code null} if it is not set
     * @param environment from the name of an environment variable to its value, {@code null} if it is not set
     */
    public static Configuration of(Function<String, String> properties, Function<String, String> environment) {
        return new Configuration(
                List.of(Source.byKey("system property", properties), Source.byVariable(environment)),
                properties,
                environment);
    }

    /** This configuration with one more source, stronger than all it has. */
    public Configuration preferring(Source source) {
        List<Source> all = new ArrayList<>(sources);
        all.add(0, source);
        return new Configuration(all, properties, environment);
    }

    /** Somewhere that settings come from. */
    @FunctionalInterface
    public interface Source {
        /** The value of that setting here; empty if it is not set here. */
        Optional<Value> find(Setting setting);

        /** Fixed values; {@code origin} says where each came from, for example {@code option --timeout}. */
        static Source of(Map<Setting, String> values, Function<Setting, String> origin) {
            Map<Setting, String> copy = new EnumMap<>(Setting.class);
            copy.putAll(values);
            return setting ->
                    Optional.ofNullable(copy.get(setting)).map(text -> new Value(text, origin.apply(setting)));
        }

        /** Values found by the setting's {@link Setting#key()}. */
        static Source byKey(String what, Function<String, String> lookup) {
            return setting -> Optional.ofNullable(lookup.apply(setting.key()))
                    .map(text -> new Value(text, what + " " + setting.key()));
        }

        /** Values found by the setting's {@link Setting#variables()}. */
        static Source byVariable(Function<String, String> environment) {
            return setting -> {
                for (String variable : setting.variables()) {
                    String text = environment.apply(variable);
                    if (text != null && !text.isBlank()) {
                        return Optional.of(new Value(text, "environment variable " + variable));
                    }
                }
                return Optional.empty();
            };
        }
    }

    /**
     * A value as it was set.
     *
     * @param text the value
     * @param origin where it came from, for example {@code environment variable DSQL_ENDPOINT}
     */
    public record Value(String text, String origin) {
        public Value {
            Objects.requireNonNull(text, "text");
            Objects.requireNonNull(origin, "origin");
        }
    }

    /** The value in force, its placeholders resolved; empty if no source has one. */
    public Optional<Value> value(Setting setting) {
        for (Source source : sources) {
            Optional<Value> found = source.find(setting).map(value -> resolved(setting, value));
            if (found.isPresent() && !found.get().text().isEmpty()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Value resolved(Setting setting, Value value) {
        String text = value.text().strip();
        if (!text.contains("${")) {
            return new Value(text, value.origin());
        }
        String result = PLACEHOLDER
                .matcher(text)
                .replaceAll(placeholder -> Matcher.quoteReplacement(resolve(setting, value, placeholder.group(1))
                        .or(() -> Optional.ofNullable(placeholder.group(2)))
                        .orElseThrow(() -> invalid(
                                setting,
                                value,
                                "a text whose placeholder ${" + placeholder.group(1)
                                        + "} names a system property or an environment variable that is set, or has a"
                                        + " default: ${" + placeholder.group(1) + ":default}"))));
        return new Value(result.strip(), value.origin());
    }

    private Optional<String> resolve(Setting setting, Value value, String name) {
        if (name.isBlank()) {
            throw invalid(setting, value, "a placeholder with a name, such as ${DSQL_ENDPOINT}");
        }
        return Optional.ofNullable(properties.apply(name)).or(() -> Optional.ofNullable(environment.apply(name)));
    }

    /** The setting as text. */
    public Optional<String> text(Setting setting) {
        return value(setting).map(Value::text);
    }

    /**
     * The setting as a duration: {@code 500ms}, {@code 10s}, {@code 2m} or ISO {@code PT10S}, from 1 ms to 10 min; for
     * {@link Setting#WAIT_FOR} also zero.
     */
    public Optional<Duration> duration(Setting setting) {
        Duration shortest = setting == Setting.WAIT_FOR ? Duration.ZERO : Duration.ofMillis(1);
        return read(
                setting,
                text -> {
                    Duration duration = parseDuration(text);
                    if (duration.compareTo(shortest) < 0 || duration.compareTo(LONGEST) > 0) {
                        throw new IllegalArgumentException();
                    }
                    return duration;
                },
                "a duration from " + (shortest.isZero() ? "0s" : "1ms") + " to 10m, such as 500ms, 10s, 2m or PT10S");
    }

    private static Duration parseDuration(String text) {
        Matcher matcher = DURATION.matcher(text.toLowerCase(Locale.ROOT));
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                default -> Duration.ofMinutes(number);
            };
        }
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The setting as a constant of an enum; case does not matter, and a dash stands for an underscore. */
    public <E extends Enum<E>> Optional<E> choice(Setting setting, Class<E> type) {
        return readOr(
                setting,
                text -> Enum.valueOf(type, text.toUpperCase(Locale.ROOT).replace('-', '_')),
                () -> Arrays.stream(type.getEnumConstants())
                        .map(constant ->
                                constant.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                        .collect(Collectors.joining(", ", "one of ", "")));
    }

    /** The setting as a truth: {@code true} or {@code false}. */
    public Optional<Boolean> flag(Setting setting) {
        return read(
                setting,
                text -> switch (text.toLowerCase(Locale.ROOT)) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw new IllegalArgumentException();
                },
                "true or false");
    }

    /** The setting as {@code HOST:PORT}. */
    public Optional<HostAndPort> hostAndPort(Setting setting) {
        return read(setting, text -> HostAndPort.parse(text, 0), "HOST:PORT (an IPv6 address goes in brackets)");
    }

    /** The setting as a path; whether anything is there is not looked at. */
    public Optional<Path> path(Setting setting) {
        return read(
                setting,
                text -> {
                    try {
                        return Path.of(text);
                    } catch (InvalidPathException e) {
                        throw new IllegalArgumentException(e);
                    }
                },
                "the path of a file or directory");
    }

    /** The setting read by a function that throws an {@code IllegalArgumentException} for what is not allowed. */
    public <T> Optional<T> read(Setting setting, Function<String, T> reader, String allowed) {
        return readOr(setting, reader, () -> allowed);
    }

    private <T> Optional<T> readOr(Setting setting, Function<String, T> reader, Supplier<String> allowed) {
        return value(setting).map(value -> {
            try {
                return reader.apply(value.text());
            } catch (IllegalArgumentException e) {
                throw invalid(setting, value, allowed.get());
            }
        });
    }

    private static InvalidConfigurationException invalid(Setting setting, Value value, String allowed) {
        return new InvalidConfigurationException(
                setting.key() + " is '" + value.text() + "' (" + value.origin() + "); allowed is " + allowed);
    }

    /**
     * The endpoint, with the settings for region, user, negotiation, trust and {@code connectTo} applied, which are
     * stronger than a URL's parameters. Where no setting, no URL and no host name tell the region, {@code AWS_REGION}
     * does.
     *
     * @return empty if no source has an endpoint
     * @throws InvalidEndpointException if the endpoint itself cannot be understood
     * @throws InvalidConfigurationException if another of these settings cannot be used
     */
    public Optional<Endpoint> endpoint() {
        return endpointText().map(value -> {
            Endpoint endpoint = applyTo(parse(value));
            return endpoint.region().isPresent()
                    ? endpoint
                    : awsRegion()
                            .map(region -> endpoint.toBuilder().region(region).build())
                            .orElse(endpoint);
        });
    }

    /** Whether some source has an endpoint, be it one that cannot be understood. */
    public boolean hasEndpoint() {
        try {
            return value(Setting.ENDPOINT).isPresent();
        } catch (InvalidConfigurationException e) {
            return true;
        }
    }

    private Optional<Value> endpointText() {
        try {
            return value(Setting.ENDPOINT);
        } catch (InvalidConfigurationException e) {
            throw new InvalidEndpointException(e.getMessage());
        }
    }

    private static Endpoint parse(Value value) {
        try {
            return Endpoint.parse(value.text());
        } catch (InvalidEndpointException e) {
            throw new InvalidEndpointException(e.getMessage() + " (" + value.origin() + ")");
        }
    }

    private Optional<String> awsRegion() {
        String name = "AWS_REGION";
        Source source = setting -> Optional.ofNullable(environment.apply(name))
                .map(text -> new Value(text, "environment variable " + name));
        return new Configuration(List.of(source), properties, environment)
                .read(Setting.REGION, Configuration::checkedRegion, "a name such as us-east-1");
    }

    private static String checkedRegion(String region) {
        Endpoint.builder("localhost").region(region);
        return region;
    }

    /** That endpoint with the settings for region, user, negotiation, trust and {@code connectTo} applied. */
    public Endpoint applyTo(Endpoint endpoint) {
        Endpoint.Builder builder = endpoint.toBuilder();
        read(Setting.REGION, Configuration::checkedRegion, "a name such as us-east-1")
                .ifPresent(builder::region);
        rootCertificate()
                .ifPresent(file -> builder.trust(new Trust(endpoint.trust().mode(), Optional.of(file))));
        return applyConnectionTo(builder.build());
    }

    /**
     * That endpoint with the settings for user, negotiation and {@code connectTo} applied, but not those that say which
     * cluster it is (region and trust).
     */
    public Endpoint applyConnectionTo(Endpoint endpoint) {
        Endpoint.Builder builder = endpoint.toBuilder();
        text(Setting.USER).ifPresent(builder::user);
        choice(Setting.NEGOTIATION, Negotiation.class).ifPresent(builder::negotiation);
        hostAndPort(Setting.CONNECT_TO).ifPresent(builder::connectTo);
        return builder.build();
    }

    private Optional<Path> rootCertificate() {
        Optional<Path> file = path(Setting.ROOT_CERTIFICATE);
        if (file.isPresent() && !Files.isReadable(file.get())) {
            throw invalid(
                    Setting.ROOT_CERTIFICATE,
                    value(Setting.ROOT_CERTIFICATE).orElseThrow(),
                    "a readable PEM file, relative to " + Path.of("").toAbsolutePath());
        }
        return file;
    }

    /** The settings that are set, with their origins; for messages. Values are scrubbed. */
    @Override
    public String toString() {
        return Arrays.stream(Setting.values())
                .flatMap(setting -> sources.stream()
                        .flatMap(source -> source.find(setting).stream())
                        .limit(1)
                        .map(value -> setting.key() + "=" + Scrubber.scrub(value.text()) + " (" + value.origin() + ")"))
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
