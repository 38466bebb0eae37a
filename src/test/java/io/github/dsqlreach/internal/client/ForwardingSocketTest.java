package io.github.dsqlreach.internal.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.Socket;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** By construction, on whatever JDK this runs. */
class ForwardingSocketTest {
    /** What it leaves to {@link Socket} opens a second handle. */
    @Test
    void forwardsEveryMethodOfASocket() {
        assertThat(Arrays.stream(Socket.class.getDeclaredMethods())
                        .filter(method -> Modifier.isPublic(method.getModifiers()))
                        .filter(method -> !Modifier.isStatic(method.getModifiers()))
                        .filter(method -> !isForwarded(method)))
                .isEmpty();
    }

    private static boolean isForwarded(Method method) {
        try {
            ForwardingSocket.class.getDeclaredMethod(method.getName(), method.getParameterTypes());
            return true;
        } catch (NoSuchMethodException e) {
            return false;
        }
    }
}
