package ownurls;

import com.zaxxer.hikari.HikariDataSource;
import io.github.dsqlreach.junit.RequiresDsqlReachability;
import java.util.UUID;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.test.context.junit.jupiter.SpringJUnitConfig;
import org.springframework.transaction.support.TransactionTemplate;

/** A context that connects when it starts. */
@RequiresDsqlReachability
@SpringJUnitConfig(SpringTest.Beans.class)
@Order(4)
class SpringTest {
    @Autowired
    private HikariDataSource pool;

    @Test
    void inserts() {
        new TransactionTemplate(new DataSourceTransactionManager(pool))
                .executeWithoutResult(status ->
                        new JdbcTemplate(pool).update("INSERT INTO own_urls VALUES (?, 'name')", UUID.randomUUID()));
    }

    @Test
    void reads() {
        new JdbcTemplate(pool).queryForList("SELECT * FROM own_urls");
    }

    @Configuration
    static class Beans {
        @Bean
        HikariDataSource pool() {
            return Own.pool(false);
        }
    }
}
