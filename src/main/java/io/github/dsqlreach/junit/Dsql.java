package io.github.dsqlreach.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * On a parameter: this one is given by dsql-reach, whatever another extension gives. It is needed only where it would not be
 * clear, as in a constructor that Spring wires.
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
 * <p>Without it a parameter is given by dsql-reach if its type is one that it gives and it carries no annotation of another
 * library, those about {@code null} aside: a parameter with {@code @Autowired}, {@code @Qualifier}, {@code @Inject} or
 * {@code @Value} is left to its owner, and so are those of a constructor with {@code @Autowired} or {@code @Inject}, and of a
 * class with {@code @TestConstructor}.
 */
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface Dsql {}
