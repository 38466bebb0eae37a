package io.github.dsqlreach;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The arrows between the rooms of {@code CONTRIBUTING.md} only point down. */
class ArchitectureTest {
    private static final String ROOT = ArchitectureTest.class.getPackageName();
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    /** The table: each room with those that it may use, and with what they may use. */
    enum Room {
        INTERNAL,
        WORDS(INTERNAL),
        CONNECT(WORDS),
        PROBE(CONNECT),
        DIAGNOSIS(PROBE),
        TOXIPROXY(INTERNAL),
        FAULT(TOXIPROXY, CONNECT),
        LOCAL(CONNECT),
        REPORT(WORDS, DIAGNOSIS),
        ASSERTJ(WORDS),
        JUNIT(CONNECT, PROBE, DIAGNOSIS, TOXIPROXY, FAULT, LOCAL, REPORT),
        CLI(CONNECT, PROBE, DIAGNOSIS, TOXIPROXY, FAULT, LOCAL, REPORT, ASSERTJ);

        private final Set<Room> below;

        Room(Room... below) {
            this.below = Stream.of(below)
                    .flatMap(room -> Stream.concat(Stream.of(room), room.below.stream()))
                    .collect(Collectors.toUnmodifiableSet());
        }

        String packageName() {
            return this == WORDS ? ROOT : ROOT + "." + name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    @ParameterizedTest
    @EnumSource
    void usesOnlyTheRoomsBelow(Room room) {
        String[] forbidden = Stream.of(Room.values())
                .filter(other -> other != room && !room.below.contains(other))
                .map(Room::packageName)
                .toArray(String[]::new);

        noClasses()
                .that()
                .resideInAPackage(room.packageName())
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden)
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void hasNoOtherRooms() {
        Set<String> known = Stream.of(Room.values()).map(Room::packageName).collect(Collectors.toSet());

        assertThat(CLASSES.stream().map(JavaClass::getPackageName).distinct()).isSubsetOf(known);
    }

    /** Java 17 users without the optional libraries must be able to load the words. */
    @Test
    void needsNothingButTheJdkForTheWords() {
        classes()
                .that()
                .resideInAPackage(ROOT)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(ROOT, Room.INTERNAL.packageName(), "java..", "javax..")
                .check(CLASSES);
    }

    @Test
    void keepsOptionalLibrariesWhereTheyBelong() {
        noClasses()
                .that()
                .resideOutsideOfPackages(Room.LOCAL.packageName(), Room.TOXIPROXY.packageName())
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.bouncycastle..", "io.zonky..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackages(Room.CLI.packageName())
                .should()
                .dependOnClassesThat()
                .resideInAPackage("picocli..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackages(Room.JUNIT.packageName(), Room.FAULT.packageName())
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.junit..", "org.testcontainers..")
                .check(CLASSES);
    }
}
