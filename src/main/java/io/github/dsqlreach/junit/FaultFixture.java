package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultyDsql;
import io.github.dsqlreach.fault.FaultyTcp;
import io.github.dsqlreach.fault.ToxiproxySource;
import io.github.dsqlreach.fault.TunedFault;
import io.github.dsqlreach.local.LocalDsql;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.StampedLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor.Invocation;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.platform.commons.support.AnnotationSupport;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** The proxy of one test and its faults, of annotations and of extensions. */
final class FaultFixture {
    private static final String REPORT_KEY = "dsql.fault";

    /** Several tests can share a proxy, as those of a class or of a factory, or a local cluster. */
    private static final Map<Object, StampedLock> TURNS = Collections.synchronizedMap(new WeakHashMap<>());

    private final ExtensionContext context;
    private final Options options;

    FaultFixture(ExtensionContext context, Options options) {
        this.context = context;
        this.options = options;
    }

    /** Options of a {@link FaultExtension}. */
    record Options(
            Optional<Supplier<Endpoint>> endpoint,
            Optional<AwsCredentialsProvider> credentials,
            Optional<ToxiproxySource> source,
            Optional<Duration> connectTimeout,
            List<TunedFault> faults,
            boolean allowUnused) {
        static Options none() {
            return new Options(
                    Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), List.of(), false);
        }
    }

    /** Whether it resolves this parameter. */
    static boolean gives(ParameterContext parameter) {
        Class<?> type = parameter.getParameter().getType();
        return parameter.getDeclaringExecutable() instanceof Method
                && ParameterOwner.isOurs(parameter)
                && (type == FaultyDsql.class
                        || type == FaultyTcp.class
                        || type == DataSource.class
                        || type == String.class && parameter.isAnnotated(ThroughFault.class));
    }

    Object parameter(ParameterContext parameter) {
        Class<?> type = parameter.getParameter().getType();
        Optional<ThroughFault> through = parameter.findAnnotation(ThroughFault.class);
        String upstream = through.map(of -> text(of.upstream(), "@ThroughFault(upstream)"))
                .orElse("");
        if (type == FaultyTcp.class) {
            return tcp(upstream.isEmpty() ? onlyUpstream() : upstream);
        }
        if (type == FaultyDsql.class) {
            return dsql();
        }
        if (type == DataSource.class) {
            return dsql().dataSource();
        }
        if (!upstream.isEmpty()) {
            return tcp(upstream).address().toString();
        }
        return through.orElseThrow().value() == ThroughFault.Form.AWS_CONNECTOR
                ? dsql().connectorUrl()
                : dsql().jdbcUrl();
    }

    private String onlyUpstream() {
        List<String> upstreams = Stream.concat(
                        annotations(context).stream().map(this::upstream), source(context).map(this::upstream).stream())
                .filter(upstream -> !upstream.isEmpty())
                .distinct()
                .toList();
        if (upstreams.size() != 1) {
            throw new ExtensionConfigurationException("A FaultyTcp needs one upstream, and @InjectFault names "
                    + (upstreams.isEmpty() ? "none" : upstreams) + "; name it with @ThroughFault(upstream = …)");
        }
        return upstreams.get(0);
    }

    /**
     * A fault that the test asks for.
     *
     * @param upstream the server that it is in front of; empty for the cluster
     * @param allowUnused whether the test may pass although the fault had no effect
     */
    private record Planned(String upstream, TunedFault fault, boolean allowUnused) {}

    void run(Invocation<Void> invocation, List<Object> arguments) throws Throwable {
        Map<FaultTarget, List<Planned>> faults = new LinkedHashMap<>();
        for (Planned planned : plan(arguments)) {
            faults.computeIfAbsent(target(planned), unused -> new ArrayList<>()).add(planned);
        }
        List<Lock> turns = takeTurns(faults.keySet());
        try {
            run(invocation, faults);
        } finally {
            turns.forEach(Lock::unlock);
        }
    }

    private FaultTarget target(Planned planned) {
        if (planned.fault.fault().isAtCommit()) {
            return FaultTarget.commits(local(planned));
        }
        return FaultTarget.proxy(planned.upstream.isEmpty() ? dsql() : tcp(planned.upstream));
    }

    private LocalDsql local(Planned planned) {
        Optional<Target> target = planned.upstream.isEmpty() ? target() : Optional.empty();
        return target.flatMap(Target::local)
                .orElseThrow(() -> new ExtensionConfigurationException(planned.fault
                        + " happens at a commit inside a local cluster, and this test is in front of "
                        + (planned.upstream.isEmpty()
                                ? options.endpoint
                                        .map(Supplier::get)
                                        .or(() -> target.map(Target::endpoint))
                                        .map(endpoint -> Scrubber.scrub(endpoint.toString()))
                                        .orElse("no cluster")
                                : planned.upstream)
                        + ". Use @WithLocalDsql on its class, without unlessConfigured"));
    }

    private void run(Invocation<Void> invocation, Map<FaultTarget, List<Planned>> faults) throws Throwable {
        List<StrikeCheck> checks = new ArrayList<>();
        try {
            faults.forEach((target, its) -> {
                int first = target.effects().size();
                int index = first;
                for (Planned planned : its) {
                    target.inject(planned.fault);
                    if (planned.fault.fault().isAtCommit()) {
                        report(target.effects().get(index).fault());
                    }
                    if (!planned.allowUnused) {
                        checks.add(new StrikeCheck(target, first, index));
                    }
                    index++;
                }
            });
            invocation.proceed();
            StrikeCheck.await(checks);
        } finally {
            faults.keySet().forEach(FaultTarget::clearFaults);
        }
        checks.forEach(StrikeCheck::failIfUnused);
    }

    /** Alone if it has faults, else together with others without faults. It does not wait: that could be forever. */
    private List<Lock> takeTurns(Set<FaultTarget> faulty) {
        List<Lock> wanted = new ArrayList<>();
        faulty.forEach(target -> wanted.add(turns(target.owner()).asWriteLock()));
        if (faulty.isEmpty()) {
            RunStore.<FaultyDsql>find(context, key())
                    .ifPresent(shared -> wanted.add(turns(shared).asReadLock()));
        }
        for (int taken = 0; taken < wanted.size(); taken++) {
            if (!wanted.get(taken).tryLock()) {
                wanted.subList(0, taken).forEach(Lock::unlock);
                throw new ExtensionConfigurationException(
                        "This test and another one use one proxy, or one local cluster with faults at commits, at the same"
                                + " time, so the faults of one would hit the other. Run them one after the other, with"
                                + " @Execution(ExecutionMode.SAME_THREAD), or for classes that share it with @ResourceLock");
            }
        }
        return wanted;
    }

    private static StampedLock turns(Object owner) {
        return TURNS.computeIfAbsent(owner, unused -> new StampedLock());
    }

    private List<Planned> plan(List<Object> arguments) {
        List<Planned> all = new ArrayList<>();
        options.faults.forEach(fault -> all.add(new Planned("", fault, options.allowUnused)));
        annotations(context)
                .forEach(annotation -> all.add(new Planned(
                        upstream(annotation), parse(annotation), options.allowUnused || annotation.allowUnused())));
        source(context)
                .filter(FaultSource::inject)
                .ifPresent(source -> argument(arguments)
                        .ifPresent(fault -> all.add(
                                new Planned(upstream(source), fault, options.allowUnused || source.allowUnused()))));
        return all;
    }

    /** Empty for {@code null}, as from a {@code @NullSource}: no fault. */
    private Optional<TunedFault> argument(List<Object> arguments) {
        Optional<TunedFault> fault = arguments.stream()
                .filter(Fault.class::isInstance)
                .map(given -> TunedFault.parse((Fault) given))
                .findFirst();
        if (fault.isEmpty()
                && !List.of(context.getRequiredTestMethod().getParameterTypes()).contains(Fault.class)) {
            throw new ExtensionConfigurationException("@FaultSource has no effect on a test without a parameter of type"
                    + " Fault: make it a @ParameterizedTest with one, or set inject = false");
        }
        return fault;
    }

    private String upstream(InjectFault annotation) {
        return text(annotation.upstream(), "@InjectFault(upstream)");
    }

    private String upstream(FaultSource source) {
        return text(source.upstream(), "@FaultSource(upstream)");
    }

    private String text(String text, String attribute) {
        return TestSettings.replacePlaceholders(text, attribute, context);
    }

    private TunedFault parse(InjectFault annotation) {
        try {
            return TunedFault.parse(
                    annotation.value(),
                    Stream.of(annotation.parameters())
                            .map(parameter -> text(parameter, "@InjectFault(parameters)"))
                            .toArray(String[]::new));
        } catch (IllegalArgumentException e) {
            throw new ExtensionConfigurationException("@InjectFault: " + e.getMessage(), e);
        }
    }

    /** The annotations of the classes around, from the outermost one, and of the method. */
    private static List<InjectFault> annotations(ExtensionContext context) {
        Stream<InjectFault> outer =
                context.getParent().map(FaultFixture::annotations).stream().flatMap(List::stream);
        boolean again = context.getParent()
                .filter(parent -> parent.getElement().equals(context.getElement()))
                .isPresent();
        return again
                ? outer.toList()
                : Stream.concat(
                                outer,
                                AnnotationSupport.findRepeatableAnnotations(context.getElement(), InjectFault.class)
                                        .stream())
                        .toList();
    }

    private static Optional<FaultSource> source(ExtensionContext context) {
        return context.getTestMethod().flatMap(method -> AnnotationSupport.findAnnotation(method, FaultSource.class));
    }

    /** The proxy of this test, made by the first call and closed with the test; or that of its class. */
    FaultyDsql dsql() {
        return RunStore.computeIn(context, key(), this::start, FaultyDsql::close);
    }

    private FaultyDsql start() {
        Optional<Target> target = target();
        return builder(target, endpoint(target)).start();
    }

    private Object key() {
        return List.of(FaultyDsql.class, options);
    }

    /**
     * The same proxy for all classes that have the extension from one field: a context that is cached from one class to
     * the next keeps it.
     */
    FaultyDsql dsqlOfAll(Object extension, Consumer<TunedFault> listener) {
        Optional<Target> target = target();
        Endpoint endpoint = endpoint(target);
        FaultyDsql dsql = RunStore.computeOnce(
                context,
                List.of(extension, endpoint),
                () -> builder(target, endpoint).onInject(listener).start(),
                FaultyDsql::close);
        return RunStore.computeIn(context, key(), () -> dsql, unused -> {});
    }

    /** The proxy in front of that server. */
    private FaultyTcp tcp(String upstream) {
        return RunStore.computeIn(context, List.of(FaultyTcp.class, upstream), () -> start(upstream), FaultyTcp::close);
    }

    private FaultyTcp start(String upstream) {
        FaultyTcp.Builder builder;
        try {
            builder = FaultyTcp.builder(upstream);
        } catch (IllegalArgumentException e) {
            throw new ExtensionConfigurationException("upstream: " + e.getMessage(), e);
        }
        return builder.toxiproxy(server(Requirement.configuration(context)))
                .onInject(this::report)
                .start();
    }

    private void report(TunedFault fault) {
        report(context, fault);
    }

    static void report(ExtensionContext context, TunedFault fault) {
        context.publishReportEntry(REPORT_KEY, fault.toString());
    }

    /** The cluster that was checked, or else the one that would be checked here; empty if the options have an endpoint. */
    private Optional<Target> target() {
        if (options.endpoint.isPresent()) {
            return Optional.empty();
        }
        Optional<Requirement> requirement = Requirement.around(context);
        return requirement.isPresent()
                ? requirement.get().target()
                : Target.of(context, Requirement.configuration(context));
    }

    private Endpoint endpoint(Optional<Target> target) {
        return options.endpoint
                .map(Supplier::get)
                .or(() -> target.map(Target::endpoint))
                .orElseThrow(() -> new ExtensionConfigurationException("There is nothing to put a fault in front of:"
                        + " no endpoint is configured. Set DSQL_ENDPOINT or dsql.reach.endpoint, or use"
                        + " @WithLocalDsql"));
    }

    private FaultyDsql.Builder builder(Optional<Target> target, Endpoint endpoint) {
        Configuration configuration = Requirement.configuration(context);
        FaultyDsql.Builder builder = FaultyDsql.builder(endpoint)
                .toxiproxy(server(configuration))
                .credentials(options.credentials
                        .or(() -> target.map(to -> to.provider(context, configuration)))
                        .orElseGet(() -> CredentialsChoice.standard(
                                configuration.get(Setting.PROFILE).or(endpoint::profile), context)))
                .onInject(this::report);
        options.connectTimeout.ifPresent(builder::connectTimeout);
        return builder;
    }

    /** One source for all tests of the run. */
    private ToxiproxySource server(Configuration configuration) {
        return options.source.orElseGet(() -> RunStore.computeOnce(
                context, ToxiproxySource.class, () -> ToxiproxySource.configured(configuration), unused -> {}));
    }
}
