package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.report.Report;
import java.lang.reflect.AnnotatedElement;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.MediaType;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.JUnitException;

/** Adds to JUnit's own reports why a class or method does not run: entries, and once for all of them the HTML page as a file. */
final class JUnitReports {
    private final boolean withFiles;
    private final Map<Optional<AnnotatedElement>, Set<Reachability>> reported = new HashMap<>();
    private final List<Reachability> attached = new ArrayList<>();

    /** Attaches files only where the end-of-run reports are written too. */
    JUnitReports(Configuration configuration) {
        withFiles = SummaryWriter.directory(configuration).isPresent();
    }

    /**
     * What is skipped never starts, and JUnit's listeners know nothing of it: what is around it takes the report, once. The
     * tests themselves have it as the reason why they were skipped.
     */
    void skipped(ExtensionContext context, Reachability reachability) {
        ExtensionContext around = context.getParent().orElse(context);
        if (isNew(around, reachability)) {
            publish(around, reachability);
            attach(around, reachability);
        }
    }

    /** What fails has started, and takes the report itself. */
    void failed(ExtensionContext context, Reachability reachability) {
        publish(context, reachability);
        attach(context, reachability);
    }

    private static void publish(ExtensionContext place, Reachability reachability) {
        place.publishReportEntry(Map.of(
                "dsql.verdict", reachability.verdict().name(),
                "dsql.cause", reachability.diagnosis().cause().orElseThrow().name(),
                "dsql.summary", reachability.summary()));
    }

    private synchronized boolean isNew(ExtensionContext place, Reachability reachability) {
        return reported.computeIfAbsent(place.getElement(), unused -> new HashSet<>())
                .add(reachability);
    }

    private synchronized int numberIfNew(Reachability reachability) {
        if (attached.contains(reachability)) {
            return 0;
        }
        attached.add(reachability);
        return attached.size();
    }

    private void attach(ExtensionContext place, Reachability reachability) {
        int number = withFiles ? numberIfNew(reachability) : 0;
        if (number == 0) {
            return;
        }
        try {
            place.publishFile(
                    number == 1 ? "dsql-reach.html" : "dsql-reach-" + number + ".html",
                    MediaType.create("text", "html", StandardCharsets.UTF_8),
                    path -> Files.writeString(path, Report.of(reachability).html()));
        } catch (LinkageError e) {
            // JUnit before 5.14 has no such files.
        } catch (JUnitException e) {
            // No place to write to: the end-of-run summary says so, for its own files.
        }
    }
}
