package io.github.dsqlreach.samples.frameworks;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;

/** A row of the table that the tests write to. */
@Entity
@Table(name = "rows_of_frameworks")
class Row {
    /** A row with this text conflicts at its statement. */
    static final String CONFLICTING = "conflicting";

    /** As a cluster may answer at a statement, made of PostgreSQL's own means. */
    static final String SCHEMA = """
            CREATE TABLE IF NOT EXISTS rows_of_frameworks (id uuid PRIMARY KEY, name text NOT NULL);
            GRANT ALL ON rows_of_frameworks TO admin;
            CREATE OR REPLACE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              RAISE 'change conflicts with another transaction (OC000)' USING ERRCODE = '40001';
            END $$;
            CREATE OR REPLACE TRIGGER conflict BEFORE INSERT ON rows_of_frameworks
              FOR EACH ROW WHEN (NEW.name = 'conflicting') EXECUTE FUNCTION conflict();
            """;

    static final String INSERT = "INSERT INTO rows_of_frameworks (id, name) VALUES (?, ?)";

    @Id
    private UUID id;

    @Column
    private String name;

    Row() {}

    Row(String name) {
        this.id = UUID.randomUUID();
        this.name = name;
    }
}
