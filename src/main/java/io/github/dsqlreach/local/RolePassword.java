package io.github.dsqlreach.local;

import io.github.dsqlreach.Scrubber;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;

/**
 * What all roles of an embedded PostgreSQL log in with. Clients never get it: the listener checks their token and logs in for
 * them.
 *
 * @param verifier what PostgreSQL keeps of it
 */
record RolePassword(String password, String verifier) {
    RolePassword {
        Scrubber.keepSecret(password);
    }

    static RolePassword random() {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        String password = Base64.getUrlEncoder().encodeToString(random);
        return new RolePassword(password, Scram.verifier(password));
    }

    /** From a file that {@link #write} wrote. */
    static RolePassword read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        if (lines.size() != 2) {
            throw new IOException(file + " does not hold the password of a local cluster; delete its directory");
        }
        return new RolePassword(lines.get(0), lines.get(1));
    }

    /** To a new file of this user alone. */
    void write(Path file) throws IOException {
        Files.createFile(file, FilePermissions.onlyOurs(file));
        Files.write(file, List.of(password, verifier), StandardCharsets.UTF_8, StandardOpenOption.WRITE);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "RolePassword";
    }
}
