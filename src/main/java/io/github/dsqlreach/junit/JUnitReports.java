package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.report.HtmlReport;
import io.github.dsqlreach.report.Reported;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.MediaType;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.JUnitException;

/** Adds to JUnit's own reports why a class or method does not run: entries, and the HTML page as a file. */
final class JUnitReports {
    private final boolean withFiles;
    private final Map<Optional<AnnotatedElement>, List<Reachability>> attached = new HashMap<>();

    /** Attaches files only where the end-of-run reports are written too. */
    JUnitReports(Configuration configuration) {
        withFiles = SummaryWriter.directory(configuration).isPresent();
    }

    /** What is skipped never starts, and JUnit's listeners know nothing of it: what is around it takes the report. */
    void skipped(ExtensionContext context, Reachability reachability) {
        report(context.getParent().orElse(context), context, reachability);
    }

    /** What fails has started, and takes the report itself. */
    void failed(ExtensionContext context, Reachability reachability) {
        report(context, context, reachability);
    }

    private void report(ExtensionContext started, ExtensionContext concerned, Reachability reachability) {
        started.publishReportEntry(Map.of(
                "dsql.test", name(concerned),
                "dsql.verdict", reachability.verdict().name(),
                "dsql.cause", reachability.diagnosis().cause().orElseThrow().name(),
                "dsql.summary", reachability.summary()));
        int number = withFiles ? number(started, reachability) : 0;
        if (number > 0) {
            attach(started, number == 1 ? "dsql-reach.html" : "dsql-reach-" + number + ".html", reachability);
        }
    }

    private static String name(ExtensionContext context) {
        String type = context.getRequiredTestClass().getName();
        return context.getTestMethod()
                .map(Method::getName)
                .map(type.concat(".")::concat)
                .orElse(type);
    }

    /** How many pages there are at that place with this one, which is there once; 0 if it is there already. */
    private synchronized int number(ExtensionContext place, Reachability reachability) {
        List<Reachability> pages = attached.computeIfAbsent(place.getElement(), unused -> new ArrayList<>());
        if (pages.contains(reachability)) {
            return 0;
        }
        pages.add(reachability);
        return pages.size();
    }

    private static void attach(ExtensionContext place, String file, Reachability reachability) {
        try {
            place.publishFile(
                    file,
                    MediaType.create("text", "html", StandardCharsets.UTF_8),
                    path -> Files.writeString(path, HtmlReport.of(List.of(Reported.of(reachability)))));
        } catch (LinkageError e) {
            // JUnit before 5.14 has no such files.
        } catch (JUnitException e) {
            // No place to write to: the end-of-run summary says so, for its own files.
        }
    }
}
