package io.github.dsqlreach;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How an endpoint is checked: a value for each {@link Setting} of the group {@link Setting.Group#CHECK}, or its default.
 * Immutable; equal if all values are.
 *
 * <pre>{@code
 * CheckSettings settings = CheckSettings.of(Configuration.ofSystem()).with(Setting.TIMEOUT, Duration.ofSeconds(5));
 * }</pre>
 */
public final class CheckSettings {
    private static final CheckSettings DEFAULTS = new CheckSettings(Map.of());

    /** What differs from the defaults. */
    private final Map<Setting<?>, Object> values;

    private CheckSettings(Map<Setting<?>, Object> values) {
        this.values = values;
    }

    /** Nothing is set. */
    public static CheckSettings defaults() {
        return DEFAULTS;
    }

    /**
     * The settings in force.
     *
     * @throws InvalidConfigurationException if a value cannot be used
     */
    public static CheckSettings of(Configuration configuration) {
        CheckSettings settings = DEFAULTS;
        for (Setting<?> setting : Setting.all()) {
            if (setting.group() == Setting.Group.CHECK) {
                settings = settings.taking(setting, configuration);
            }
        }
        return settings;
    }

    private <T> CheckSettings taking(Setting<T> setting, Configuration configuration) {
        return configuration.get(setting).map(value -> with(setting, value)).orElse(this);
    }

    /**
     * These with another value.
     *
     * @throws IllegalArgumentException if it is no setting of a check
     */
    public <T> CheckSettings with(Setting<T> setting, T value) {
        if (setting.group() != Setting.Group.CHECK) {
            throw new IllegalArgumentException(setting + " says nothing about a check");
        }
        Map<Setting<?>, Object> changed = new LinkedHashMap<>(values);
        if (setting.standard().filter(value::equals).isPresent()) {
            changed.remove(setting);
        } else {
            changed.put(setting, value);
        }
        return new CheckSettings(changed);
    }

    /** The value, or the default; empty if there is neither. */
    @SuppressWarnings("unchecked") // with() puts nothing else there.
    public <T> Optional<T> find(Setting<T> setting) {
        return Optional.ofNullable((T) values.get(setting)).or(setting::standard);
    }

    /**
     * The value, or the default.
     *
     * @throws java.util.NoSuchElementException if there is neither
     */
    public <T> T get(Setting<T> setting) {
        return find(setting).orElseThrow();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CheckSettings that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    /** What differs from the defaults. */
    @Override
    public String toString() {
        return values.toString();
    }
}
