package io.github.dsqlreach;

import io.github.dsqlreach.internal.NotAllowedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@linkplain Setting settings} from several sources. The first source that has a value wins.
 *
 * <pre>{@code
 * Configuration configuration = Configuration.ofSystem();
 * Optional<Endpoint> endpoint = configuration.endpoint();
 * CheckSettings settings = CheckSettings.of(configuration);
 * }</pre>
 *
 * <p>A blank value counts as not set. In values, <code>${NAME}</code> stands for the system property or else the
 * environment variable of that name, and <code>${NAME:text}</code> for {@code text} if neither is set.
 *
 * <p>Every method that reads a value throws an {@link InvalidConfigurationException} if the value is not allowed; its message
 * names the value, where it came from and what is allowed. Immutable.
 */
public final class Configuration {
    /** Each gives the value of a setting; empty if it does not have one. */
    private final List<Function<Setting<?>, Optional<Value>>> sources;

    private final Lookup lookup;

    /**
     * The names around: which exist, and what they stand for.
     *
     * @param environment from the name of a variable to its value
     * @param placeholders from a name in <code>${…}</code> to its value
     */
    private record Lookup(
            Supplier<Set<String>> properties,
            Supplier<Set<String>> variables,
            Function<String, @Nullable String> environment,
            Function<String, @Nullable String> placeholders) {}

    private Configuration(List<Function<Setting<?>, Optional<Value>>> sources, Lookup lookup) {
        this.sources = List.copyOf(sources);
        this.lookup = lookup;
    }

    /** The system properties and, after them, the environment of this JVM. */
    public static Configuration ofSystem() {
        return of(
                System::getProperty,
                System::getenv,
                () -> System.getProperties().stringPropertyNames(),
                () -> System.getenv().keySet());
    }

    /** These system properties and, after them, these environment variables. */
    public static Configuration of(Map<String, String> properties, Map<String, String> environment) {
        return of(properties::get, environment::get, properties::keySet, environment::keySet);
    }

    private static Configuration of(
            Function<String, @Nullable String> properties,
            Function<String, @Nullable String> environment,
            Supplier<Set<String>> propertyNames,
            Supplier<Set<String>> variableNames) {
        Function<Setting<?>, Optional<Value>> ofProperties =
                setting -> Optional.ofNullable(properties.apply(setting.key()))
                        .map(text -> new Value(text, "system property " + setting.key()));
        Function<Setting<?>, Optional<Value>> ofEnvironment = setting -> variable(environment, setting.variables());
        return new Configuration(
                List.of(ofProperties, ofEnvironment), new Lookup(propertyNames, variableNames, environment, name -> {
                    String property = properties.apply(name);
                    return property == null ? environment.apply(name) : property;
                }));
    }

    /** The first of these variables that is not blank. */
    private static Optional<Value> variable(Function<String, @Nullable String> environment, List<String> names) {
        for (String name : names) {
            String text = environment.apply(name);
            if (text != null && !text.isBlank()) {
                return Optional.of(new Value(text.strip(), "environment variable " + name));
            }
        }
        return Optional.empty();
    }

    /**
     * This configuration with one more source, which wins over the others.
     *
     * @param source gives the value of a setting; empty if it does not have one
     */
    public Configuration preferring(Function<Setting<?>, Optional<Value>> source) {
        List<Function<Setting<?>, Optional<Value>>> all = new ArrayList<>(sources);
        all.add(0, source);
        return new Configuration(all, lookup);
    }

    /**
     * This configuration with one more place where <code>${NAME}</code> is looked up, before the system properties.
     *
     * @param names from a name to its value, {@code null} if it has none
     */
    public Configuration lookingUp(Function<String, @Nullable String> names) {
        Function<String, @Nullable String> next = lookup.placeholders;
        return new Configuration(sources, new Lookup(lookup.properties, lookup.variables, lookup.environment, name -> {
            String value = names.apply(name);
            return value == null ? next.apply(name) : value;
        }));
    }

    /**
     * Rejects system properties that look like settings and are not: a typo must not disable a guard.
     *
     * @throws InvalidConfigurationException if there is one; the message says which setting was probably meant
     */
    public void checkProperties() {
        checkKeys("system property", lookup.properties.get());
    }

    /**
     * Rejects keys that look like settings and are not.
     *
     * @param what what these keys are, for the message
     * @throws InvalidConfigurationException if there is one; the message says which setting was probably meant
     */
    public static void checkKeys(String what, Set<String> keys) {
        UnknownSetting.among(
                        keys,
                        Setting.PREFIX,
                        Setting.all().stream().map(Setting::key).toList())
                .stream()
                .findFirst()
                .ifPresent(found -> {
                    throw new InvalidConfigurationException(found.message(what, ""));
                });
    }

    /**
     * A line for each environment variable that looks like a setting and is not. Such variables are no error: the environment
     * belongs to the whole machine, and another version may know what this one does not.
     */
    public List<String> unknownVariables() {
        List<String> known = Setting.all().stream()
                .flatMap(setting -> setting.variables().stream())
                .toList();
        // Windows finds a variable in upper and in lower case.
        List<String> set = lookup.variables.get().stream()
                .map(name -> {
                    String upper = name.toUpperCase(Locale.ROOT);
                    return lookup.environment.apply(upper) == null ? name : upper;
                })
                .distinct()
                .toList();
        return UnknownSetting.among(set, "DSQL_REACH_", known).stream()
                .map(found -> found.message("environment variable", " and is ignored"))
                .toList();
    }

    /**
     * A value as it was set.
     *
     * @param given a text that is still to be read, or a value of the setting's type
     * @param origin where it came from, for example {@code environment variable DSQL_ENDPOINT}
     */
    public record Value(Object given, String origin) {
        public Value {
            Objects.requireNonNull(given, "given");
            Objects.requireNonNull(origin, "origin");
        }

        /** The value as text. */
        public String text() {
            return ValueType.print(given);
        }
    }

    /** The value in force, its placeholders replaced; empty if no source has one. */
    public Optional<Value> value(Setting<?> setting) {
        for (Function<Setting<?>, Optional<Value>> source : sources) {
            Optional<Value> found = source.apply(setting).map(value -> replaced(setting, value));
            if (found.isPresent() && !found.get().text().isEmpty()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Value replaced(Setting<?> setting, Value value) {
        if (!(value.given() instanceof String text)) {
            return value;
        }
        try {
            return new Value(
                    Placeholders.replace(text.strip(), lookup.placeholders).strip(), value.origin());
        } catch (IllegalArgumentException e) {
            throw invalid(setting, value, e.getMessage());
        }
    }

    /**
     * A text with its placeholders replaced, for texts that are not settings.
     *
     * @param origin where the text came from, for example {@code @InjectFault(upstream)}
     * @throws InvalidConfigurationException if a placeholder has no value
     */
    public String replacePlaceholders(String text, String origin) {
        try {
            return Placeholders.replace(text, lookup.placeholders);
        } catch (IllegalArgumentException e) {
            throw invalid(origin + " is '" + Redaction.text(text) + "'", e.getMessage());
        }
    }

    /** The value in force; empty if no source has one, whatever its default is. */
    @SuppressWarnings("unchecked") // What is not a text has the setting's type.
    public <T> Optional<T> get(Setting<T> setting) {
        return value(setting)
                .map(value -> value.given() instanceof String text
                        ? read(setting, value, text, setting::parse, setting.allowed())
                        : (T) value.given());
    }

    /** The value in force, or else the default; empty if there is neither. */
    public <T> Optional<T> getOrDefault(Setting<T> setting) {
        return get(setting).or(setting::defaultValue);
    }

    /** The value read by a function that throws an {@code IllegalArgumentException} for one that is not allowed. */
    public <T> Optional<T> read(Setting<?> setting, Function<String, T> reader, String allowed) {
        return value(setting).map(value -> read(setting, value, value.text(), reader, allowed));
    }

    private static <T> T read(
            Setting<?> setting, Value value, String text, Function<String, T> reader, String allowed) {
        try {
            return reader.apply(text);
        } catch (NotAllowedException e) {
            throw new InvalidConfigurationException(what(setting, value) + "; " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw invalid(setting, value, allowed);
        }
    }

    private static InvalidConfigurationException invalid(Setting<?> setting, Value value, @Nullable String allowed) {
        return invalid(what(setting, value), allowed);
    }

    private static String what(Setting<?> setting, Value value) {
        return setting.key() + " is '" + Redaction.text(value.text()) + "' (" + value.origin() + ")";
    }

    private static InvalidConfigurationException invalid(String what, @Nullable String allowed) {
        return new InvalidConfigurationException(what + "; allowed is " + allowed);
    }

    /**
     * The endpoint, with the settings for region, user, negotiation, transport, trust and {@code connectTo} applied; they win
     * over the parameters of a URL. If none of them and no host name has a value, the variables of AWS's own samples count:
     * {@code CLUSTER_ID} for the endpoint, {@code CLUSTER_REGION}, {@code AWS_REGION} and {@code REGION} for the region,
     * {@code CLUSTER_USER} for the user.
     *
     * @return empty if no source has an endpoint
     * @throws InvalidEndpointException if the endpoint itself is invalid
     * @throws InvalidConfigurationException if another of these settings is invalid
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

    /** Whether some source has an endpoint, valid or not. */
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

    /** The first of these variables, which are not settings of ours. */
    private Optional<Value> variable(String... names) {
        return variable(lookup.environment, List.of(names));
    }

    private Optional<String> samplesRegion() {
        return new Configuration(List.of(setting -> variable("CLUSTER_REGION", "AWS_REGION", "REGION")), lookup)
                .get(Setting.REGION);
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
     * That endpoint with the settings for user, negotiation, transport and {@code connectTo} applied, but not those for region
     * and trust, which depend on the cluster.
     */
    public Endpoint applyConnectionTo(Endpoint endpoint) {
        Endpoint.Builder builder = get(Setting.TRANSPORT).map(endpoint::over).orElse(endpoint).toBuilder();
        get(Setting.USER).ifPresent(builder::user);
        get(Setting.NEGOTIATION).ifPresent(builder::negotiation);
        get(Setting.CONNECT_TO).ifPresent(builder::connectTo);
        return builder.build();
    }

    /** The settings that are set, with their origins, for messages. Values are scrubbed. */
    @Override
    public String toString() {
        return Setting.all().stream()
                .flatMap(setting -> sources.stream()
                        .flatMap(source -> source.apply(setting).stream())
                        .limit(1)
                        .map(value -> setting.key() + "=" + Scrubber.scrub(Redaction.text(value.text())) + " ("
                                + value.origin() + ")"))
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
