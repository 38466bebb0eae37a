package io.github.dsqlreach.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.ToNumberPolicy;
import com.google.gson.TypeAdapter;
import com.google.gson.TypeAdapterFactory;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Trust;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes Gson strict: no field may be missing, no value is converted, and an error names the field. */
final class JsonBinding implements TypeAdapterFactory {
    static final Gson GSON = new GsonBuilder()
            .setPrettyPrinting()
            .serializeNulls()
            .disableHtmlEscaping()
            .setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
            .setFieldNamingStrategy(field -> name(field.getName(), field.getType()))
            .registerTypeAdapterFactory(new JsonBinding())
            .create();

    /** Longer than any check; larger numbers would not fit into a duration. */
    private static final BigDecimal LONGEST_MILLIS =
            BigDecimal.valueOf(Duration.ofDays(365).toMillis());

    /** A message lists no more constants than these. */
    private static final int FEW = 8;

    /** Enums whose constants are spelled as in settings. */
    private static final Set<Class<?>> WORDS = Set.of(Transport.class, Negotiation.class, Trust.Mode.class);

    /** A field with a wrong value. */
    static final class Wrong extends JsonParseException {
        private static final long serialVersionUID = 1;

        private final String field;
        private final String reason;

        Wrong(String field, String reason) {
            super("field '" + field.replaceFirst("^\\.", "") + "': " + reason);
            this.field = field;
            this.reason = reason;
        }

        Wrong in(String parent) {
            return new Wrong(parent + field, reason);
        }
    }

    @Override
    public <T> TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
        Class<? super T> raw = type.getRawType();
        TypeAdapter<?> scalar = Enum.class.isAssignableFrom(raw) ? constant(raw) : scalar(raw);
        if (scalar != null) {
            return cast(scalar);
        } else if (raw == Optional.class) {
            Type present = ((ParameterizedType) type.getType()).getActualTypeArguments()[0];
            return cast(optional(gson.getAdapter(TypeToken.get(present))));
        } else if (raw == Evidence.class) {
            return cast(strict(
                    "an object",
                    JsonElement::isJsonObject,
                    JsonBinding::evidence,
                    evidence -> gson.toJsonTree(evidence.asMap())));
        }
        TypeAdapter<T> adapter = gson.getDelegateAdapter(this, type);
        if (Collection.class.isAssignableFrom(raw)) {
            return strict("a list", JsonElement::isJsonArray, adapter::fromJsonTree, adapter::toJsonTree);
        }
        return strict(
                "an object",
                JsonElement::isJsonObject,
                json -> adapter.fromJsonTree(complete(json.getAsJsonObject(), raw)),
                adapter::toJsonTree);
    }

    /** A duration is a number, so its field names the unit. */
    static String name(String component, Class<?> type) {
        return type == Duration.class && component.equals("duration") ? "millis" : component;
    }

    private static Evidence evidence(JsonElement json) {
        Evidence.Builder evidence = Evidence.builder();
        json.getAsJsonObject().entrySet().forEach(fact -> {
            try {
                evidence.putPlain(fact.getKey(), GSON.fromJson(fact.getValue(), Object.class));
            } catch (IllegalArgumentException e) {
                throw new Wrong("." + fact.getKey(), String.valueOf(e.getMessage()));
            }
        });
        return evidence.build();
    }

    private static @Nullable TypeAdapter<?> scalar(Class<?> type) {
        if (type == String.class) {
            return text("a text", text -> text, text -> text);
        } else if (type == Instant.class) {
            return text("a time such as 2026-11-23T08:40:14Z", JsonBinding::instant, Instant::toString);
        } else if (type == HostAndPort.class) {
            return text("HOST:PORT", text -> HostAndPort.parse(text, 0), HostAndPort::toString);
        } else if (type == Path.class) {
            return text("a path", Path::of, Path::toString);
        } else if (type == boolean.class) {
            return strict(
                    "a boolean",
                    json -> json instanceof JsonPrimitive value && value.isBoolean(),
                    JsonElement::getAsBoolean,
                    JsonPrimitive::new);
        } else if (type == int.class) {
            return number("a whole number", json -> json.getAsBigDecimal().intValueExact(), JsonPrimitive::new);
        } else if (type == Double.class) {
            return number("a number", JsonElement::getAsDouble, JsonPrimitive::new);
        } else if (type == Duration.class) {
            return number(
                    "a duration in milliseconds",
                    json -> duration(json.getAsBigDecimal()),
                    duration -> new JsonPrimitive(millis(duration)));
        }
        return null;
    }

    private static TypeAdapter<?> constant(Class<?> type) {
        Function<Object, String> word = constant -> constant instanceof ExperimentName experiment
                ? experiment.id()
                : WORDS.contains(type)
                        ? ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-')
                        : ((Enum<?>) constant).name();
        return text(
                "a text",
                text -> Stream.of(type.getEnumConstants())
                        .filter(constant -> word.apply(constant).equals(text))
                        .findFirst()
                        .orElseThrow(() -> unknown(
                                text,
                                Stream.of(type.getEnumConstants()).map(word).toList())),
                word);
    }

    private static Wrong unknown(String text, List<String> known) {
        return new Wrong(
                "",
                "'" + text + "' is not known to this version"
                        + (known.size() <= FEW ? ", which knows " + String.join(", ", known) : "")
                        + "; use the dsql-reach that wrote the report, or a newer one");
    }

    private static <T> TypeAdapter<Optional<T>> optional(TypeAdapter<T> present) {
        return strict(
                "",
                json -> true,
                json -> json.isJsonNull() ? Optional.empty() : Optional.of(present.fromJsonTree(json)),
                value -> value.map(present::toJsonTree).orElse(JsonNull.INSTANCE));
    }

    /** A missing field becomes null, which only an optional part accepts. */
    private static JsonObject complete(JsonObject json, Class<?> type) {
        for (RecordComponent part : type.isRecord() ? type.getRecordComponents() : new RecordComponent[0]) {
            String field = name(part.getName(), part.getType());
            if (!json.has(field)) {
                json.add(field, JsonNull.INSTANCE);
            }
        }
        return json;
    }

    private static <T> TypeAdapter<T> text(String what, Function<String, T> read, Function<? super T, String> write) {
        return strict(
                what,
                json -> json instanceof JsonPrimitive value && value.isString(),
                json -> read.apply(json.getAsString()),
                value -> new JsonPrimitive(write.apply(value)));
    }

    private static <T> TypeAdapter<T> number(
            String what, Function<JsonElement, T> read, Function<T, JsonElement> write) {
        return strict(what, json -> json instanceof JsonPrimitive value && value.isNumber(), read, write);
    }

    private static <T> TypeAdapter<T> strict(
            String what, Predicate<JsonElement> form, Function<JsonElement, T> read, Function<T, JsonElement> write) {
        return new TypeAdapter<>() {
            @Override
            public void write(JsonWriter out, T value) {
                GSON.toJson(write.apply(value), out);
            }

            @Override
            public T read(JsonReader in) {
                String field = in.getPath().substring(1);
                JsonElement json = JsonParser.parseReader(in);
                if (!form.test(json)) {
                    throw new Wrong(field, json.isJsonNull() ? "it is missing" : "it is not " + what);
                }
                try {
                    return read.apply(json);
                } catch (Wrong e) {
                    throw e.in(field);
                } catch (DateTimeException | ArithmeticException | IllegalArgumentException e) {
                    throw new Wrong(field, "'" + json.getAsString() + "' is not " + what);
                }
            }
        };
    }

    /** Only instants that have a date; the extreme ones of {@link Instant} do not. */
    private static Instant instant(String text) {
        return Instant.parse(text).atOffset(ZoneOffset.UTC).toInstant();
    }

    /** Exact, so that reading gives the same duration; without trailing zeros. */
    private static BigDecimal millis(Duration duration) {
        BigDecimal millis = BigDecimal.valueOf(duration.getSeconds())
                .movePointRight(3)
                .add(BigDecimal.valueOf(duration.getNano(), 6))
                .stripTrailingZeros();
        return millis.scale() < 0 ? millis.setScale(0) : millis;
    }

    private static Duration duration(BigDecimal millis) {
        if (millis.signum() < 0 || millis.compareTo(LONGEST_MILLIS) > 0) {
            throw new IllegalArgumentException("too long, or negative");
        }
        return Duration.ofNanos(millis.movePointRight(6).longValue());
    }

    @SuppressWarnings("unchecked") // Made for that type.
    private static <T> TypeAdapter<T> cast(TypeAdapter<?> adapter) {
        return (TypeAdapter<T>) adapter;
    }
}
