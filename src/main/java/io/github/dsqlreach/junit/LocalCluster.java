package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.internal.LinkageErrors;
import io.github.dsqlreach.local.LocalDsql;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** The local cluster that {@link WithLocalDsql} asks for on a class. */
final class LocalCluster {
    private final ExtensionContext place;
    private final boolean shared;
    private final String region;
    private final String clusterId;
    private final boolean plainPostgres;

    private LocalCluster(ExtensionContext place, WithLocalDsql annotation) {
        this.place = place;
        this.shared = annotation.shared();
        this.region = TestSettings.replacePlaceholders(annotation.region(), "@WithLocalDsql(region)", place);
        this.clusterId = TestSettings.replacePlaceholders(annotation.clusterId(), "@WithLocalDsql(clusterId)", place);
        this.plainPostgres = annotation.plainPostgres();
    }

    /**
     * The cluster that the annotation of this class, or else of the nearest class around it, asks for; empty if there is no
     * annotation, or if a configured endpoint wins.
     */
    static Optional<LocalCluster> of(ExtensionContext context, Configuration configuration) {
        Optional<WithLocalDsql> annotation =
                AnnotationSupport.findAnnotation(context.getElement(), WithLocalDsql.class);
        if (annotation.isEmpty()) {
            return context.getParent().flatMap(parent -> of(parent, configuration));
        }
        return annotation.get().unlessConfigured() && configuration.hasEndpoint()
                ? Optional.empty()
                : Optional.of(new LocalCluster(context, annotation.get()));
    }

    /**
     * The cluster, started by the first call.
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
        return shared
                ? RunStore.computeOnce(
                        place,
                        List.of(LocalDsql.class, region, clusterId, plainPostgres),
                        this::start,
                        LocalDsql::close)
                : RunStore.computeIn(place, LocalDsql.class, this::start, LocalDsql::close);
    }

    private LocalDsql start() {
        LocalDsql.Builder builder = LocalDsql.builder();
        if (!region.isBlank()) {
            builder.region(region);
        }
        if (plainPostgres) {
            builder.plainPostgres();
        }
        try {
            return builder.clusterId(clusterId.isBlank() ? ownClusterId() : clusterId)
                    .start();
        } catch (IllegalStateException | LinkageError e) {
            Optional<String> library = LinkageErrors.explain(e);
            if (library.isPresent()) {
                throw new IllegalStateException(library.get(), e);
            }
            throw e;
        }
    }

    /** The same in all JVMs of a build, so that their results are about one endpoint. */
    private String ownClusterId() {
        String owner = shared ? "" : place.getElement().map(Object::toString).orElse("");
        return UUID.nameUUIDFromBytes(owner.getBytes(StandardCharsets.UTF_8))
                .toString()
                .replace("-", "")
                .substring(0, 26);
    }
}
