package io.github.dsqlreach.local;

import io.github.dsqlreach.internal.StartupCode;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The startup packet: the protocol's version and the client's parameters. */
record Startup(int version, Map<String, String> parameters) {
    private static final Pattern CLUSTER_ID_OPTION = Pattern.compile("(?:^|\\s)(?:-c\\s*|--)amzn-cluster-id=(\\S+)");

    private static final Pattern SETTING_OPTION = Pattern.compile("(?:^|\\s)(?:-c\\s*|--)([A-Za-z_][\\w.-]*)=");

    static Startup parse(byte[] packet) throws ProtocolException {
        ByteBuffer buffer = ByteBuffer.wrap(packet);
        int version = buffer.getInt();
        if (version >>> 16 != StartupCode.PROTOCOL_MAJOR) {
            throw new ProtocolException("protocol " + (version >>> 16) + "." + (version & 0xffff));
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String name = text(buffer); !name.isEmpty(); name = text(buffer)) {
            parameters.put(name, text(buffer));
        }
        return new Startup(version, parameters);
    }

    private static String text(ByteBuffer buffer) throws ProtocolException {
        int start = buffer.position();
        while (buffer.hasRemaining()) {
            if (buffer.get() == 0) {
                return new String(buffer.array(), start, buffer.position() - 1 - start, StandardCharsets.UTF_8);
            }
        }
        throw new ProtocolException("a startup packet without an end");
    }

    /** The names of the settings that the session begins with, as parameters of their own or among the options. */
    List<String> settings() {
        List<String> names = new ArrayList<>(parameters.keySet());
        names.removeAll(List.of("user", "database", "options", "replication"));
        String options = CLUSTER_ID_OPTION
                .matcher(parameters.getOrDefault("options", ""))
                .replaceAll("");
        Matcher setting = SETTING_OPTION.matcher(options);
        while (setting.find()) {
            names.add(setting.group(1).replace('-', '_'));
        }
        return names;
    }

    String user() {
        return parameters.getOrDefault("user", "");
    }

    /** The cluster named by the option {@code amzn-cluster-id}. */
    Optional<String> clusterId() {
        Matcher matcher = CLUSTER_ID_OPTION.matcher(parameters.getOrDefault("options", ""));
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** The packet for PostgreSQL, which does not know that option. */
    Startup forServer(String user, @Nullable String database, @Nullable String role) {
        Map<String, String> result = new LinkedHashMap<>(parameters);
        result.put("user", user);
        if (role != null) {
            result.put("role", role);
        }
        if (database != null) {
            result.put("database", database);
        }
        result.computeIfPresent("options", (name, options) -> {
            String rest = CLUSTER_ID_OPTION.matcher(options).replaceAll("").strip();
            return rest.isEmpty() ? null : rest;
        });
        return new Startup(version, result);
    }

    byte[] packet() {
        Wire.Body body = new Wire.Body().number(version);
        parameters.forEach((name, value) -> body.text(name).text(value));
        return Wire.untyped(body.zero().bytes());
    }
}
