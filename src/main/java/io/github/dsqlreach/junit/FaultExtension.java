package io.github.dsqlreach.junit;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultyDsql;
import io.github.dsqlreach.fault.ToxiproxySource;
import io.github.dsqlreach.fault.TunedFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * Faults with options that {@link InjectFault} does not have: an endpoint, the Toxiproxy server, credentials.
 *
 * <pre>{@code
 * class OrdersUnderFaultsIT {
 *     @RegisterExtension
 *     static final FaultExtension FAULTS = FaultExtension.builder()
 *             .inFrontOf(() -> Endpoint.parse("abc.dsql.us-east-1.on.aws"))
 *             .toxiproxy(ToxiproxySource.at(URI.create("http://toxiproxy.internal:8474")))
 *             .inject(Fault.LATENCY.with("latency", 80))
 *             .build();
 *
 *     @Test
 *     void survivesAReset(FaultyDsql dsql, DataSource dataSource) {
 *         dsql.inject(Fault.TLS_RESET);
 *         …
 *     }
 * }
 * }</pre>
 *
 * <p>The test methods of the class and its nested classes can have the same parameters as with {@code @InjectFault}. Each has a
 * proxy of its own. {@code @InjectFault} and {@link FaultSource} on them add their faults.
 */
public final class FaultExtension extends FaultInterceptor
        implements TestInstancePreConstructCallback, BeforeAllCallback {
    private final boolean perClass;
    private volatile @Nullable FaultyDsql dsql;
    private volatile ExtensionContext running;

    @SuppressWarnings("NullAway.Init") // by beforeAll()
    private FaultExtension(Builder builder) {
        super(new FaultFixture.Options(
                Optional.ofNullable(builder.endpoint),
                Optional.ofNullable(builder.credentials),
                Optional.ofNullable(builder.source),
                Optional.ofNullable(builder.connectTimeout),
                List.copyOf(builder.faults),
                builder.allowUnused));
        perClass = builder.perClass;
    }

    /** A builder with all defaults: those of {@link InjectFault}, and no fault. */
    public static Builder builder() {
        return new Builder();
    }

    /** Where one instance runs all tests ({@code PER_CLASS}), it is made before {@link #beforeAll}. */
    @Override
    public void preConstructTestInstance(TestInstanceFactoryContext factoryContext, ExtensionContext context) {
        if (perClass && context.getTestMethod().isEmpty()) {
            beforeAll(context);
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        running = context;
        if (perClass) {
            takeCharge(context);
            // Tests and nested classes find it in the store of the class.
            dsql = fixture(context).dsqlOfAll(this, fault -> FaultFixture.report(running, fault));
        }
    }

    /**
     * The proxy of the class that runs, from before its {@code @BeforeAll} methods.
     *
     * @throws IllegalStateException if no class runs with it, or each test has a proxy of its own
     */
    public FaultyDsql dsql() {
        if (dsql == null) {
            throw new IllegalStateException(
                    "there is no proxy of the class: say perClass(), keep the extension in a static"
                            + " field, and ask while its class runs");
        }
        return dsql;
    }

    /**
     * Sets Spring Boot's {@code spring.datasource.*} properties so that its pool leads through the proxy of the class: URL, driver,
     * user, and an empty password, since each connection gets a fresh token. They win over the service's own configuration.
     *
     * <pre>{@code
     * @DynamicPropertySource
     * static void connect(DynamicPropertyRegistry registry) {
     *     DSQL.springDataSource(registry::add);
     * }
     * }</pre>
     *
     * @param registry takes a property's name and its value, which is asked for when the context starts
     */
    public void springDataSource(BiConsumer<String, Supplier<Object>> registry) {
        registry.accept("spring.datasource.url", () -> dsql().jdbcUrl());
        registry.accept("spring.datasource.driver-class-name", () -> "org.postgresql.Driver");
        registry.accept("spring.datasource.username", () -> dsql().endpoint().user());
        registry.accept("spring.datasource.password", () -> "");
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        running = context;
        super.beforeEach(context);
    }

    /** Sets up a {@link FaultExtension}. */
    public static final class Builder {
        private @Nullable Supplier<Endpoint> endpoint;
        private @Nullable AwsCredentialsProvider credentials;
        private @Nullable ToxiproxySource source;
        private @Nullable Duration connectTimeout;
        private final List<TunedFault> faults = new ArrayList<>();
        private boolean allowUnused;
        private boolean perClass;

        private Builder() {}

        /**
         * The endpoint that the faults are in front of, asked for before each test that needs it; by default that of
         * {@link RequiresDsqlReachability}, {@link WithLocalDsql} or the configuration.
         */
        public Builder inFrontOf(Supplier<Endpoint> endpoint) {
            this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
            return this;
        }

        /** Where AWS credentials come from; by default as the endpoint. */
        public Builder credentials(AwsCredentialsProvider credentials) {
            this.credentials = Objects.requireNonNull(credentials, "credentials");
            return this;
        }

        /** Where the Toxiproxy server comes from; {@link ToxiproxySource#configured} by default. */
        public Builder toxiproxy(ToxiproxySource source) {
            this.source = Objects.requireNonNull(source, "source");
            return this;
        }

        /** How long data sources and URLs wait for TCP to connect, 1 ms to 10 min; 10 s by default. */
        public Builder connectTimeout(Duration timeout) {
            this.connectTimeout = Objects.requireNonNull(timeout, "timeout");
            return this;
        }

        /** A fault in force in every test; several add up. */
        public Builder inject(Fault fault) {
            return inject(TunedFault.parse(fault));
        }

        /** A fault with parameters of its own in force in every test; several add up. */
        public Builder inject(TunedFault fault) {
            faults.add(Objects.requireNonNull(fault, "fault"));
            return this;
        }

        /** Lets tests pass although their faults had no effect; see {@link InjectFault#allowUnused()}. */
        public Builder allowUnused() {
            this.allowUnused = true;
            return this;
        }

        /**
         * One proxy for the whole class instead of one for each test, for pools and contexts that are made once:
         * {@link FaultExtension#dsql} and the parameters of {@code @BeforeAll} methods lead through it, and the faults of
         * each test are switched on there while the test method runs. Classes that inherit the extension's field share the
         * proxy, to the end of the run, as they share a Spring context. Their tests must not run at the same time: one that
         * would meet another's faults fails.
         */
        public Builder perClass() {
            this.perClass = true;
            return this;
        }

        /** The extension, for a field with {@code @RegisterExtension}. */
        public FaultExtension build() {
            return new FaultExtension(this);
        }
    }
}
