package io.github.dsqlreach.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * On a parameter: dsql-reach resolves it, not another extension. It is needed only if two extensions could, as for a
 * constructor that Spring wires.
 *
 * <pre>{@code
 * @SpringBootTest
 * @RequiresDsqlReachability
 * class OrdersIT {
 *     @Test
 *     void savesAnOrder(@Autowired Orders orders, @Dsql DataSource dataSource) { … }
 * }
 * }</pre>
 *
 * <p>Without it, dsql-reach resolves a parameter of one of its types that has no annotation of another library (those about
 * {@code null} do not count): a parameter with {@code @Autowired}, {@code @Qualifier}, {@code @Inject} or {@code @Value} belongs
 * to that library, and so do those of a constructor with {@code @Autowired} or {@code @Inject}, and of a constructor of a class
 * with {@code @TestConstructor}.
 */
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface Dsql {}
