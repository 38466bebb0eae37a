package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.Socket;
import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Shows that a piece of work grows linearly with its input: it is done with an input and with one of twice the size, and
 * neither the steps of our code nor the bytes that it allocates may grow much more than twofold. No time is measured.
 *
 * <p>The work is a static method of a test class that takes the size, and more texts if needed. It runs in a copy of our classes in which each
 * branch, each call of a method of ours, each byte of an array copy and each character that a regular expression looks at
 * counts as a step.
 */
public final class Work {
    private static final double MOST_GROWTH = 2.5;
    /** Below this many bytes it is the noise of the JVM that is measured. */
    private static final long LEAST_BYTES = 100_000;

    private static final String OURS = "io.github.dsqlreach.";
    private static final String COUNTER = Work.class.getName().replace('.', '/');

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final ThreadLocal<long[]> STEPS = ThreadLocal.withInitial(() -> new long[1]);

    private Work() {}

    /** Fails unless the work with twice the size takes at most about twice the steps and bytes. */
    public static void assertLinear(Class<?> owner, String work, int size, String... more) {
        Amount[] amounts = amounts(owner, work, size, more);
        assertThat(amounts[1].steps)
                .as("steps of %s with %s and with half of it: %s", work, 2 * size, Arrays.toString(amounts))
                .isLessThanOrEqualTo((long) (MOST_GROWTH * amounts[0].steps));
        assertThat(amounts[1].bytes)
                .as("bytes of %s with %s and with half of it: %s", work, 2 * size, Arrays.toString(amounts))
                .isLessThanOrEqualTo((long) (MOST_GROWTH * Math.max(LEAST_BYTES, amounts[0].bytes)));
    }

    /** What the work takes with the size, and with twice the size. */
    private static Amount[] amounts(Class<?> owner, String work, int size, String... more) {
        try {
            Class<?>[] types = Stream.concat(
                            Stream.of(int.class), Stream.of(more).map(String::getClass))
                    .toArray(Class<?>[]::new);
            Method method = new Instrumented().loadClass(owner.getName()).getDeclaredMethod(work, types);
            method.setAccessible(true);
            // Once without measuring: it loads classes.
            measure(method, size, more);
            return new Amount[] {measure(method, size, more), measure(method, 2 * size, more)};
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(owner.getName() + "." + work + "(int) cannot be measured", e);
        }
    }

    private static Amount measure(Method work, int size, String... more) throws ReflectiveOperationException {
        Object[] arguments = Stream.concat(Stream.of(size), Stream.of(more)).toArray();
        long steps = STEPS.get()[0];
        long bytes = THREADS.getCurrentThreadAllocatedBytes();
        try {
            work.invoke(null, arguments);
        } catch (InvocationTargetException e) {
            throw new AssertionError(work + " failed with " + size, e.getCause());
        }
        return new Amount(STEPS.get()[0] - steps, THREADS.getCurrentThreadAllocatedBytes() - bytes);
    }

    private record Amount(long steps, long bytes) {}

    /** Called by the instrumented classes. */
    public static void step() {
        STEPS.get()[0]++;
    }

    /** Called by the instrumented classes. */
    public static void arraycopy(Object from, int start, Object to, int target, int length) {
        STEPS.get()[0] += length;
        System.arraycopy(from, start, to, target, length);
    }

    /** Called by the instrumented classes. */
    public static Matcher matcher(Pattern pattern, CharSequence text) {
        return pattern.matcher(new CountedText(text));
    }

    /** Called by the instrumented classes. */
    public static boolean matches(String text, String pattern) {
        return matcher(Pattern.compile(pattern), text).matches();
    }

    /** Called by the instrumented classes. */
    public static String replaceAll(String text, String pattern, String by) {
        return matcher(Pattern.compile(pattern), text).replaceAll(by);
    }

    /** Called by the instrumented classes. */
    public static String replaceFirst(String text, String pattern, String by) {
        return matcher(Pattern.compile(pattern), text).replaceFirst(by);
    }

    /** Called by the instrumented classes. */
    public static String[] split(String text, String pattern) {
        return Pattern.compile(pattern).split(new CountedText(text));
    }

    /** Called by the instrumented classes. */
    public static String[] split(String text, String pattern, int limit) {
        return Pattern.compile(pattern).split(new CountedText(text), limit);
    }

    /** A stream that yields one byte for each read, as from a sender of single bytes. */
    public static InputStream dripping(byte[] bytes) {
        return new InputStream() {
            private int next;

            @Override
            public int read() {
                return next < bytes.length ? bytes[next++] & 0xff : -1;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                Objects.checkFromIndexSize(offset, length, into.length);
                int one = length == 0 ? 0 : read();
                if (length == 0 || one < 0) {
                    return one;
                }
                into[offset] = (byte) one;
                return 1;
            }
        };
    }

    /** A socket that yields one byte for each read, and swallows what is written. */
    public static Socket drippingSocket(byte[] bytes) {
        InputStream in = dripping(bytes);
        return new Socket() {
            @Override
            public InputStream getInputStream() {
                return in;
            }

            @Override
            public OutputStream getOutputStream() {
                return OutputStream.nullOutputStream();
            }
        };
    }

    private record CountedText(CharSequence text) implements CharSequence {
        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            step();
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }

    /** Our classes once more, and with counters. */
    private static final class Instrumented extends ClassLoader {
        Instrumented() {
            super(Work.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(OURS) || name.split("\\$")[0].equals(Work.class.getName())) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : findClass(name);
            }
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                ClassReader reader = new ClassReader(in);
                ClassWriter writer = new ClassWriter(reader, 0);
                reader.accept(new Counters(writer), 0);
                byte[] bytes = writer.toByteArray();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    private static final class Counters extends ClassVisitor {
        Counters(ClassVisitor next) {
            super(Opcodes.ASM9, next);
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String name, String descriptor, String signature, String[] exceptions) {
            return new MethodVisitor(Opcodes.ASM9, super.visitMethod(access, name, descriptor, signature, exceptions)) {
                @Override
                public void visitCode() {
                    super.visitCode();
                    count();
                }

                @Override
                public void visitJumpInsn(int opcode, Label label) {
                    count();
                    super.visitJumpInsn(opcode, label);
                }

                @Override
                public void visitMethodInsn(int opcode, String owner, String method, String type, boolean isInterface) {
                    String counted = counted(owner, method, type);
                    if (counted == null) {
                        super.visitMethodInsn(opcode, owner, method, type, isInterface);
                    } else {
                        super.visitMethodInsn(Opcodes.INVOKESTATIC, COUNTER, method, counted, false);
                    }
                }

                private void count() {
                    super.visitMethodInsn(Opcodes.INVOKESTATIC, COUNTER, "step", "()V", false);
                }
            };
        }

        /** The type of this class's method of the same name that counts, if there is one. */
        private static String counted(String owner, String method, String type) {
            String instance = "(L" + owner + ";" + type.substring(1);
            return switch (owner + "." + method) {
                case "java/lang/System.arraycopy" -> type;
                case "java/util/regex/Pattern.matcher",
                        "java/lang/String.matches",
                        "java/lang/String.replaceAll",
                        "java/lang/String.replaceFirst",
                        "java/lang/String.split" -> instance;
                default -> null;
            };
        }
    }
}
