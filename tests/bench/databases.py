"""Postgres: the same database through Cofferdam, pg_dump -Fc, and pg_dump | gzip."""
import glob
import json
import os
import random
import shlex
import subprocess
import time

from engine import DATABASE_IMAGE, REPOSITORY, Project, create, idle_service, restore, run
from peak_memory import PeakMemory

DATABASE = "bench"
TARGET = "restored"
RIVALS = {
    "pg_dump -Fc": ("docker exec {db} pg_dump -U bench -Fc bench >{file}",
                    "docker exec -i {db} pg_restore -U bench --exit-on-error -d restored <{file}"),
    "pg_dump | gzip": ("docker exec {db} pg_dump -U bench bench | gzip >{file}",
                       "gzip -dc {file} | docker exec -i {db} psql -U bench -qX -v ON_ERROR_STOP=1 -d restored"),
}
# Two of the tables are Debian's package index, real text; `event` is what applications keep as jsonb.
TABLES = """
CREATE TABLE package (suite text, name text, version text, section text, description text, depends text);
CREATE TABLE package_fields (suite text, name text, fields jsonb);
SELECT setseed(0.5);
CREATE TABLE event AS SELECT g AS id, timestamptz '2026-01-01' + g * interval '7 s' + random() * interval '5 s' AS at,
  jsonb_build_object('user', (random() * random() * 50000)::int, 'session', gen_random_uuid(),
    'kind', (ARRAY['view','search','route','upload','login'])[1 + (random() * 4)::int],
    'path', '/' || (random() * 300)::int || '/item/' || (random() * 90000)::int,
    'position', jsonb_build_array(round((random() * 360 - 180)::numeric, 6), round((random() * 180 - 90)::numeric, 6)),
    'milliseconds', (random() * random() * 900)::int) AS payload
  FROM generate_series(1, {events}) g;
"""
KEYS = """
ALTER TABLE event ADD PRIMARY KEY (id);
CREATE INDEX ON event (at);
CREATE INDEX ON package (name);
VACUUM ANALYZE;
"""


def package_index(suite):
    """The text of Debian's index of a suite's packages, from the toolchain's own package lists."""
    words = '. scripts/lib/places.sh; . scripts/lib/toolchain.sh; unpack_toolchain cli; echo "$toolchain_dir/apt/lists"'
    # `. places.sh` finds the repository by the path of the script that reads it.
    folder = run("bash", "-c", words, cwd=REPOSITORY).stdout.strip()
    names = glob.glob(f"{folder}/*_dists_{suite}_main_binary-*_Packages*")
    if not names:
        raise RuntimeError(f"no package index of {suite} in {folder}")
    return run("/usr/lib/apt/apt-helper", "cat-file", names[0]).stdout


def packages(suite):
    for paragraph in package_index(suite).split("\n\n"):
        fields, last = {}, None
        for line in paragraph.splitlines():
            if line.startswith(" ") and last:
                fields[last] += line
            elif ": " in line:
                last, _, fields[last] = line.partition(": ")
        if fields:
            yield fields


def copy_line(*values):
    escaped = (value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n") for value in values)
    return "\t".join(escaped) + "\n"


class DatabaseRace:
    def __init__(self, engine, store, scale, copies):
        self.engine = engine
        self.store = store
        store.mkdir(parents=True, exist_ok=True)
        database = {
            "image": DATABASE_IMAGE, "restart": "unless-stopped", "shm_size": "256m",
            "command": ["postgres", "-c", "shared_buffers=512MB", "-c", "max_wal_size=4GB"],
            "environment": {"POSTGRES_USER": DATABASE, "POSTGRES_DB": DATABASE, "POSTGRES_PASSWORD": "bench"},
            "volumes": ["cluster:/var/lib/postgresql/data"],
            "healthcheck": {"test": ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", DATABASE], "interval": "1s",
                            "retries": 90}}
        application = idle_service(volumes=["files:/files"], depends_on={"db": {"condition": "service_healthy"}})
        self.project = Project(engine, "bench-postgres", {"db": database, "app": application}, ["cluster", "files"],
                               store / "cofferdam")
        self.db = self.project.container("db")
        self.fill(scale, copies)
        self.fingerprint = self.rows(DATABASE)

    def close(self):
        self.project.close()

    # --- the data ---

    def fill(self, scale, copies):
        run("bash", "-c", "for n in {1..200}; do head -c 20000 /dev/urandom >file$n; done",
            cwd=self.project.folder_of("files"))
        self.execute("pgbench", "-q", "-i", "-s", str(scale), "-U", DATABASE, DATABASE)
        self.sql(TABLES.replace("{events}", str(400_000 * copies)))
        self.load_packages(copies)
        self.sql(KEYS)

    def load_packages(self, copies):
        """Each further copy has its packages in another order, and its own versions."""
        rows = [(suite, fields) for suite in ("bookworm", "trixie") for fields in packages(suite)]
        generator = random.Random(5)
        for copy in range(copies):
            generator.shuffle(rows)
            self.copy_in("package", (
                copy_line(suite, fields["Package"], f"{fields['Version']}+{generator.randrange(10**9)}",
                          fields.get("Section", ""), fields.get("Description", ""), fields.get("Depends", ""))
                for suite, fields in rows))
            self.copy_in("package_fields", (
                copy_line(suite, fields["Package"], json.dumps({**fields, "Serial": generator.randrange(10**9)}))
                for suite, fields in rows))

    def copy_in(self, table, lines):
        words = ["docker", "exec", "-i", self.db, "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-U", DATABASE, "-c",
                 f"COPY {table} FROM STDIN"]
        process = subprocess.Popen(words, env=self.engine.environment, stdin=subprocess.PIPE, text=True)
        process.stdin.writelines(lines)
        process.stdin.close()
        if process.wait() != 0:
            raise RuntimeError(f"COPY into {table} failed")

    def execute(self, *words):
        return self.engine.docker("exec", self.db, *words).stdout.strip()

    def sql(self, text, database=DATABASE):
        # Not one -c: VACUUM refuses to be part of a transaction.
        words = ["docker", "exec", "-i", self.db, "psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-U", DATABASE, "-d",
                 database]
        done = subprocess.run(words, env=self.engine.environment, input=text, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def tables(self, database):
        return self.sql("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
                        "ORDER BY 1", database).split()

    def rows(self, database):
        return {table: self.sql(f"SELECT count(*) || ' ' || sum(hashtext(t::text)::bigint) FROM {table} t", database)
                for table in self.tables(database)}

    def copy_bytes(self):
        copies = " && ".join(f"psql -qAtX -U bench -d bench -c 'COPY {table} TO STDOUT'"
                             for table in self.tables(DATABASE))
        return int(self.execute("bash", "-o", "pipefail", "-c", f"{{ {copies}; }} | wc -c"))

    # --- the race ---

    def ready(self):
        """The tables are in the page cache as far as the server ever reads them, and nothing waits to be written."""
        self.sql("CHECKPOINT")
        words = "find /var/lib/postgresql/data/base -type f -print0 | xargs -0 cat >/dev/null"
        self.execute("bash", "-o", "pipefail", "-c", words)
        os.sync()

    def measured(self, action):
        load = os.getloadavg()[0]
        with PeakMemory(self.engine) as peak:
            result = action()
        return {**result, "peak_mebibytes": peak.mebibytes, "load_before": load}

    def race(self, rounds, tell):
        records = []
        for turn in range(rounds):
            for tool in ["cofferdam", *RIVALS]:
                for action, result in self.turn(tool, turn):
                    records.append({"tool": tool, "action": action, "round": turn, **result})
                    tell(f"{tool}: {action} {result['seconds']:.2f} s")
        return records

    def turn(self, tool, turn):
        self.ready()
        if tool == "cofferdam":
            return self.cofferdam_turn(f"round{turn}")
        return self.rival_turn(*RIVALS[tool])

    def cofferdam_turn(self, snapshot):
        result = self.measured(lambda: create(self.project, snapshot))
        yield "dump", result
        self.ready()
        yield "restore", self.measured(lambda: restore(self.project, snapshot))
        self.expect(DATABASE)
        self.project.cofferdam("delete", snapshot, "--yes")

    def rival_turn(self, dump, load):
        file = self.store / "dump"
        yield "dump", self.measured(lambda: {"seconds": self.shell(dump, file), "bytes": file.stat().st_size})
        self.execute("createdb", "-U", DATABASE, "-T", "template0", TARGET)
        self.ready()
        yield "restore", self.measured(lambda: {"seconds": self.shell(load, file)})
        self.expect(TARGET)
        self.execute("dropdb", "-U", DATABASE, TARGET)
        file.unlink()

    def shell(self, words, file):
        command = words.format(db=self.db, file=shlex.quote(str(file)))
        began = time.monotonic()
        run("bash", "-o", "pipefail", "-c", command, env=self.engine.environment)
        return time.monotonic() - began

    def expect(self, database):
        if self.rows(database) != self.fingerprint:
            raise RuntimeError(f"database {database} does not hold what was dumped")
