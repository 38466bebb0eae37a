package io.github.dsqlreach.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.local.LocalDsql;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ReportsTest {
    @TempDir
    Path dir;

    @Test
    void writesJsonMarkdownAndHtml() throws IOException {
        Path target = dir.resolve("target").resolve("dsql-reach");
        Reports.Written written = Reports.write(target, Report.of(SampleReachabilities.intercepted()));
        assertThat(JsonReport.read(written.json())).isEqualTo(SampleReachabilities.intercepted());
        assertThat(written.markdown()).content().startsWith("## ❌ DSQL blocked at TLS");
        assertThat(written.html()).content().startsWith("<!DOCTYPE html>").contains("Café Secure Web Gateway");
        assertThat(target.toFile().list())
                .hasSize(3)
                .allMatch(name -> name.startsWith(SampleReachabilities.HOST + "-"));
    }

    @Test
    void replacesTheFilesOfAnEarlierRun() throws IOException {
        Reports.write(dir, Report.of(SampleReachabilities.reset()));
        Reports.Written again = Reports.write(dir, Report.of(SampleReachabilities.reachable()));
        assertThat(JsonReport.read(again.json())).isEqualTo(SampleReachabilities.reachable());
        assertThat(dir.toFile().list()).hasSize(3);
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a link needs a privilege")
    void replacesALinkAndNotWhatItLeadsTo() throws IOException {
        Path victim = Files.writeString(dir.resolve("victim"), "precious");
        Path target = dir.resolve("reports");
        Reports.Written written = Reports.write(target, Report.of(SampleReachabilities.reset()));
        for (Path file : List.of(written.json(), written.markdown(), written.html())) {
            Files.delete(file);
            Files.createSymbolicLink(file, victim);
        }
        Reports.write(target, Report.of(SampleReachabilities.reset()));
        assertThat(victim).hasContent("precious");
        assertThat(JsonReport.read(written.json())).isEqualTo(SampleReachabilities.reset());
        assertThat(written.html()).isRegularFile();
        assertThat(Files.isSymbolicLink(written.html())).isFalse();
    }

    @Test
    void namesTellEndpointsApartAndAreFileNames() {
        Endpoint endpoint = SampleReachabilities.endpoint();
        String admin = Reports.name(SampleReachabilities.reset(endpoint));
        String app = Reports.name(
                SampleReachabilities.reset(endpoint.toBuilder().user("app").build()));
        assertThat(admin).isNotEqualTo(app).matches("[A-Za-z0-9._-]+-[0-9a-f]{8}");
        assertThat(Reports.name(SampleReachabilities.reset(Endpoint.parse("[::1]:5432"))))
                .matches("1-[0-9a-f]{8}");
        String longName = String.join(".", List.of("a".repeat(60), "b".repeat(60), "c".repeat(60), "d".repeat(60)));
        assertThat(Reports.name(SampleReachabilities.reset(Endpoint.parse(longName))))
                .hasSizeLessThan(120);
        assertThat(Reports.name(SampleReachabilities.notConfigured())).isEqualTo("no-endpoint");
    }

    @Test
    void aLocalClusterHasTheSameNameInEachJvm() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            try (LocalDsql local = LocalDsql.builder().clusterId("orders").start()) {
                names.add(Reports.name(SampleReachabilities.reset(local.endpoint())));
            }
        }
        assertThat(names.get(1)).isEqualTo(names.get(0));
    }

    @Test
    void writersAtTheSameTimeLeaveWholeFiles() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Reports.Written>> writers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Reachability report = i % 2 == 0 ? SampleReachabilities.reset() : SampleReachabilities.reachable();
                writers.add(() -> Reports.write(dir, Report.of(report)));
            }
            for (Future<Reports.Written> written : pool.invokeAll(writers)) {
                assertThat(JsonReport.read(written.get().json()).endpoint()).contains(SampleReachabilities.endpoint());
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(dir.toFile().list()).hasSize(3);
    }

    @Test
    void saysSoWhereItCannotWrite() throws IOException {
        Path file = Files.writeString(dir.resolve("file"), "");
        assertThatIOException().isThrownBy(() -> Reports.write(file, Report.of(SampleReachabilities.reset())));
    }
}
