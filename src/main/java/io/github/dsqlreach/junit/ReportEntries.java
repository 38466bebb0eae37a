package io.github.dsqlreach.junit;

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

/** Adds to JUnit's own reports why a class or method does not run: entries, and once in a run the HTML page as a file. */
final class ReportEntries {
    private final boolean withFiles;
    private final Map<Optional<AnnotatedElement>, Set<Reachability>> published = new HashMap<>();
    private final List<Reachability> attached = new ArrayList<>();

    /** Attaches files only if the reports of the run are written too. */
    ReportEntries(boolean withFiles) {
        this.withFiles = withFiles;
    }

    /**
     * A skipped class or method never starts, and JUnit's listeners reject entries for it: its parent gets them, once. The
     * tests have the reason of their skip.
     */
    void skipped(ExtensionContext context, Reachability reachability) {
        ExtensionContext parent = context.getParent().orElse(context);
        if (isNew(parent, reachability)) {
            publish(parent, reachability);
        }
    }

    /** A class or method that fails has started and gets the entries itself. */
    void failed(ExtensionContext context, Reachability reachability) {
        publish(context, reachability);
    }

    /** A class or method lost its connection; the check after it may have passed. */
    void lost(ExtensionContext context, Reachability now) {
        if (now.isReachable()) {
            context.publishReportEntry(Map.of("dsql.verdict", now.verdict().name(), "dsql.summary", now.summary()));
        } else {
            publish(context, now);
        }
    }

    private void publish(ExtensionContext context, Reachability reachability) {
        context.publishReportEntry(Map.of(
                "dsql.verdict", reachability.verdict().name(),
                "dsql.cause", reachability.diagnosis().cause().orElseThrow().name(),
                "dsql.summary", reachability.summary()));
        attach(context, reachability);
    }

    private synchronized boolean isNew(ExtensionContext context, Reachability reachability) {
        return published
                .computeIfAbsent(context.getElement(), unused -> new HashSet<>())
                .add(reachability);
    }

    /** The number of the page, from 1; 0 if it is attached already. */
    private synchronized int number(Reachability reachability) {
        if (attached.contains(reachability)) {
            return 0;
        }
        attached.add(reachability);
        return attached.size();
    }

    private void attach(ExtensionContext context, Reachability reachability) {
        int number = withFiles ? number(reachability) : 0;
        if (number == 0) {
            return;
        }
        try {
            context.publishFile(
                    number == 1 ? "dsql-reach.html" : "dsql-reach-" + number + ".html",
                    MediaType.create("text", "html", StandardCharsets.UTF_8),
                    path -> Files.writeString(path, Report.of(reachability).html()));
        } catch (LinkageError e) {
            // JUnit before 5.14 has no such files.
        } catch (JUnitException e) {
            // JUnit has no directory to write to; the summary at the end says so for its own files.
        }
    }
}
