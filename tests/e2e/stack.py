"""A Compose project on a real engine, with Cofferdam beside it, as an operator drives it."""
import contextlib
import fcntl
import json
import os
import pathlib
import queue
import re
import select
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import time
import uuid

import secret_watch

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
OPENMAPX = REPOSITORY / "compose/examples/openmapx/compose.yml"
GEOLENS = REPOSITORY / "compose/examples/geolens/compose.yml"
TRACEARR = REPOSITORY / "compose/examples/tracearr/compose.yml"
SMALL = REPOSITORY / "tests/e2e/small.yml"
# The test images of each example; others share those of the first.
TEST_IMAGES = REPOSITORY / "tests/images"
IMAGES = {GEOLENS: "geolens.env", TRACEARR: "tracearr.env"}
# Service, user and database of the server that sql() asks; else ("db", "openmapx", "openmapx").
SERVERS = {OPENMAPX: ("postgis", "openmapx", "openmapx"), GEOLENS: ("db", "geolens", "geolens"),
           TRACEARR: ("timescale", "tracearr", "tracearr")}


def run(*words, check=True, timeout=300, **options):
    """A command with its output captured; what it said is in the failure."""
    done = subprocess.run([str(word) for word in words], stdin=options.pop("stdin", subprocess.DEVNULL),
                          capture_output=True, text=options.pop("text", True), timeout=timeout, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}\nexit code {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def with_secrets(images):
    """The lines of an environment file, with a value of its own for each that is a secret."""
    return re.sub(r"^(\w*(?:PASSWORD|SECRET|KEY)\w*)=.+$", lambda line: f"{line[1]}={secret_watch.secret(line[1])}", images, flags=re.M)


class Stack:
    """One project. `host` is the engine's DOCKER_HOST; everything it makes goes away with close()."""

    def __init__(self, host, compose_file=OPENMAPX, project=None, backups=None, env=None):
        self.host = host
        self.project = project or "cd" + uuid.uuid4().hex[:8]
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cofferdam-e2e-"))
        self.backups = pathlib.Path(backups or self.folder / "backups")
        self.compose_file = compose_file
        for folder in (self.backups, self.folder / "tiles"):
            folder.mkdir(parents=True, exist_ok=True)
        settings = dict(COFFERDAM_DOCKER_SOCKET=host.removeprefix("unix://"), COFFERDAM_BACKUPS=self.backups,
                        OPENMAPX_TILES=self.folder / "tiles", **(env or {}))
        images = TEST_IMAGES / IMAGES.get(compose_file, "openmapx.env")
        text = with_secrets(images.read_text()) + "".join(f"{name}={value}\n" for name, value in settings.items())
        (self.folder / "env").write_text(text)

    # --- docker and compose ---

    def environment(self):
        return {**os.environ, "DOCKER_HOST": self.host}

    def docker(self, *words, **options):
        return run("docker", *words, env=self.environment(), **options)

    def compose(self, *words, **options):
        return run("docker", "compose", "--env-file", self.folder / "env", "--project-name", self.project,
                   "--file", self.compose_file, *words, env=self.environment(), **options)

    def up(self, *services):
        self.compose("up", "--detach", "--wait", "--wait-timeout", "240", *services)
        return self

    def destroy(self):
        """The disaster: every container and volume is gone, the backups stay."""
        self.keep_outputs()
        self.compose("down", "--volumes", "--timeout", "5")

    def keep_outputs(self):
        """What the sidecars have logged, and what lies in the store: no secret may be in it."""
        labels = {"com.docker.compose.project": self.project, "com.docker.compose.service": "cofferdam"}
        filters = [word for name, value in labels.items() for word in ("--filter", f"label={name}={value}")]
        for sidecar in self.docker("ps", "--all", "--quiet", *filters, check=False).stdout.split():
            logs = self.docker("logs", sidecar, check=False)
            secret_watch.record("the sidecar's log", logs.stdout + logs.stderr)
        secret_watch.record_store(self.backups)

    def close(self):
        self.keep_outputs()
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "2", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def container(self, service):
        return self.compose("ps", "--all", "--quiet", service).stdout.strip()

    def inspect(self, service):
        return json.loads(self.docker("inspect", self.container(service)).stdout)[0]

    def running(self):
        """Services whose container runs."""
        return set(self.compose("ps", "--services", "--status", "running").stdout.split())

    def helpers(self):
        return self.docker("ps", "--all", "--quiet", "--filter", "label=cofferdam.role=helper").stdout.split()

    def volume(self, key):
        return f"{self.project}_{key}"

    def mountpoint(self, key):
        """The volume's directory: the private engines keep theirs on this machine."""
        text = self.docker("volume", "inspect", "--format", "{{.Mountpoint}}", self.volume(key)).stdout
        return pathlib.Path(text.strip())

    # --- inside the containers ---

    def execute(self, service, *words, **options):
        return self.compose("exec", "-T", service, *words, **options)

    def cofferdam(self, *words, **options):
        return self.execute("cofferdam", "/cofferdam", *words, **options)

    def create(self, name, *words):
        done = self.cofferdam("create", "--json", "--name", name, *words)
        summary = json.loads(done.stdout.splitlines()[-1])
        assert summary["type"] == "summary", done.stdout
        return summary

    def snapshots(self):
        return json.loads(self.cofferdam("list", "--json").stdout)

    def manifest(self, name):
        return json.loads((self.backups / name / "manifest.json").read_text())

    @property
    def server(self):
        """Service, user and database."""
        return SERVERS.get(self.compose_file, ("db", "openmapx", "openmapx"))

    def sql(self, *statements, database=None):
        """What they print. Each is a transaction of its own."""
        service, user, own = self.server
        commands = [word for statement in statements for word in ("-c", statement)]
        return self.execute(service, "psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-U", user, "-d", database or own,
                            *commands).stdout.strip()

    def fingerprint(self, except_for="^$"):
        """Rows and an order-independent hash of every table but those of an SQL regular expression; every definition."""
        tables = self.sql("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname NOT IN "
                          f"('pg_catalog','information_schema') AND tablename !~ '{except_for}' ORDER BY 1").split()
        sums = {table: self.sql(f"SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) "
                                f"FROM {table} t") for table in tables}
        sums["definitions"] = self.sql(
            "SELECT md5(string_agg(d, ';' ORDER BY d)) FROM (SELECT indexdef AS d FROM pg_indexes WHERE schemaname "
            "NOT IN ('pg_catalog', 'information_schema') UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint "
            "UNION ALL SELECT extname || extversion FROM pg_extension) AS everything")
        return sums

    def wait_until_sql(self, condition, what):
        """Until a SELECT of one boolean says so; `what` is what it waits for. A look's locks end with it: what is waited
        for may be that somebody drops what it looks at."""
        done = self.sql("SET statement_timeout = '120s'", f"DO $$ BEGIN WHILE NOT ({condition}) LOOP COMMIT; "
                        "PERFORM pg_sleep(0.05); END LOOP; END $$", "SELECT 'done'")
        assert done == "done", what

    def wait_for_rows(self, count, table):
        self.wait_until_sql(f"SELECT count(*) >= {count} FROM {table}", f"{count} rows in {table}")

    def ledger(self):
        return json.loads(self.execute("app-api", "ledger", "verify").stdout)

    @contextlib.contextmanager
    def locked_table(self):
        """Holds a lock that a capture has to wait for while its containers are down, for as long as it lasts."""
        self.sql("CREATE TABLE IF NOT EXISTS gate (n int)")
        words = ["docker", "compose", "--env-file", self.folder / "env", "--project-name", self.project, "--file",
                 self.compose_file, "exec", "-T", self.server[0], "psql", "-qAtX", "-U", self.server[1]]
        session = subprocess.Popen(words, env=self.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   text=True)
        session.stdin.write("BEGIN; LOCK TABLE gate IN ACCESS EXCLUSIVE MODE; SELECT 'held';\n")
        session.stdin.flush()
        assert session.stdout.readline().strip() == "held"
        try:
            yield
        finally:
            session.stdin.close()
            session.wait(timeout=30)

    def start_cofferdam(self, *words):
        """A command that runs on; stdout and stderr are pipes."""
        return subprocess.Popen(
            ["docker", "compose", "--env-file", self.folder / "env", "--project-name", self.project, "--file",
             self.compose_file, "exec", "-T", "cofferdam", "/cofferdam", *words],
            env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def process_id(self, *words):
        """Of the process in the sidecar that does a command's work, as this machine sees it: a child of `serve`."""
        return self.processes(*words)[0]

    def command_id(self, *words):
        """Of the command itself, which waits for that process."""
        return self.processes(*words)[1]

    def processes(self, *words):
        serve = self.inspect("cofferdam")["State"]["Pid"]
        works, waits = None, None
        top = self.docker("top", self.container("cofferdam"), "-eo", "pid,ppid,args").stdout
        for line in top.splitlines()[1:]:
            process, parent, arguments = line.split(maxsplit=2)
            if " ".join(words) in arguments and int(parent) == serve:
                works = int(process)
            elif " ".join(words) in arguments:
                waits = int(process)
        assert works and waits, f"no processes {words}: {top}"
        return works, waits

    def open_jobs(self):
        """How many jobs of the journal are unfinished, and rollback points half dropped."""
        with contextlib.closing(sqlite3.connect(f"file:{self.backups}/.cofferdam/state.db?mode=ro", uri=True)) as journal:
            return journal.execute("SELECT (SELECT count(*) FROM job WHERE finished_at IS NULL) +"
                                   " (SELECT count(*) FROM point WHERE dropping)").fetchone()[0]

    def wait_until_idle(self):
        """Until nobody works in the store any more, and nothing is left to clear up."""
        lock = open(self.backups / ".cofferdam/lock")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            fcntl.flock(lock, fcntl.LOCK_EX)  # waits for whoever holds it
            open_jobs = self.open_jobs()
            fcntl.flock(lock, fcntl.LOCK_UN)
            if not open_jobs:
                return
            select.select([], [], [], 0.2)
        raise AssertionError("the journal still has open jobs or half-dropped points after a minute")

    @contextlib.contextmanager
    def events(self, *filters):
        """Lines `ACTION CONTAINER` of what happens to this project's containers, as they come."""
        words = ["docker", "events", "--format", "{{.Action}} {{index .Actor.Attributes \"com.docker.compose.service\"}}",
                 "--filter", f"label=com.docker.compose.project={self.project}"]
        for one in filters:
            words += ["--filter", f"event={one}"]
        watcher = subprocess.Popen(words, env=self.environment(), stdout=subprocess.PIPE, text=True)
        try:
            yield Events(watcher.stdout)
        finally:
            watcher.kill()
            watcher.wait()


    @contextlib.contextmanager
    def drill_events(self, *filters):
        """Lines `ACTION SERVICE` of what happens to the containers of drills."""
        words = ["docker", "events", "--format", "{{.Action}} {{.Actor.Attributes.name}}", "--filter",
                 "label=cofferdam.role=drill"]
        for one in filters:
            words += ["--filter", f"event={one}"]
        watcher = subprocess.Popen(words, env=self.environment(), stdout=subprocess.PIPE, text=True)
        try:
            yield Events(line.replace(line.split()[-1], line.split("-")[-1]) for line in watcher.stdout)
        finally:
            watcher.kill()
            watcher.wait()


class Events:
    """Waits for what is to happen, however long it takes, up to a deadline."""

    def __init__(self, lines):
        self.lines = queue.Queue()
        threading.Thread(target=self.read, args=(lines,), daemon=True).start()

    def read(self, lines):
        for line in lines:
            self.lines.put(line.strip())

    def next(self, timeout):
        """The next line, or None if none comes in time."""
        try:
            return self.lines.get(timeout=timeout)
        except queue.Empty:
            return None

    def wait_for(self, *wanted, timeout=120):
        left = set(wanted)
        deadline = time.monotonic() + timeout
        while left:
            try:
                left.discard(self.lines.get(timeout=max(0.01, deadline - time.monotonic())))
            except queue.Empty:
                raise AssertionError(f"did not happen within {timeout} s: {sorted(left)}") from None


def fill(stack):
    stack.sql("CREATE TABLE thing (n int PRIMARY KEY, text text); "
              "INSERT INTO thing SELECT g, 'thing ' || g FROM generate_series(1, 10) g")


def host_command(stack, *words):
    """Cofferdam on this machine, on the same store: its command line and environment."""
    binary = os.environ.get("COFFERDAM_BINARY", REPOSITORY / "build/dev/cofferdam")
    inherited = {name: value for name, value in stack.environment().items() if not name.startswith("COFFERDAM_")}
    environment = {**inherited, "COFFERDAM_STORE": str(stack.backups), "COFFERDAM_PROJECT": stack.project,
                   "COFFERDAM_IMAGE": "cofferdam:dev"}
    return [str(binary), *words], environment


def engine_name(host):
    """The name that scripts/engine knows a private engine by."""
    return pathlib.Path(host.removeprefix("unix://")).parent.name
