package io.github.dsqlreach.report;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.internal.BoundedFiles;
import io.github.dsqlreach.internal.StrictJson;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;

/**
 * A report as JSON; {@code docs/reports.md} specifies its fields, which are stable from the first release. Reading gives back
 * what was written. Unknown fields are ignored; an unknown schema, cause or other constant is an error.
 */
final class JsonReport {
    /** The value of the field {@code schema}. */
    static final String SCHEMA = "dsql-reach/1";

    static final int MOST_BYTES = 5_000_000;

    private JsonReport() {}

    /** The report as pretty-printed JSON, with a line feed at the end. */
    static String write(Reachability reachability) {
        // JSON may end up in a CI service's log. Only inside a text can "##" stand, and there an escape loses nothing.
        return JsonBinding.GSON.toJson(JsonDocument.of(reachability)).replace("##", "#\\u0023") + "\n";
    }

    /**
     * Reads a report from a regular file of at most 5 MB, in UTF-8.
     *
     * @throws UnreadableReportException if the file cannot be read or is not a report of this schema; the message says why
     */
    static Reachability read(Path file) {
        String source = file.toString();
        try {
            return read(BoundedFiles.readText(file, MOST_BYTES), source);
        } catch (CharacterCodingException e) {
            throw new UnreadableReportException(source, "it is not text in UTF-8", e);
        } catch (IOException e) {
            throw new UnreadableReportException(source, problem(e), e);
        }
    }

    private static String problem(IOException e) {
        if (e instanceof java.nio.file.NoSuchFileException) {
            return "there is no such file";
        }
        return e instanceof java.nio.file.AccessDeniedException ? "access denied" : String.valueOf(e.getMessage());
    }

    /**
     * Reads a report of at most 5 million characters.
     *
     * @param json the report
     * @param source where it comes from, for messages
     * @throws UnreadableReportException if it is not a report of this schema; the message says why
     */
    static Reachability read(String json, String source) {
        StrictJson.check();
        checkSize(source, json.length());
        JsonObject document = parse(json.startsWith("\ufeff") ? json.substring(1) : json, source);
        checkSchema(document, source);
        try {
            return JsonBinding.GSON.fromJson(document, JsonDocument.class).value();
        } catch (RuntimeException e) {
            // The values check themselves: a host name, a region, a cause without a failing verdict.
            throw new UnreadableReportException(source, String.valueOf(e.getMessage()));
        }
    }

    private static void checkSize(String source, int size) {
        if (size > MOST_BYTES) {
            throw new UnreadableReportException(source, "it is larger than 5 MB, the limit for a report");
        }
    }

    private static JsonObject parse(String text, String source) {
        JsonReader reader = StrictJson.reader(text);
        try {
            JsonElement json = JsonBinding.GSON.getAdapter(JsonElement.class).read(reader);
            if (json.isJsonObject() && reader.peek() == JsonToken.END_DOCUMENT) {
                return json.getAsJsonObject();
            }
            throw new UnreadableReportException(source, "it is not a JSON object");
        } catch (IOException | JsonParseException | IllegalStateException | NumberFormatException e) {
            String problem = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            // Gson's advice is for programmers.
            throw new UnreadableReportException(
                    source, "it is not JSON: " + problem.replaceFirst("^.*Use JsonReader\\S* to accept ", ""));
        }
    }

    private static void checkSchema(JsonObject document, String source) {
        JsonElement schema = document.get("schema");
        if (schema == null || !schema.isJsonPrimitive()) {
            throw new UnreadableReportException(
                    source, "it has no field 'schema', so it is not a report; a report has " + SCHEMA);
        }
        if (!schema.getAsString().equals(SCHEMA)) {
            throw new UnreadableReportException(
                    source,
                    "its schema is '" + schema.getAsString() + "', and this version reads only " + SCHEMA
                            + "; use the dsql-reach that wrote it");
        }
    }
}
