import io.github.dsqlreach.local.LocalDsql;

/** Starts a local cluster for a shell: prints its host, address, root certificate and credentials, ends with its input. */
public class LocalCluster {
    public static void main(String[] arguments) throws Exception {
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        try (LocalDsql local = LocalDsql.start()) {
            var credentials = local.credentialsProvider().resolveCredentials();
            System.out.println(String.join(
                    " ",
                    local.endpoint().host(),
                    local.address().toString(),
                    local.rootCertificate().toString(),
                    credentials.accessKeyId(),
                    credentials.secretAccessKey()));
            System.in.read();
        }
    }
}
