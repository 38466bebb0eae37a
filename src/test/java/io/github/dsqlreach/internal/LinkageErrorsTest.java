package io.github.dsqlreach.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Jvm;
import io.github.dsqlreach.cli.Doctor;
import io.github.dsqlreach.internal.LinkageErrors.Library;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A library that is missing or has another version is named, instead of a class, a method or a field of it. */
class LinkageErrorsTest {
    private static String doctor(List<String> classPath, String... arguments) throws Exception {
        return Jvm.outputOf(Jvm.running(Doctor.class, classPath, List.of(), arguments));
    }

    private static List<String> without(String jar) {
        return Jvm.classPath().stream().filter(entry -> !entry.contains(jar)).toList();
    }

    @Test
    void namesTheDriverThatWasExcluded() throws Exception {
        assertThat(doctor(without("postgresql-42"), "check", "abc.dsql.us-east-1.on.aws"))
                .contains("needs org.postgresql:postgresql (built with version", "there is none")
                .doesNotContain("defect", "\tat ");
    }

    /** As with a BOM that sets the version of one of the SDK's jars: the message names neither jar nor class. */
    @Test
    void namesTheLibraryOfAFieldByWhereItWasMissed() {
        NoSuchFieldError error = new NoSuchFieldError("ACCOUNT_ID");
        error.setStackTrace(new StackTraceElement[] {
            new StackTraceElement("software.amazon.awssdk.services.dsql.DefaultDsqlUtilities", "<clinit>", "x.java", 1)
        });

        assertThat(LinkageErrors.explain(new IllegalStateException(error)).orElseThrow())
                .contains("needs software.amazon.awssdk:dsql", "is dsql-2", "auth-2", "ACCOUNT_ID");
    }

    @Test
    void knowsTheVersionsOfTheBuild() throws Exception {
        String pom = Files.readString(Path.of("pom.xml"));

        assertThat(LinkageErrors.LIBRARIES.stream().map(Library::version))
                .allSatisfy(version -> assertThat(pom).contains(".version>" + version + "<"));
    }

    @Test
    void saysNothingAboutOtherErrors() {
        NoClassDefFoundError error = new NoClassDefFoundError("com/example/Mine");
        error.setStackTrace(new StackTraceElement[0]);

        assertThat(LinkageErrors.explain(error)).isEmpty();
        assertThat(LinkageErrors.explain(new IllegalStateException("org.postgresql.Driver")))
                .isEmpty();
    }
}
