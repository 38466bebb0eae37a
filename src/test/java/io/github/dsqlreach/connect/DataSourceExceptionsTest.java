package io.github.dsqlreach.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** What the data source throws: as much as possible of the original, and never a secret. */
class DataSourceExceptionsTest {
    private static final String SECRET = "secretKey=abc/def+ghi-" + System.nanoTime();

    private static SQLException failure(AwsCredentialsProvider provider) {
        Endpoint nowhere = Endpoint.builder("abc.dsql.us-east-1.on.aws")
                .connectTo(new HostAndPort("127.0.0.1", 1))
                .build();
        return catchThrowableOfType(
                SQLException.class, () -> DsqlDataSource.of(nowhere, provider).getConnection());
    }

    private static AwsCredentialsProvider failing(Throwable e) {
        return () ->
                DataSourceExceptionsTest
                        .<RuntimeException, software.amazon.awssdk.auth.credentials.AwsCredentials>sneaky(e);
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable, T> T sneaky(Throwable e) throws E {
        throw (E) e;
    }

    private static String stackTrace(Throwable e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @Test
    void leavesTheDriversExceptionAsItIsWhereItQuotesNoSecret() {
        SQLException e =
                failure(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIA", "anything-at-all")));

        assertThat((Throwable) e).isInstanceOf(PSQLException.class).hasMessageContaining("refused");
        assertThat(e.getSQLState()).isEqualTo("08001");
    }

    @Test
    void keepsTheProvidersExceptionAsCauseWhereItQuotesNoSecret() {
        IllegalStateException original = new IllegalStateException("the vault is sealed");

        SQLException e = failure(failing(original));

        assertThat((Throwable) e)
                .hasCause(original)
                .hasMessageContaining("no token for")
                .hasMessageContaining("the vault is sealed");
        assertThat(e.getSQLState()).isEqualTo("28000");
    }

    @Test
    void keepsTypeInWordsAndPlaceOfAProvidersExceptionThatQuotesOne() {
        IllegalStateException original =
                new IllegalStateException("wrapped", new IOException(SECRET, new SQLException(SECRET)));
        original.addSuppressed(new IOException(SECRET));

        String text = stackTrace(failure(failing(original)));

        assertThat(text)
                .doesNotContain(SECRET)
                .contains("Caused by: java.lang.IllegalStateException: wrapped")
                .contains("Caused by: java.io.IOException: secretKey=***")
                .contains("DataSourceExceptionsTest");
    }

    @Test
    void survivesExceptionsThatCauseEachOther() {
        IllegalStateException one = new IllegalStateException(SECRET);
        IOException other = new IOException("other", one);
        one.initCause(other);

        assertThat(stackTrace(failure(failing(one)))).doesNotContain(SECRET);
    }

    @Test
    void saysThatAProviderGaveNothing() {
        assertThat((Throwable) failure(() -> null)).hasMessageContaining("gave no credentials (null)");
    }

    @Test
    void reportsAClassThatIsMissing() {
        assertThat((Throwable) failure(failing(new NoClassDefFoundError("com/example/Vault"))))
                .hasMessageContaining("com/example/Vault");
    }
}
