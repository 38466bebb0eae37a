package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** What is published carries its licence and those of others. Runs once the jars are there. */
class JarsIT {
    private static final Pattern LICENCE = Pattern.compile("META-INF/(.*/)?[^/]*(LICENSE|THIRD-PARTY)[^/]*");
    /** With nothing of others below it. */
    private static final Pattern APACHE = Pattern.compile("Apache License.*limitations under the License\\.");

    private static final Pattern CLASS = Pattern.compile("(?!META-INF/).*(?<!-info)\\.class");

    @Test
    void everyJarHasLicenceAndNotice() throws IOException {
        List<Path> jars = jars("dsql-reach-*.jar");
        assertThat(jars).hasSizeGreaterThan(1);
        for (Path jar : jars) {
            assertThat(text(jar, "META-INF/LICENSE"))
                    .as(jar.toString())
                    .contains(Files.readString(Path.of("LICENSE")).strip());
            assertThat(text(jar, "META-INF/NOTICE")).as(jar.toString()).contains("The dsql-reach contributors");
        }
    }

    @Test
    void theDoctorNamesTheLicenceOfEachLibraryInIt() throws IOException {
        List<String> places = Pattern.compile("(?m)^ {2}([\\w.-]+):(\\S+) ")
                .matcher(text(doctor(), "META-INF/THIRD-PARTY.txt"))
                .results()
                .map(named -> "/" + named.group(1).replace('.', '/') + "/"
                        + (named.group(2).equals("*") ? "" : named.group(2) + "/"))
                .toList();

        assertThat(librariesIn(doctor()))
                .hasSizeGreaterThan(30)
                .allSatisfy(
                        library -> assertThat(places).anyMatch(library.toUri().getPath()::contains))
                .anySatisfy(library -> assertThat(library.toString()).contains("Java-WebSocket"));
    }

    /** But for the Apache License, which many of them bring again. */
    @Test
    void theDoctorHasTheLicencesThatLibrariesBring() throws IOException {
        List<String> texts = licences(doctor());
        for (Path library : librariesIn(doctor())) {
            assertThat(licences(library))
                    .as(library.toString())
                    .allSatisfy(licence -> assertThat(texts)
                            .anyMatch(text -> APACHE.matcher(licence).matches() || text.contains(licence)));
        }
    }

    /** Scanners for vulnerabilities find a library in a jar of many by its {@code pom.properties}. */
    @Test
    void theDoctorTellsScannersEachLibraryAndItsVersion() throws IOException {
        Set<String> told = new TreeSet<>();
        for (String name : names(doctor(), Pattern.compile("META-INF/maven/.*/pom\\.properties"))) {
            Properties library = new Properties();
            library.load(new StringReader(text(doctor(), name)));
            assertThat(name)
                    .isEqualTo("META-INF/maven/" + library.getProperty("groupId") + "/"
                            + library.getProperty("artifactId") + "/pom.properties");
            told.add(library.getProperty("artifactId") + "-" + library.getProperty("version") + ".jar");
        }

        assertThat(told)
                .containsAll(librariesIn(doctor()).stream()
                        .map(library -> library.getFileName().toString())
                        .toList())
                .anySatisfy(library -> assertThat(library).startsWith("dsql-reach-"));
    }

    private static Path doctor() throws IOException {
        return jars("dsql-reach-*-cli.jar").get(0);
    }

    private static List<Path> jars(String pattern) throws IOException {
        List<Path> result = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("target"), pattern)) {
            files.forEach(result::add);
        }
        return result;
    }

    private static List<Path> librariesIn(Path doctor) throws IOException {
        List<String> within = names(doctor, CLASS);
        List<Path> result = new ArrayList<>();
        for (String entry : Jvm.classPath()) {
            if (entry.endsWith(".jar")) {
                List<String> classes = names(Path.of(entry), CLASS);
                if (!classes.isEmpty() && within.contains(classes.get(0))) {
                    result.add(Path.of(entry));
                }
            }
        }
        return result;
    }

    private static List<String> licences(Path jar) throws IOException {
        List<String> result = new ArrayList<>();
        for (String name : names(jar, LICENCE)) {
            result.add(text(jar, name).replaceAll("\\s+", " ").strip());
        }
        return result;
    }

    private static List<String> names(Path jar, Pattern pattern) throws IOException {
        try (JarFile file = new JarFile(jar.toFile());
                Stream<String> names = file.stream().map(ZipEntry::getName)) {
            return names.filter(name -> pattern.matcher(name).matches()).toList();
        }
    }

    private static String text(Path jar, String name) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            ZipEntry entry = file.getEntry(name);
            assertThat(entry).as(name + " in " + jar).isNotNull();
            try (InputStream in = file.getInputStream(entry)) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
    }
}
