package io.github.dsqlreach;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How an endpoint is checked: a value for each {@link Setting} of the group {@link Setting.Group#CHECK}, or its default.
 * Immutable. Two are equal if all their values are equal.
 *
 * <pre>{@code
 * CheckSettings settings = CheckSettings.of(Configuration.ofSystem()).with(Setting.TIMEOUT, Duration.ofSeconds(5));
 * }</pre>
 */
public final class CheckSettings {
    private static final CheckSettings DEFAULTS = new CheckSettings(Map.of());

    /** The values that differ from the defaults. */
    private final Map<Setting<?>, Object> values;

    private CheckSettings(Map<Setting<?>, Object> values) {
        this.values = values;
    }

    /** The defaults. */
    public static CheckSettings defaults() {
        return DEFAULTS;
    }

    /**
     * The settings of that configuration.
     *
     * @throws InvalidConfigurationException if a value is not allowed
     */
    public static CheckSettings of(Configuration configuration) {
        CheckSettings settings = DEFAULTS;
        for (Setting<?> setting : Setting.all()) {
            if (setting.group() == Setting.Group.CHECK) {
                settings = settings.with(setting, configuration);
            }
        }
        return settings;
    }

    private <T> CheckSettings with(Setting<T> setting, Configuration configuration) {
        return configuration.get(setting).map(value -> with(setting, value)).orElse(this);
    }

    /**
     * A copy with another value.
     *
     * @throws IllegalArgumentException if the setting is not of the group {@link Setting.Group#CHECK}
     */
    public <T> CheckSettings with(Setting<T> setting, T value) {
        if (setting.group() != Setting.Group.CHECK) {
            throw new IllegalArgumentException(setting + " is not a setting of a check");
        }
        Map<Setting<?>, Object> changed = new LinkedHashMap<>(values);
        if (setting.defaultValue().filter(value::equals).isPresent()) {
            changed.remove(setting);
        } else {
            changed.put(setting, value);
        }
        return new CheckSettings(changed);
    }

    /** The value, or the default; empty if there is neither. */
    @SuppressWarnings("unchecked") // with() puts nothing else there.
    public <T> Optional<T> find(Setting<T> setting) {
        return Optional.ofNullable((T) values.get(setting)).or(setting::defaultValue);
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

    /** The values that differ from the defaults. */
    @Override
    public String toString() {
        return values.toString();
    }
}
