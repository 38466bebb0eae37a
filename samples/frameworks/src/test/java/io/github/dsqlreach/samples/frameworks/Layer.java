package io.github.dsqlreach.samples.frameworks;

import com.zaxxer.hikari.HikariDataSource;
import jakarta.persistence.EntityManagerFactory;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Properties;
import java.util.UUID;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.orm.jpa.vendor.HibernateJpaDialect;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The ways in which Java code writes to a database, each on a pool. */
enum Layer {
    PGJDBC("pgjdbc, in a transaction") {
        @Override
        void insert(HikariDataSource pool, String name) throws SQLException {
            try (Connection connection = pool.getConnection()) {
                connection.setAutoCommit(false);
                execute(connection, name);
                connection.commit();
            }
        }
    },
    PGJDBC_AUTOCOMMIT("pgjdbc, in autocommit") {
        @Override
        void insert(HikariDataSource pool, String name) throws SQLException {
            try (Connection connection = pool.getConnection()) {
                execute(connection, name);
            }
        }
    },
    DATA_SOURCE_TRANSACTION_MANAGER("Spring's `DataSourceTransactionManager`") {
        @Override
        void insert(HikariDataSource pool, String name) {
            insertIn(new DataSourceTransactionManager(pool), pool, name);
        }
    },
    JDBC_TRANSACTION_MANAGER("Spring's `JdbcTransactionManager`") {
        @Override
        void insert(HikariDataSource pool, String name) {
            insertIn(new JdbcTransactionManager(pool), pool, name);
        }
    },
    JDBC_TEMPLATE("Spring's `JdbcTemplate`, in autocommit") {
        @Override
        void insert(HikariDataSource pool, String name) {
            new JdbcTemplate(pool).update(Row.INSERT, UUID.randomUUID(), name);
        }
    },
    JPA_TRANSACTION_MANAGER("Spring's `JpaTransactionManager`, with Hibernate") {
        @Override
        void insert(HikariDataSource pool, String name) {
            try (SessionFactory sessions = sessions(pool)) {
                EntityManagerFactory factory = sessions;
                JpaTransactionManager manager = new JpaTransactionManager(factory);
                manager.setJpaDialect(new HibernateJpaDialect());
                new TransactionTemplate(manager)
                        .executeWithoutResult(status -> SharedEntityManagerCreator.createSharedEntityManager(factory)
                                .persist(new Row(name)));
            }
        }
    },
    HIBERNATE("Hibernate's `inTransaction`") {
        @Override
        void insert(HikariDataSource pool, String name) {
            try (SessionFactory sessions = sessions(pool)) {
                sessions.inTransaction(session -> session.persist(new Row(name)));
            }
        }
    };

    private final String description;

    Layer(String description) {
        this.description = description;
    }

    String description() {
        return description;
    }

    /** Inserts a row, in a transaction of its own. */
    abstract void insert(HikariDataSource pool, String name) throws SQLException;

    private static void execute(Connection connection, String name) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(Row.INSERT)) {
            insert.setObject(1, UUID.randomUUID());
            insert.setString(2, name);
            insert.executeUpdate();
        }
    }

    private static void insertIn(PlatformTransactionManager manager, HikariDataSource pool, String name) {
        new TransactionTemplate(manager)
                .executeWithoutResult(status -> new JdbcTemplate(pool).update(Row.INSERT, UUID.randomUUID(), name));
    }

    private static SessionFactory sessions(HikariDataSource pool) {
        Properties properties = new Properties();
        properties.put("hibernate.connection.datasource", pool);
        return new Configuration()
                .addProperties(properties)
                .addAnnotatedClass(Row.class)
                .buildSessionFactory();
    }
}
