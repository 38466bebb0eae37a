package ownurls;

import com.zaxxer.hikari.HikariDataSource;
import io.github.dsqlreach.junit.RequiresDsqlReachability;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.Properties;
import java.util.UUID;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Hibernate on a lazy pool. */
@RequiresDsqlReachability
@Order(5)
class HibernateTest {
    private static HikariDataSource pool;
    private static SessionFactory sessions;

    @BeforeAll
    static void open() {
        pool = Own.pool(true);
        Properties properties = new Properties();
        properties.put("hibernate.connection.datasource", pool);
        properties.put("hibernate.dialect", "org.hibernate.dialect.PostgreSQLDialect");
        properties.put("hibernate.boot.allow_jdbc_metadata_access", "false");
        sessions = new Configuration()
                .addProperties(properties)
                .addAnnotatedClass(Row.class)
                .buildSessionFactory();
    }

    @AfterAll
    static void close() {
        sessions.close();
        pool.close();
    }

    @Test
    void inserts() {
        sessions.inTransaction(session -> session.persist(new Row()));
    }

    @Test
    void reads() {
        sessions.inSession(session -> session.createQuery("from Row", Row.class).getResultList());
    }

    @Entity(name = "Row")
    @Table(name = "own_urls")
    static class Row {
        @Id
        private UUID id = UUID.randomUUID();

        private String name = "name";
    }
}
