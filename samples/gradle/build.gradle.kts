plugins {
    java
}

dependencies {
    testImplementation(libs.dsql.reach)
    testImplementation(platform(libs.junit.bom))
    testImplementation(libs.junit.jupiter)
    testRuntimeOnly(libs.junit.platform.launcher)
    // For @WithLocalDsql only: a real PostgreSQL.
    testRuntimeOnly(libs.embedded.postgres)
    // Keeps SLF4J quiet in a project that has no logging.
    testRuntimeOnly(libs.slf4j.nop)
}

tasks.test {
    useJUnitPlatform()
    // The JVM of the tests has the properties that it is given: gradle test -Ddsql.reach.simulate=TLS_RESET
    systemProperties(providers.systemPropertiesPrefixedBy("dsql.reach.").get())
    // Gradle keeps reasons of skips to itself; the summary at the end of the run has them.
    testLogging.showStandardStreams = true
    // Whether a cluster can be reached is nothing that Gradle sees in its inputs.
    outputs.upToDateWhen { false }
}

// Adds up the test results at the end of "gradle check", and fails if too few tests ran.
val doctor by configurations.creating

dependencies {
    doctor("io.github.dsqlreach:dsql-reach:${libs.versions.dsql.reach.get()}:cli@jar")
}

val dsqlSummary by tasks.registering(JavaExec::class) {
    classpath = doctor
    mainClass.set("io.github.dsqlreach.cli.Doctor")
    args("summary", "--min-run", "80%", layout.buildDirectory.get().asFile.path)
    mustRunAfter(tasks.test)
}

tasks.check {
    dependsOn(dsqlSummary)
}
