-- What a cluster has beyond PostgreSQL: its schema sys with jobs and role mappings. Runs again where kept data are from another
-- version, so that every statement may run twice. What users of a cluster do not see is in the schema dsql_reach.
CREATE SCHEMA IF NOT EXISTS dsql_reach;
CREATE SCHEMA IF NOT EXISTS sys;
GRANT USAGE ON SCHEMA dsql_reach, sys TO PUBLIC;

-- Settings of this session for what these functions do. Clients cannot change them: SET is refused.
CREATE OR REPLACE FUNCTION dsql_reach.set_config(text, text, boolean) RETURNS text LANGUAGE internal AS 'set_config_by_name';

-- A cluster's own text instead of PostgreSQL's: the client gets no context and no place in a file.
CREATE OR REPLACE FUNCTION dsql_reach.fail(state text, message text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message, SCHEMA = 'dsql-reach';
END $$;

-- Identifiers of jobs: 16 bytes in base32 (RFC 4648), in lower case and without padding.
CREATE OR REPLACE FUNCTION sys.uuid_to_base32_str(id uuid) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT string_agg(substr('abcdefghijklmnopqrstuvwxyz234567', substring(bits FROM 5 * i + 1 FOR 5)::bit(5)::int + 1, 1), '' ORDER BY i)
  FROM (SELECT ('x' || replace(id::text, '-', ''))::bit(128) || B'00' AS bits) AS source, generate_series(0, 25) AS i
$$;
CREATE OR REPLACE FUNCTION sys.base32_str_to_uuid(id text) RETURNS uuid LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  bits text := '';
BEGIN
  IF id !~ '^[a-z2-7]{25}[aeimquy4]$' THEN
    PERFORM dsql_reach.fail('22P02', 'Unable to convert text to UUID');
  END IF;
  FOR i IN 1..26 LOOP
    bits := bits || (position(substr(id, i, 1) IN 'abcdefghijklmnopqrstuvwxyz234567') - 1)::bit(5)::text;
  END LOOP;
  RETURN (SELECT string_agg(lpad(to_hex(substr(bits, 8 * i + 1, 8)::bit(8)::int), 2, '0'), '' ORDER BY i) FROM generate_series(0, 15) AS i)::uuid;
END $$;

-- Jobs. A new one is 'submitted'; it is done when somebody waits for it, or a moment after its transaction has committed.
CREATE TABLE IF NOT EXISTS dsql_reach.job (
  job_id text PRIMARY KEY, status text NOT NULL, details text, job_type text NOT NULL, class_id oid NOT NULL, object_id oid,
  object_name text, start_time timestamptz NOT NULL, update_time timestamptz);
CREATE OR REPLACE VIEW sys.jobs AS
  SELECT job_id, status, details, job_type, class_id, object_id, object_name, start_time, update_time FROM dsql_reach.job;
GRANT SELECT ON sys.jobs TO PUBLIC;

-- The index of a job is not valid before the job is done, as on a cluster.
CREATE OR REPLACE FUNCTION dsql_reach.new_job(kind text, object oid, failure text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, dsql_reach AS $$
DECLARE
  id text := sys.uuid_to_base32_str(gen_random_uuid());
BEGIN
  IF kind = 'INDEX_BUILD' THEN
    UPDATE pg_index SET indisvalid = false, indisready = indisready AND failure IS NULL, indisunique = indisunique OR failure IS NOT NULL
      WHERE indexrelid = object
        AND pg_has_role(session_user, (SELECT relowner FROM pg_class c WHERE c.oid = object), 'USAGE');
  END IF;
  INSERT INTO job VALUES (id, CASE WHEN failure IS NULL THEN 'submitted' ELSE 'failed' END, failure, kind, 'pg_class'::regclass, object,
    (SELECT nspname || '.' || relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE c.oid = object), clock_timestamp(),
    CASE WHEN failure IS NOT NULL THEN clock_timestamp() END);
  RETURN id;
END $$;

-- Runs CREATE INDEX or ALTER TABLE with the caller's rights. If the data do not allow it, the job fails and not the statement:
-- then instead is run, which leaves an index that is not valid, or is NULL.
CREATE OR REPLACE FUNCTION dsql_reach.run_async(kind text, statement text, instead text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  failure text;
  made oid;
BEGIN
  PERFORM dsql_reach.set_config('dsql_reach.async', kind, true);
  PERFORM dsql_reach.set_config('dsql_reach.made', '', true);
  BEGIN
    EXECUTE statement;
  EXCEPTION WHEN unique_violation OR check_violation OR foreign_key_violation THEN
    failure := SQLERRM;
    IF instead IS NOT NULL THEN
      EXECUTE instead;
    END IF;
  END;
  made := nullif(current_setting('dsql_reach.made'), '')::oid;
  PERFORM dsql_reach.set_config('dsql_reach.async', '', true);
  RETURN dsql_reach.new_job(kind, made, failure);
END $$;

CREATE OR REPLACE FUNCTION dsql_reach.finish_jobs(id text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, dsql_reach AS $$
  WITH done AS (
    UPDATE job SET status = 'completed', update_time = clock_timestamp(), object_name = NULL
    WHERE status = 'submitted' AND (id IS NULL OR job_id = id) RETURNING object_id)
  UPDATE pg_index SET indisvalid = true FROM done WHERE indexrelid = object_id AND NOT indisvalid
$$;
REVOKE EXECUTE ON FUNCTION dsql_reach.finish_jobs FROM PUBLIC;

CREATE OR REPLACE PROCEDURE sys.wait_for_job(job_id text, INOUT done boolean DEFAULT NULL)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, dsql_reach AS $$
BEGIN
  PERFORM sys.base32_str_to_uuid(job_id);
  BEGIN
    PERFORM finish_jobs(job_id);
  EXCEPTION WHEN serialization_failure THEN
    -- It was done at the same time, which this transaction does not see.
    done := true;
    RETURN;
  END;
  done := coalesce((SELECT status = 'completed' FROM job j WHERE j.job_id = wait_for_job.job_id), false);
END $$;

-- Which IAM principal may log in as which role; the admin needs none.
CREATE TABLE IF NOT EXISTS dsql_reach.iam_mapping (
  iam_oid oid NOT NULL, arn text NOT NULL, role oid NOT NULL, grantor oid NOT NULL, PRIMARY KEY (arn, role));
CREATE SEQUENCE IF NOT EXISTS dsql_reach.iam_oid START 16400;
CREATE OR REPLACE VIEW sys.iam_pg_role_mappings AS
  SELECT iam_oid, arn, r.oid AS pg_role_oid, r.rolname AS pg_role_name, grantor AS grantor_pg_role_oid, g.rolname AS grantor_pg_role_name
  FROM dsql_reach.iam_mapping JOIN pg_roles r ON r.oid = role LEFT JOIN pg_roles g ON g.oid = grantor;
GRANT SELECT ON sys.iam_pg_role_mappings TO PUBLIC;

CREATE OR REPLACE FUNCTION dsql_reach.role_to_map(role_name text) RETURNS oid
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = session_user AND (rolcreaterole OR rolsuper)) THEN
    PERFORM dsql_reach.fail('42501', format('permission denied to grant IAM trust with role %s', role_name));
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
    PERFORM dsql_reach.fail('42704', format('role "%s" does not exist', role_name));
  END IF;
  RETURN (SELECT oid FROM pg_roles WHERE rolname = role_name);
END $$;
CREATE OR REPLACE PROCEDURE dsql_reach.iam_grant(role_name text, principal text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, dsql_reach AS $$
DECLARE
  role_to_map oid := role_to_map(role_name);
BEGIN
  IF principal !~ '^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/.' THEN
    PERFORM fail('22023', 'IAM role must look like an IAM ARN');
  END IF;
  IF EXISTS (SELECT FROM iam_mapping WHERE arn = principal AND role = role_to_map) THEN
    PERFORM fail('42710', format('IAM role %s is already granted to role %s', principal, role_name));
  END IF;
  INSERT INTO iam_mapping SELECT nextval('dsql_reach.iam_oid')::oid, principal, role_to_map, oid FROM pg_roles WHERE rolname = session_user;
END $$;
CREATE OR REPLACE PROCEDURE dsql_reach.iam_revoke(role_name text, principal text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, dsql_reach AS $$
DECLARE
  mapped oid := role_to_map(role_name);
BEGIN
  DELETE FROM iam_mapping WHERE arn = principal AND role = mapped;
  IF NOT FOUND THEN
    PERFORM fail('42704', format('IAM role %s does not exist', principal));
  END IF;
END $$;

-- As a cluster says it: without the operating system and the compiler.
CREATE OR REPLACE FUNCTION pg_catalog.version() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT 'PostgreSQL ' || current_setting('server_version_num')::int / 10000
$$;

-- What a cluster refuses, as far as PostgreSQL sees it and the words of a statement do not tell. The texts are in refusals.txt.
CREATE TABLE IF NOT EXISTS dsql_reach.refusal (name text PRIMARY KEY, state text NOT NULL, message text NOT NULL);
CREATE TABLE IF NOT EXISTS dsql_reach.parameter (name text PRIMARY KEY);
CREATE OR REPLACE FUNCTION dsql_reach.refuse(name text, word text DEFAULT '') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, dsql_reach AS $$
DECLARE
  row refusal;
BEGIN
  SELECT * INTO STRICT row FROM refusal r WHERE r.name = refuse.name;
  PERFORM fail(row.state, replace(row.message, '{}', word));
END $$;
-- What LocalDsql.execute runs is not refused.
CREATE OR REPLACE FUNCTION dsql_reach.is_owner() RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT session_user = 'postgres' $$;
CREATE OR REPLACE FUNCTION dsql_reach.may_set(parameter text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, dsql_reach AS $$
  SELECT parameter IS NULL OR is_owner() OR EXISTS (SELECT FROM parameter p WHERE p.name = lower(parameter))
$$;
CREATE OR REPLACE FUNCTION dsql_reach.set_config_of_client(text, text, boolean) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF NOT dsql_reach.may_set($1) THEN
    PERFORM dsql_reach.refuse('parameter', lower($1));
  END IF;
  RETURN dsql_reach.set_config($1, $2, $3);
END $$;
-- In SQL, and each parameter once, so that the planner puts it in; it would call PostgreSQL's own function otherwise.
CREATE OR REPLACE FUNCTION pg_catalog.set_config(text, text, boolean) RETURNS text LANGUAGE sql AS $$
  SELECT dsql_reach.set_config_of_client($1, $2, $3)
$$;
-- 'simple' is the only one that a cluster has.
DO $$
DECLARE
  name text;
BEGIN
  FOR name IN SELECT cfgname FROM pg_ts_config WHERE cfgnamespace = 'pg_catalog'::regnamespace AND cfgname <> 'simple' LOOP
    EXECUTE format('DROP TEXT SEARCH CONFIGURATION pg_catalog.%I', name);
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION dsql_reach.is_column_type(type oid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT typtype = 'd' OR oid = ANY (ARRAY['int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'bpchar', 'varchar', 'text', 'date',
    'time', 'timetz', 'timestamp', 'timestamptz', 'interval', 'bool', 'bytea', 'uuid', 'json', 'jsonb', 'name', 'oid',
    '"char"']::regtype[]) FROM pg_type WHERE oid = type
$$;

-- Before ALTER TABLE: which columns there are, and which of them belong to a primary key.
CREATE OR REPLACE FUNCTION dsql_reach.before_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM dsql_reach.set_config('dsql_reach.columns', coalesce((
    SELECT jsonb_object_agg(attrelid || ':' || attnum, coalesce(attnum = ANY (conkey), false))
    FROM pg_attribute LEFT JOIN pg_constraint ON conrelid = attrelid AND contype = 'p'
    WHERE attrelid >= 16384 AND attnum > 0 AND NOT attisdropped), '{}')::text, true);
END $$;

CREATE OR REPLACE FUNCTION dsql_reach.check_table(made oid, columns jsonb, adds_columns boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  col record;
BEGIN
  FOR col IN
    SELECT a.*, format_type(atttypid, NULL) AS type, s.seqcache, d.deptype AS sequence_kind
    FROM pg_attribute a
      LEFT JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = attrelid AND d.refobjsubid = attnum
        AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND EXISTS (SELECT FROM pg_sequence WHERE seqrelid = d.objid)
      LEFT JOIN pg_sequence s ON s.seqrelid = d.objid
    WHERE attrelid = made AND attnum > 0 AND NOT attisdropped AND NOT columns ? (attrelid || ':' || attnum) ORDER BY attnum
  LOOP
    IF col.sequence_kind = 'a' THEN
      PERFORM dsql_reach.refuse('serial', CASE col.type WHEN 'smallint' THEN 'smallserial' WHEN 'bigint' THEN 'bigserial' ELSE 'serial' END);
    ELSIF NOT dsql_reach.is_column_type(col.atttypid) THEN
      PERFORM dsql_reach.refuse('column-type', col.type);
    ELSIF adds_columns AND col.attgenerated = '' AND (col.atthasdef OR col.attnotnull OR col.attidentity <> ''
        OR EXISTS (SELECT FROM pg_constraint WHERE conrelid = made AND col.attnum = ANY (conkey))) THEN
      PERFORM dsql_reach.refuse('added-column');
    ELSIF col.attidentity <> '' AND col.seqcache BETWEEN 2 AND 65535 THEN
      PERFORM dsql_reach.refuse('identity-cache', col.seqcache::text);
    ELSIF col.attidentity <> '' AND col.type <> 'bigint' THEN
      PERFORM dsql_reach.refuse('identity-type', col.type);
    END IF;
  END LOOP;
  PERFORM dsql_reach.check_index(indexrelid) FROM pg_index WHERE indrelid = made AND NOT adds_columns;
END $$;

CREATE OR REPLACE FUNCTION dsql_reach.check_index(made oid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  key record;
BEGIN
  FOR key IN SELECT format_type(atttypid, NULL) AS type, opcdefault
    FROM pg_index, unnest(indclass::oid[]) WITH ORDINALITY AS class (opclass, n), pg_opclass c, pg_attribute
    WHERE indexrelid = made AND c.oid = opclass AND attrelid = made AND attnum = n ORDER BY n
  LOOP
    IF NOT key.opcdefault THEN
      PERFORM dsql_reach.refuse('operator-class');
    ELSIF key.type IN ('bytea', 'json', 'jsonb') THEN
      PERFORM dsql_reach.refuse('key-type', key.type);
    END IF;
  END LOOP;
END $$;

-- After a schema change: what it made. Notes also which index run_async makes.
CREATE OR REPLACE FUNCTION dsql_reach.after_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
  command record;
  columns jsonb := '{}';
BEGIN
  IF tg_tag = 'ALTER TABLE' THEN
    columns := current_setting('dsql_reach.columns')::jsonb;
  END IF;
  FOR command IN SELECT DISTINCT ON (objid) objid, object_type FROM pg_event_trigger_ddl_commands()
    WHERE classid = 'pg_class'::regclass AND NOT in_extension
  LOOP
    IF coalesce(current_setting('dsql_reach.async', true), '') <> '' THEN
      PERFORM dsql_reach.set_config('dsql_reach.made', command.objid::text, true);
    END IF;
    IF dsql_reach.is_owner() THEN
      CONTINUE;
    ELSIF command.object_type = 'table' THEN
      PERFORM dsql_reach.check_table(command.objid, columns, tg_tag = 'ALTER TABLE');
    ELSIF command.object_type = 'index' AND tg_tag = 'CREATE INDEX' THEN
      PERFORM dsql_reach.check_index(command.objid);
    ELSIF command.object_type = 'sequence' AND tg_tag IN ('CREATE SEQUENCE', 'ALTER SEQUENCE') THEN
      PERFORM dsql_reach.refuse('sequence-cache', seqcache::text)
        FROM pg_sequence WHERE seqrelid = command.objid AND seqcache BETWEEN 2 AND 65535;
    END IF;
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION dsql_reach.after_drop() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
  dropped record;
BEGIN
  IF dsql_reach.is_owner() THEN
    RETURN;
  END IF;
  FOR dropped IN SELECT objid, objsubid, address_names[3] AS name FROM pg_event_trigger_dropped_objects()
    WHERE object_type = 'table column' AND original
  LOOP
    IF current_setting('dsql_reach.columns')::jsonb ->> (dropped.objid || ':' || dropped.objsubid) = 'true' THEN
      PERFORM dsql_reach.refuse('key-column', dropped.name);
    END IF;
  END LOOP;
END $$;

DROP EVENT TRIGGER IF EXISTS dsql_reach_before_ddl;
CREATE EVENT TRIGGER dsql_reach_before_ddl ON ddl_command_start WHEN tag IN ('ALTER TABLE') EXECUTE FUNCTION dsql_reach.before_ddl();
DROP EVENT TRIGGER IF EXISTS dsql_reach_after_ddl;
CREATE EVENT TRIGGER dsql_reach_after_ddl ON ddl_command_end EXECUTE FUNCTION dsql_reach.after_ddl();
DROP EVENT TRIGGER IF EXISTS dsql_reach_after_drop;
CREATE EVENT TRIGGER dsql_reach_after_drop ON sql_drop WHEN tag IN ('ALTER TABLE') EXECUTE FUNCTION dsql_reach.after_drop();

-- Counts the rows that a statement changes inside WITH, of which its command tag does not tell: PostgreSQL's own counters before it,
-- and behind it. They may still hold what earlier transactions have changed.
CREATE OR REPLACE FUNCTION dsql_reach.changed_rows() RETURNS bigint LANGUAGE sql VOLATILE AS $$
  SELECT sum(pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid))::bigint
  FROM pg_class WHERE relkind = 'r' AND oid >= 16384
$$;
CREATE OR REPLACE FUNCTION dsql_reach.note_rows() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM dsql_reach.set_config('dsql_reach.rows', (dsql_reach.changed_rows()
    - coalesce(nullif(current_setting('dsql_reach.counted', true), ''), '0')::bigint)::text, true);
END $$;
CREATE OR REPLACE FUNCTION dsql_reach.count_rows(most bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  counted bigint := dsql_reach.changed_rows() - current_setting('dsql_reach.rows')::bigint;
BEGIN
  IF counted > most THEN
    PERFORM dsql_reach.refuse('rows');
  END IF;
  PERFORM dsql_reach.set_config('dsql_reach.counted', counted::text, true);
END $$;

-- A transaction that has lost a conflict goes on over temporary views with the names of its tables. They show its snapshot and keep
-- its changes to themselves; in the tables PostgreSQL would refuse them. What the views cannot do as the tables would, fails.

-- Changes one row of a view. The arguments: its table of changed rows; a condition for the row with the same key; a condition for
-- rows that a unique index does not allow beside the new one; one for an UPDATE that leaves the foreign keys as they are; what
-- foreign keys, indexes or privileges do not allow at all.
CREATE OR REPLACE FUNCTION dsql_reach.change_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed text := format('pg_temp.%I', TG_ARGV[0]);
  allowed boolean := position(TG_OP IN TG_ARGV[4]) = 0;
BEGIN
  IF TG_OP = 'UPDATE' AND allowed THEN
    EXECUTE 'SELECT ' || TG_ARGV[3] INTO allowed USING OLD, NEW;
  END IF;
  IF TG_OP <> 'INSERT' AND allowed THEN
    EXECUTE format('DELETE FROM %s o WHERE %s', changed, TG_ARGV[1]) USING OLD;
    EXECUTE format('INSERT INTO %s SELECT ($1).*, true', changed) USING OLD;
  END IF;
  IF TG_OP <> 'DELETE' AND allowed THEN
    EXECUTE format('SELECT NOT EXISTS (SELECT FROM pg_temp.%I o WHERE %s)', TG_TABLE_NAME, TG_ARGV[2]) INTO allowed USING NEW;
  END IF;
  IF NOT allowed THEN
    PERFORM dsql_reach.refuse('conflict');
  ELSIF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  EXECUTE format('DELETE FROM %s o WHERE %s', changed, TG_ARGV[1]) USING NEW;
  EXECUTE format('INSERT INTO %s SELECT ($1).*, false', changed) USING NEW;
  RETURN NEW;
EXCEPTION WHEN integrity_constraint_violation THEN
  PERFORM dsql_reach.refuse('conflict');
END $$;

-- Makes the views of the tables with these names. The answer of the first call: words that a statement must not have, because they
-- may mean something that can have no view; and the names of further tables that can have one.
CREATE OR REPLACE FUNCTION dsql_reach.make_views(names text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  possible oid[];
  t record;
  d record;
  changed text;
  columns text;
  same_key text;
  taken text;
  same_references text;
BEGIN
  possible := ARRAY (
    SELECT c.oid FROM pg_class c JOIN pg_index i ON indrelid = c.oid AND indisprimary
    WHERE relkind = 'r' AND relpersistence = 'p' AND c.oid >= 16384 AND pg_table_is_visible(c.oid)
      AND relnamespace NOT IN ('dsql_reach'::regnamespace, 'sys'::regnamespace) AND has_table_privilege(c.oid, 'SELECT')
      AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attgenerated <> '')
      AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal));
  FOR t IN SELECT c.oid, relname, nspname, concat_ws(' ',
      CASE WHEN NOT has_table_privilege(c.oid, 'INSERT') OR EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND conrelid = c.oid)
        THEN 'INSERT' END,
      CASE WHEN NOT has_table_privilege(c.oid, 'UPDATE') THEN 'UPDATE' END,
      CASE WHEN NOT has_table_privilege(c.oid, 'DELETE') OR EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND confrelid = c.oid)
        THEN 'DELETE' END,
      CASE WHEN EXISTS (SELECT FROM pg_index WHERE indrelid = c.oid AND indisunique AND (indexprs IS NOT NULL OR indpred IS NOT NULL))
        THEN 'INSERT UPDATE' END) AS refused
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE c.oid = ANY (possible) AND relname = ANY (names)
  LOOP
    changed := 'dsql_reach_' || t.oid;
    columns := (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)
      FROM pg_attribute WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped);
    SELECT string_agg(same, ' AND ') FILTER (WHERE indisprimary), string_agg('(' || same || ')', ' OR ') INTO same_key, taken
      FROM (SELECT indisprimary, string_agg(format('o.%1$I = ($1).%1$I', attname), ' AND ') AS same
        FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY ((indkey::int2[])[0:indnkeyatts - 1])
        WHERE indrelid = t.oid AND indisunique AND indpred IS NULL AND indexprs IS NULL GROUP BY indexrelid, indisprimary) AS indexes;
    same_references := (SELECT coalesce(string_agg(format('($1).%1$I IS NOT DISTINCT FROM ($2).%1$I', attname), ' AND '), 'true')
      FROM pg_attribute WHERE attrelid = t.oid AND attnum > 0 AND EXISTS (SELECT FROM pg_constraint
        WHERE contype = 'f' AND (conrelid = t.oid AND attnum = ANY (conkey) OR confrelid = t.oid AND attnum = ANY (confkey))));
    EXECUTE format('CREATE TEMP TABLE %I (LIKE %I.%I INCLUDING CONSTRAINTS, dsql_reach_gone boolean NOT NULL)',
      changed, t.nspname, t.relname);
    EXECUTE format('CREATE TEMP VIEW %I AS SELECT %s FROM %I.%I b WHERE NOT EXISTS (SELECT FROM pg_temp.%I o WHERE %s)'
      ' UNION ALL SELECT %2$s FROM pg_temp.%5$I WHERE NOT dsql_reach_gone',
      t.relname, columns, t.nspname, t.relname, changed, replace(same_key, '($1).', 'b.'));
    FOR d IN SELECT attname, CASE WHEN attidentity = '' THEN pg_get_expr(adbin, adrelid)
          ELSE format('nextval(%L::regclass)', pg_get_serial_sequence(format('%I.%I', t.nspname, t.relname), attname)) END AS value
        FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE attrelid = t.oid AND attnum > 0 AND (atthasdef OR attidentity <> '') LOOP
      EXECUTE format('ALTER VIEW pg_temp.%I ALTER COLUMN %I SET DEFAULT %s', t.relname, d.attname, d.value);
    END LOOP;
    EXECUTE format('CREATE TRIGGER dsql_reach INSTEAD OF INSERT OR UPDATE OR DELETE ON pg_temp.%I FOR EACH ROW EXECUTE FUNCTION'
      ' dsql_reach.change_row(%L, %L, %L, %L, %L)', t.relname, changed, same_key, taken, same_references, t.refused);
  END LOOP;
  -- Another path makes PostgreSQL plan the prepared statements again.
  IF NOT 'dsql_reach' = ANY (current_schemas(false)) THEN
    PERFORM dsql_reach.set_config('search_path', concat_ws(', ', nullif(current_setting('search_path'), ''), 'dsql_reach'), true);
  END IF;
  RETURN concat_ws(chr(1), 'ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid',
    (SELECT string_agg(nspname, chr(1)) FROM pg_namespace WHERE nspname NOT IN ('pg_catalog', 'information_schema')),
    (SELECT string_agg(relname, chr(1)) FROM pg_class
      WHERE relkind IN ('r', 'v', 'm', 'f', 'p') AND oid >= 16384 AND relpersistence = 'p' AND oid <> ALL (possible)
        AND relnamespace NOT IN ('dsql_reach'::regnamespace, 'sys'::regnamespace)),
    (SELECT string_agg(proname, chr(1)) FROM pg_proc
      WHERE oid >= 16384 AND pronamespace NOT IN ('pg_catalog'::regnamespace, 'dsql_reach'::regnamespace, 'sys'::regnamespace)))
    || chr(2) || coalesce((SELECT string_agg(relname, chr(1)) FROM pg_class WHERE oid = ANY (possible) AND relname <> ALL (names)), '');
END $$;
