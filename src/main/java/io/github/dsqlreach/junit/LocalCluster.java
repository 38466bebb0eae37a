package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.local.LocalDsql;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** The local cluster that {@link WithLocalDsql} asks for at one place. */
final class LocalCluster {
    private final ExtensionContext place;
    private final WithLocalDsql annotation;

    private LocalCluster(ExtensionContext place, WithLocalDsql annotation) {
        this.place = place;
        this.annotation = annotation;
    }

    /** The one in force here: of this class or else of the nearest one around it. */
    static Optional<LocalCluster> around(ExtensionContext context) {
        Optional<ExtensionContext> place = Optional.of(context);
        while (place.isPresent()) {
            Optional<WithLocalDsql> annotation =
                    AnnotationSupport.findAnnotation(place.get().getElement(), WithLocalDsql.class);
            if (annotation.isPresent()) {
                return Optional.of(new LocalCluster(place.get(), annotation.get()));
            }
            place = place.get().getParent();
        }
        return Optional.empty();
    }

    /** Whether it is used, rather than a configured endpoint. */
    boolean isUsed(Configuration configuration) {
        return !annotation.unlessConfigured() || !configuration.hasEndpoint();
    }

    /**
     * The cluster, started when first asked for.
     *
     * @throws IllegalStateException if it no longer serves; the message has the end of PostgreSQL's log
     */
    LocalDsql started() {
        LocalDsql cluster = cluster();
        if (cluster.failure().isPresent() && !serves(cluster)) {
            failIfBroken();
        }
        return cluster;
    }

    private static boolean serves(LocalDsql cluster) {
        try (Connection connection = cluster.dataSource().getConnection()) {
            return connection.isValid(5);
        } catch (SQLException e) {
            return false;
        }
    }

    /**
     * For a check that failed: a local cluster that fails by itself is never a reason to skip.
     *
     * @throws IllegalStateException if the cluster no longer serves
     */
    void failIfBroken() {
        cluster().failure().ifPresent(why -> {
            throw new IllegalStateException(why);
        });
    }

    private LocalDsql cluster() {
        return annotation.shared()
                ? RunStore.computeOnce(
                        place,
                        List.of(
                                LocalDsql.class,
                                annotation.region(),
                                annotation.clusterId(),
                                annotation.plainPostgres()),
                        this::start,
                        LocalDsql::close)
                : RunStore.computeIn(place, LocalDsql.class, this::start, LocalDsql::close);
    }

    /** The same in all JVMs of a build, so that what they find is one report. */
    private String ownClusterId() {
        String owner = annotation.shared()
                ? ""
                : place.getElement().map(Object::toString).orElse("");
        return UUID.nameUUIDFromBytes(owner.getBytes(StandardCharsets.UTF_8))
                .toString()
                .replace("-", "")
                .substring(0, 26);
    }

    private LocalDsql start() {
        LocalDsql.Builder builder = LocalDsql.builder();
        if (!annotation.region().isBlank()) {
            builder.region(annotation.region());
        }
        if (annotation.plainPostgres()) {
            builder.plainPostgres();
        }
        return builder.clusterId(annotation.clusterId().isBlank() ? ownClusterId() : annotation.clusterId())
                .start();
    }
}
