package io.github.dsqlreach.junit;

import static io.github.dsqlreach.junit.Jupiter.failure;
import static io.github.dsqlreach.junit.Jupiter.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.connect.DsqlDataSource;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.reflect.Constructor;
import java.lang.reflect.Proxy;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Beside a resolver that claims what Spring's claims. */
class ParameterOwnerTest {
    /** Called as those of Spring and Jakarta: they are known by their names. */
    @Retention(RetentionPolicy.RUNTIME)
    @interface Autowired {}

    @Retention(RetentionPolicy.RUNTIME)
    @interface Qualifier {
        String value();
    }

    @Retention(RetentionPolicy.RUNTIME)
    @interface TestConstructor {}

    @Retention(RetentionPolicy.RUNTIME)
    @interface Nullable {}

    @ParameterizedTest
    @ValueSource(classes = {MethodCase.class, ConstructorCase.class, TestConstructorCase.class, BesideAFaultCase.class})
    void leavesParametersToTheirOwnersAndGivesThoseThatAreAskedForByName(Class<?> type) {
        run(type).allEvents().assertStatistics(events -> events.failed(0));
        run(type).testEvents().assertStatistics(events -> events.succeeded(1));
    }

    @Test
    void claimsNoParameterThatIsAnothersEvenIfNobodyGivesIt() {
        assertThat(failure(run(NobodyCase.class)))
                .isInstanceOf(ParameterResolutionException.class)
                .hasMessageContaining("No ParameterResolver registered");
    }

    /** Claims what is annotated, and everything in a constructor that is. */
    static class LikeSpring implements ParameterResolver {
        static final DataSource BEAN = (DataSource) Proxy.newProxyInstance(
                LikeSpring.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, arguments) -> method.getName().equals("toString") ? "the bean" : null);

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            boolean constructor = parameter.getDeclaringExecutable() instanceof Constructor<?> c
                    && (c.isAnnotationPresent(Autowired.class)
                            || c.getDeclaringClass().isAnnotationPresent(TestConstructor.class));
            return constructor || parameter.isAnnotated(Autowired.class) || parameter.isAnnotated(Qualifier.class);
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return BEAN;
        }
    }

    private static void isBean(DataSource... all) {
        assertThat(Stream.of(all)).allSatisfy(one -> assertThat(one).isSameAs(LikeSpring.BEAN));
    }

    @OnFakeNetwork
    @ExtendWith(LikeSpring.class)
    @RequiresDsqlReachability(endpoint = "up.example.com")
    static class MethodCase {
        @Test
        void test(
                @Autowired DataSource wired,
                @Qualifier("orders") DataSource qualified,
                @Dsql DataSource asked,
                @Nullable DataSource ours,
                DataSource alsoOurs) {
            isBean(wired, qualified);
            assertThat(Stream.of(asked, ours, alsoOurs))
                    .allSatisfy(one -> assertThat(one).isInstanceOf(DsqlDataSource.class));
        }
    }

    @OnFakeNetwork
    @ExtendWith(LikeSpring.class)
    @RequiresDsqlReachability(endpoint = "up.example.com")
    static class ConstructorCase {
        @Autowired
        ConstructorCase(DataSource wired) {
            isBean(wired);
        }

        @Test
        void test(DataSource ours) {
            assertThat(ours).isInstanceOf(DsqlDataSource.class);
        }
    }

    @OnFakeNetwork
    @ExtendWith(LikeSpring.class)
    @TestConstructor
    @RequiresDsqlReachability(endpoint = "up.example.com")
    static class TestConstructorCase {
        TestConstructorCase(DataSource wired) {
            isBean(wired);
        }

        @Test
        void test() {}
    }

    @OnFakeNetwork
    @ExtendWith(LikeSpring.class)
    @RequiresDsqlReachability(endpoint = "up.example.com")
    static class BesideAFaultCase {
        @Test
        @InjectFault(value = io.github.dsqlreach.fault.Fault.TLS_RESET, allowUnused = true)
        void test(@Autowired DataSource wired, @Dsql DataSource throughTheFault) {
            isBean(wired);
            assertThat(throughTheFault).isNotSameAs(wired);
        }
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "up.example.com")
    static class NobodyCase {
        @Test
        void test(@Autowired DataSource wired) {}
    }
}
