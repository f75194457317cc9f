-- A stand-in for TimescaleDB @VERSION@, for tests of its restore procedure: no code of the real one is in it.
--
-- What it has of the real one: hypertables whose rows lie in chunks, a catalogue that pg_dump dumps as the
-- extension's configuration, jobs with a retention policy among them, timescaledb_pre_restore() and
-- timescaledb_post_restore(), which need a superuser and set the database's timescaledb.restoring, and functions that
-- start and stop the workers. What it refuses, the real one answers with lost rows or a crash: a catalogue that is
-- filled outside of a restore, one of another version, chunks before their hypertables.
--
-- There are no workers: started or stopped is written to worker_log, and run_scheduled_jobs() does what they would.

CREATE SCHEMA _timescaledb_catalog;
CREATE SCHEMA _timescaledb_config;
CREATE SCHEMA _timescaledb_internal;
CREATE SCHEMA IF NOT EXISTS @FUNCTIONS@;
CREATE SCHEMA timescaledb_information;
GRANT USAGE ON SCHEMA _timescaledb_catalog, _timescaledb_config, _timescaledb_internal, @FUNCTIONS@, timescaledb_information
  TO PUBLIC;

-- --- the catalogue ---------------------------------------------------------------------------------

CREATE TABLE _timescaledb_catalog.metadata (key name PRIMARY KEY, value text NOT NULL);
CREATE TABLE _timescaledb_catalog.hypertable (
  id serial PRIMARY KEY, schema_name name NOT NULL, table_name name NOT NULL, time_column name NOT NULL,
  chunk_interval interval NOT NULL, UNIQUE (schema_name, table_name));
CREATE TABLE _timescaledb_catalog.chunk (
  id serial PRIMARY KEY, hypertable_id integer NOT NULL REFERENCES _timescaledb_catalog.hypertable ON DELETE CASCADE,
  table_name name NOT NULL, range_start timestamptz NOT NULL, range_end timestamptz NOT NULL,
  UNIQUE (hypertable_id, range_start));
-- Jobs of users are numbered from 1000 on, so that only they are dumped.
CREATE SEQUENCE _timescaledb_config.bgw_job_id_seq MINVALUE 1000;
CREATE TABLE _timescaledb_config.bgw_job (
  id integer PRIMARY KEY DEFAULT nextval('_timescaledb_config.bgw_job_id_seq'), application_name name NOT NULL,
  schedule_interval interval NOT NULL, proc_schema name NOT NULL, proc_name name NOT NULL,
  owner regrole NOT NULL DEFAULT current_role::regrole, scheduled boolean NOT NULL DEFAULT true,
  hypertable_id integer REFERENCES _timescaledb_catalog.hypertable ON DELETE CASCADE, config jsonb);
ALTER SEQUENCE _timescaledb_config.bgw_job_id_seq OWNED BY _timescaledb_config.bgw_job.id;
CREATE TABLE _timescaledb_internal.worker_log (n serial, action text NOT NULL, database name NOT NULL);
CREATE TABLE _timescaledb_internal.bgw_job_stat (job_id integer PRIMARY KEY, runs integer NOT NULL);

INSERT INTO _timescaledb_config.bgw_job (id, application_name, schedule_interval, proc_schema, proc_name)
VALUES (1, 'Telemetry Reporter [1]', '24h', '@FUNCTIONS@', 'policy_telemetry');
INSERT INTO _timescaledb_catalog.metadata VALUES ('timescaledb_version', '@VERSION@'),
  ('install_timestamp', now()::text), ('uuid', gen_random_uuid()::text);

SELECT pg_extension_config_dump('_timescaledb_catalog.metadata', 'WHERE key <> ''uuid''');
SELECT pg_extension_config_dump('_timescaledb_catalog.hypertable', '');
SELECT pg_extension_config_dump('_timescaledb_catalog.hypertable_id_seq', '');
SELECT pg_extension_config_dump('_timescaledb_catalog.chunk', '');
SELECT pg_extension_config_dump('_timescaledb_catalog.chunk_id_seq', '');
SELECT pg_extension_config_dump('_timescaledb_config.bgw_job', 'WHERE id >= 1000');
SELECT pg_extension_config_dump('_timescaledb_config.bgw_job_id_seq', '');

-- What a new extension and a dump both have: the dump's counts.
CREATE FUNCTION @FUNCTIONS@.metadata_insert_trigger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM _timescaledb_catalog.metadata WHERE key = NEW.key;
  RETURN NEW;
END $$;
CREATE TRIGGER metadata_insert_trigger BEFORE INSERT ON _timescaledb_catalog.metadata
  FOR EACH ROW EXECUTE FUNCTION @FUNCTIONS@.metadata_insert_trigger();

CREATE FUNCTION @FUNCTIONS@.guard_catalog() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF 'on' NOT IN (coalesce(current_setting('timescaledb.restoring', true), ''),
                  coalesce(current_setting('timescaledb.making', true), '')) THEN
    RAISE EXCEPTION 'the catalogue can only be restored between timescaledb_pre_restore() and timescaledb_post_restore()';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER guard_catalog BEFORE INSERT ON _timescaledb_catalog.hypertable
  FOR EACH STATEMENT EXECUTE FUNCTION @FUNCTIONS@.guard_catalog();

CREATE VIEW timescaledb_information.jobs AS
  SELECT j.id AS job_id, j.application_name, j.schedule_interval, j.proc_schema, j.proc_name, j.owner, j.scheduled, j.config,
    h.schema_name AS hypertable_schema, h.table_name AS hypertable_name
  FROM _timescaledb_config.bgw_job j LEFT JOIN _timescaledb_catalog.hypertable h ON h.id = j.hypertable_id;
GRANT SELECT ON ALL TABLES IN SCHEMA timescaledb_information TO PUBLIC;

-- --- hypertables -----------------------------------------------------------------------------------

CREATE FUNCTION @FUNCTIONS@.chunk_for(hypertable _timescaledb_catalog.hypertable, at timestamptz) RETURNS name
LANGUAGE plpgsql AS $$
DECLARE
  first timestamptz := date_bin(hypertable.chunk_interval, at, timestamptz '2000-01-03');
  found name;
  number integer;
BEGIN
  SELECT table_name INTO found FROM _timescaledb_catalog.chunk WHERE hypertable_id = hypertable.id AND range_start = first;
  IF found IS NOT NULL THEN
    RETURN found;
  END IF;
  number := nextval('_timescaledb_catalog.chunk_id_seq');
  found := format('_hyper_%s_%s_chunk', hypertable.id, number);
  EXECUTE format('CREATE TABLE _timescaledb_internal.%I (CHECK (%I >= %L AND %I < %L)) INHERITS (%I.%I)', found,
    hypertable.time_column, first, hypertable.time_column, first + hypertable.chunk_interval, hypertable.schema_name,
    hypertable.table_name);
  INSERT INTO _timescaledb_catalog.chunk VALUES (number, hypertable.id, found, first, first + hypertable.chunk_interval);
  RETURN found;
END $$;

CREATE FUNCTION @FUNCTIONS@.insert_into_chunk() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  hypertable _timescaledb_catalog.hypertable;
  at timestamptz;
BEGIN
  SELECT * INTO STRICT hypertable FROM _timescaledb_catalog.hypertable h
    WHERE h.schema_name = TG_TABLE_SCHEMA AND h.table_name = TG_TABLE_NAME;
  EXECUTE format('SELECT ($1).%I', hypertable.time_column) INTO at USING NEW;
  EXECUTE format('INSERT INTO _timescaledb_internal.%I SELECT ($1).*', @FUNCTIONS@.chunk_for(hypertable, at)) USING NEW;
  RETURN NULL;
END $$;

CREATE FUNCTION @extschema@.create_hypertable(relation regclass, time_column name, chunk_time_interval interval = '7 days')
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  number integer;
BEGIN
  PERFORM set_config('timescaledb.making', 'on', true);
  INSERT INTO _timescaledb_catalog.hypertable (schema_name, table_name, time_column, chunk_interval)
    SELECT n.nspname, c.relname, create_hypertable.time_column, chunk_time_interval
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation RETURNING id INTO number;
  PERFORM set_config('timescaledb.making', 'off', true);
  EXECUTE format('CREATE TRIGGER ts_insert_blocker BEFORE INSERT ON %s FOR EACH ROW '
    'EXECUTE FUNCTION @FUNCTIONS@.insert_into_chunk()', relation);
  RETURN number;
END $$;

CREATE FUNCTION @extschema@.drop_chunks(relation regclass, older_than interval) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  old _timescaledb_catalog.chunk;
BEGIN
  FOR old IN SELECT c.* FROM _timescaledb_catalog.chunk c JOIN _timescaledb_catalog.hypertable h ON h.id = c.hypertable_id
    WHERE format('%I.%I', h.schema_name, h.table_name)::regclass = relation AND c.range_end < now() - older_than
  LOOP
    EXECUTE format('DROP TABLE _timescaledb_internal.%I', old.table_name);
    DELETE FROM _timescaledb_catalog.chunk WHERE id = old.id;
    RETURN NEXT old.table_name;
  END LOOP;
END $$;

-- --- jobs ------------------------------------------------------------------------------------------

CREATE FUNCTION @extschema@.add_retention_policy(relation regclass, drop_after interval) RETURNS integer LANGUAGE sql AS $$
  WITH made AS (
    INSERT INTO _timescaledb_config.bgw_job (application_name, schedule_interval, proc_schema, proc_name, hypertable_id, config)
    SELECT 'Retention Policy', '1 day', '@FUNCTIONS@', 'policy_retention', h.id,
      jsonb_build_object('drop_after', drop_after, 'hypertable_id', h.id)
    FROM _timescaledb_catalog.hypertable h WHERE format('%I.%I', h.schema_name, h.table_name)::regclass = relation
    RETURNING id)
  SELECT id FROM made
$$;

CREATE FUNCTION @extschema@.add_job(proc name, schedule_interval interval) RETURNS integer LANGUAGE sql AS $$
  INSERT INTO _timescaledb_config.bgw_job (application_name, schedule_interval, proc_schema, proc_name)
  VALUES ('User-Defined Action', schedule_interval, 'public', proc) RETURNING id
$$;

CREATE FUNCTION @extschema@.alter_job(
  job_id integer, schedule_interval interval = NULL, scheduled boolean = NULL, config jsonb = NULL)
RETURNS TABLE (job integer, is_scheduled boolean) LANGUAGE sql AS $$
  UPDATE _timescaledb_config.bgw_job j SET schedule_interval = coalesce(alter_job.schedule_interval, j.schedule_interval),
    scheduled = coalesce(alter_job.scheduled, j.scheduled), config = coalesce(alter_job.config, j.config)
  WHERE j.id = alter_job.job_id RETURNING j.id, j.scheduled
$$;

-- What the workers of this database would do now, if they were started: the names of the jobs they ran.
CREATE FUNCTION _timescaledb_internal.run_scheduled_jobs() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  job timescaledb_information.jobs;
BEGIN
  IF (SELECT action FROM _timescaledb_internal.worker_log ORDER BY n DESC LIMIT 1) IS DISTINCT FROM 'restart'
    OR (SELECT database FROM _timescaledb_internal.worker_log ORDER BY n DESC LIMIT 1) <> current_database() THEN
    RETURN;
  END IF;
  FOR job IN SELECT * FROM timescaledb_information.jobs j WHERE j.scheduled ORDER BY j.job_id LOOP
    IF job.proc_name = 'policy_retention' THEN
      PERFORM @extschema@.drop_chunks(format('%I.%I', job.hypertable_schema, job.hypertable_name)::regclass,
        (job.config ->> 'drop_after')::interval);
    END IF;
    INSERT INTO _timescaledb_internal.bgw_job_stat VALUES (job.job_id, 1)
      ON CONFLICT (job_id) DO UPDATE SET runs = bgw_job_stat.runs + 1;
    RETURN NEXT job.proc_name;
  END LOOP;
END $$;

CREATE FUNCTION @FUNCTIONS@.log_workers(action text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('is_superuser') <> 'on' THEN
    RAISE EXCEPTION 'must be superuser to % background workers', action USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO _timescaledb_internal.worker_log (action, database) VALUES (action, current_database());
  RETURN true;
END $$;
CREATE FUNCTION @FUNCTIONS@.stop_background_workers() RETURNS boolean LANGUAGE sql AS $$
  SELECT @FUNCTIONS@.log_workers('stop') $$;
CREATE FUNCTION @FUNCTIONS@.restart_background_workers() RETURNS boolean LANGUAGE sql AS $$
  SELECT @FUNCTIONS@.log_workers('restart') $$;
SELECT @FUNCTIONS@.restart_background_workers();

-- --- around a restore ------------------------------------------------------------------------------

CREATE FUNCTION @extschema@.timescaledb_pre_restore() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM @FUNCTIONS@.stop_background_workers();
  EXECUTE format('ALTER DATABASE %I SET timescaledb.restoring = ''on''', current_database());
  SET timescaledb.restoring = 'on';
  RETURN true;
END $$;

CREATE FUNCTION @extschema@.timescaledb_post_restore() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  recorded text := (SELECT value FROM _timescaledb_catalog.metadata WHERE key = 'timescaledb_version');
BEGIN
  IF recorded <> '@VERSION@' THEN
    RAISE EXCEPTION 'catalog version mismatch, expected "@VERSION@" seen "%"', recorded;
  END IF;
  EXECUTE format('ALTER DATABASE %I RESET timescaledb.restoring', current_database());
  SET timescaledb.restoring = 'off';
  RETURN @FUNCTIONS@.restart_background_workers();
END $$;
