package io.github.dsqlreach;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The settings in force, from several sources of which the first that knows a setting wins.
 *
 * <pre>{@code
 * Configuration configuration = Configuration.ofSystem()
 *         .preferring(Configuration.Source.of(Map.of(Setting.TIMEOUT, "5s"), setting -> "my settings"));
 * Optional<Endpoint> endpoint = configuration.endpoint();
 * Optional<Duration> timeout = configuration.get(Setting.TIMEOUT);
 * }</pre>
 *
 * <p>A blank value counts as not set. In values, <code>${NAME}</code> stands for the system property or else the
 * environment variable of that name, and <code>${NAME:text}</code> for {@code text} where neither is set.
 *
 * <p>Every method that reads a value throws an {@link InvalidConfigurationException} that names the value, where it
 * came from and what is allowed, if it cannot be used. Immutable.
 */
public final class Configuration {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^}:]*)(?::([^}]*))?}");

    private final List<Source> sources;
    private final Function<String, @Nullable String> properties;
    private final Function<String, @Nullable String> environment;
    private final Names names;

    /** What is set at all, known or not. */
    private record Names(Supplier<Set<String>> properties, Supplier<Set<String>> variables) {}

    private Configuration(
            List<Source> sources,
            Function<String, @Nullable String> properties,
            Function<String, @Nullable String> environment,
            Names names) {
        this.sources = List.copyOf(sources);
        this.properties = properties;
        this.environment = environment;
        this.names = names;
    }

    /** The system properties and, weaker, the environment of this JVM. */
    public static Configuration ofSystem() {
        return of(
                System::getProperty,
                System::getenv,
                new Names(
                        () -> System.getProperties().stringPropertyNames(),
                        () -> System.getenv().keySet()));
    }

    /** These system properties and, weaker, environment variables. */
    public static Configuration of(Map<String, String> properties, Map<String, String> environment) {
        return of(properties::get, environment::get, new Names(properties::keySet, environment::keySet));
    }

    /**
     * System properties and, weaker, environment variables, looked up by these functions.
     *
     * @param properties from the name of a system property to its value, {@code null} if it is not set
     * @param environment from the name of an environment variable to its value, {@code null} if it is not set
     */
    public static Configuration of(
            Function<String, @Nullable String> properties, Function<String, @Nullable String> environment) {
        return of(properties, environment, new Names(Set::of, Set::of));
    }

    private static Configuration of(
            Function<String, @Nullable String> properties,
            Function<String, @Nullable String> environment,
            Names names) {
        return new Configuration(
                List.of(Source.byKey("system property", properties), Source.byVariable(environment)),
                properties,
                environment,
                names);
    }

    /** This configuration with one more source, stronger than all it has. */
    public Configuration preferring(Source source) {
        List<Source> all = new ArrayList<>(sources);
        all.add(0, source);
        return new Configuration(all, properties, environment, names);
    }

    /**
     * Refuses system properties that begin as settings do and are none: a typo must not switch off a guard.
     *
     * @throws InvalidConfigurationException if there is one; the message says what was probably meant
     */
    public void checkProperties() {
        checkKeys("system property", names.properties.get());
    }

    /**
     * Refuses keys that begin as settings do and are none.
     *
     * @param what these keys are, for the message
     * @throws InvalidConfigurationException if there is one; the message says what was probably meant
     */
    public static void checkKeys(String what, Set<String> keys) {
        UnknownSetting.among(
                        keys,
                        Setting.PREFIX,
                        Setting.all().stream().map(Setting::key).toList())
                .stream()
                .findFirst()
                .ifPresent(found -> {
                    throw new InvalidConfigurationException(found.message(what));
                });
    }

    /**
     * A line for each environment variable that begins as settings do and is none. They do not fail: the environment
     * belongs to the whole machine, and another version may know what this one does not.
     */
    public List<String> unknownVariables() {
        List<String> known = Setting.all().stream()
                .flatMap(setting -> setting.variables().stream())
                .toList();
        // Windows finds a variable in whatever case it was set.
        List<String> set = names.variables.get().stream()
                .map(name -> {
                    String upper = name.toUpperCase(Locale.ROOT);
                    return environment.apply(upper) == null ? name : upper;
                })
                .distinct()
                .toList();
        return UnknownSetting.among(set, "DSQL_REACH_", known).stream()
                .map(found -> found.message("environment variable", " and is ignored"))
                .toList();
    }

    /** Somewhere that settings come from. */
    @FunctionalInterface
    public interface Source {
        /** The value of that setting here; empty if it is not set here. */
        Optional<Value> find(Setting<?> setting);

        /** Fixed values; {@code origin} says where each came from, for example {@code option --timeout}. */
        static Source of(Map<Setting<?>, String> values, Function<Setting<?>, String> origin) {
            Map<Setting<?>, String> copy = Map.copyOf(values);
            return setting ->
                    Optional.ofNullable(copy.get(setting)).map(text -> new Value(text, origin.apply(setting)));
        }

        /** Values found by the setting's {@link Setting#key()}. */
        static Source byKey(String what, Function<String, @Nullable String> lookup) {
            return setting -> Optional.ofNullable(lookup.apply(setting.key()))
                    .map(text -> new Value(text, what + " " + setting.key()));
        }

        /** Values found by the setting's {@link Setting#variables()}. */
        static Source byVariable(Function<String, @Nullable String> environment) {
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
    public Optional<Value> value(Setting<?> setting) {
        for (Source source : sources) {
            Optional<Value> found = source.find(setting).map(value -> resolved(setting, value));
            if (found.isPresent() && !found.get().text().isEmpty()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Value resolved(Setting<?> setting, Value value) {
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

    private Optional<String> resolve(Setting<?> setting, Value value, String name) {
        if (name.isBlank()) {
            throw invalid(setting, value, "a placeholder with a name, such as ${DSQL_ENDPOINT}");
        }
        return Optional.ofNullable(properties.apply(name)).or(() -> Optional.ofNullable(environment.apply(name)));
    }

    /** The value in force, read; empty if no source has one, whatever its default is. */
    public <T> Optional<T> get(Setting<T> setting) {
        return read(setting, setting::parse, setting.allowed());
    }

    /** The value read by a function that throws an {@code IllegalArgumentException} for what is not allowed. */
    public <T> Optional<T> read(Setting<?> setting, Function<String, T> reader, String allowed) {
        return value(setting).map(value -> {
            try {
                return reader.apply(value.text());
            } catch (IllegalArgumentException e) {
                throw invalid(setting, value, allowed);
            }
        });
    }

    private static InvalidConfigurationException invalid(Setting<?> setting, Value value, String allowed) {
        return new InvalidConfigurationException(setting.key() + " is '" + Redaction.text(value.text()) + "' ("
                + value.origin() + "); allowed is " + allowed);
    }

    /**
     * The endpoint, with the settings for region, user, negotiation, transport, trust and {@code connectTo} applied, which are
     * stronger than a URL's parameters. What none of them and no host name tell, the variables of AWS's own samples do:
     * {@code CLUSTER_ID} the endpoint, {@code CLUSTER_REGION}, {@code AWS_REGION} and {@code REGION} the region,
     * {@code CLUSTER_USER} the user.
     *
     * @return empty if no source has an endpoint
     * @throws InvalidEndpointException if the endpoint itself cannot be understood
     * @throws InvalidConfigurationException if another of these settings cannot be used
     */
    public Optional<Endpoint> endpoint() {
        return endpointText().map(value -> {
            Endpoint.Builder builder = applyTo(parse(value)).toBuilder();
            Endpoint endpoint = builder.build();
            if (endpoint.region().isEmpty()) {
                samplesRegion().ifPresent(builder::region);
            }
            if (endpoint.user().equals(Endpoint.DEFAULT_USER)
                    && value(Setting.USER).isEmpty()) {
                variable("CLUSTER_USER").map(Value::text).ifPresent(builder::user);
            }
            return complete(builder.build(), value);
        });
    }

    /** Whether some source has an endpoint, be it one that cannot be understood. */
    public boolean hasEndpoint() {
        try {
            return endpointText().isPresent();
        } catch (InvalidConfigurationException | InvalidEndpointException e) {
            return true;
        }
    }

    private Optional<Value> endpointText() {
        try {
            return value(Setting.ENDPOINT)
                    .or(() -> variable("CLUSTER_ID").filter(id -> ClusterName.isClusterId(id.text())));
        } catch (InvalidConfigurationException e) {
            throw new InvalidEndpointException(String.valueOf(e.getMessage()));
        }
    }

    private static Endpoint parse(Value value) {
        try {
            return Endpoint.read(value.text());
        } catch (InvalidEndpointException e) {
            throw new InvalidEndpointException(e.getMessage() + " (" + value.origin() + ")");
        }
    }

    private static Endpoint complete(Endpoint endpoint, Value value) {
        try {
            return endpoint.complete();
        } catch (InvalidEndpointException e) {
            throw new InvalidEndpointException(e.getMessage() + " (" + value.origin() + ")");
        }
    }

    /** A variable that is not of our own. */
    private Optional<Value> variable(String name) {
        return Optional.ofNullable(environment.apply(name))
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .map(text -> new Value(text, "environment variable " + name));
    }

    private Optional<String> samplesRegion() {
        Source source = setting -> Stream.of("CLUSTER_REGION", "AWS_REGION", "REGION")
                .flatMap(name -> variable(name).stream())
                .findFirst();
        return new Configuration(List.of(source), properties, environment, names).get(Setting.REGION);
    }

    /** That endpoint with the settings for region, user, negotiation, transport, trust and {@code connectTo} applied. */
    public Endpoint applyTo(Endpoint endpoint) {
        Endpoint.Builder builder = endpoint.toBuilder();
        get(Setting.REGION).ifPresent(builder::region);
        get(Setting.ROOT_CERTIFICATE)
                .ifPresent(file -> builder.trust(new Trust(endpoint.trust().mode(), Optional.of(file))));
        return applyConnectionTo(builder.build());
    }

    /**
     * That endpoint with the settings for user, negotiation, transport and {@code connectTo} applied, but not those that
     * say which cluster it is (region and trust).
     */
    public Endpoint applyConnectionTo(Endpoint endpoint) {
        Endpoint.Builder builder = get(Setting.TRANSPORT).map(endpoint::over).orElse(endpoint).toBuilder();
        get(Setting.USER).ifPresent(builder::user);
        get(Setting.NEGOTIATION).ifPresent(builder::negotiation);
        get(Setting.CONNECT_TO).ifPresent(builder::connectTo);
        return builder.build();
    }

    /** The settings that are set, with their origins; for messages. Values are scrubbed. */
    @Override
    public String toString() {
        return Setting.all().stream()
                .flatMap(setting -> sources.stream()
                        .flatMap(source -> source.find(setting).stream())
                        .limit(1)
                        .map(value -> setting.key() + "=" + Scrubber.scrub(Redaction.text(value.text())) + " ("
                                + value.origin() + ")"))
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
