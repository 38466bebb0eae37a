package io.github.dsqlreach.samples.spring;

import io.github.dsqlreach.junit.FaultExtension;
import io.github.dsqlreach.junit.RequiresDsqlReachability;
import io.github.dsqlreach.junit.WithLocalDsql;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Tests of the whole service, with one context for all: on the cluster of DSQL_ENDPOINT, or else on a local one. */
@SpringBootTest
@WithLocalDsql(unlessConfigured = true)
@RequiresDsqlReachability
abstract class OnDsql {
    @RegisterExtension
    static final FaultExtension DSQL = FaultExtension.builder().perClass().build();

    @DynamicPropertySource
    static void connect(DynamicPropertyRegistry registry) {
        DSQL.springDataSource(registry::add);
    }
}
