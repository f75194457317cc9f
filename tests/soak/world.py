"""What must hold of the stack, its store and its engine whenever nobody works on them."""
import contextlib
import dataclasses
import json
import os
import pathlib
import subprocess
import time

import histories
from stack import Events, Stack, run

SOAK = pathlib.Path(__file__).with_name("soak.yml")
SERVICES = ("db", "app", "tally", "counter", "files", "cofferdam")
STILL = "files"  # the volume that nobody goes on writing
COPIED_DATABASES = frozenset(histories.DATABASES.values())
COPIED_VOLUMES = frozenset([STILL, *(key for key, _ in histories.VOLUMES.values())])
BACK_WITHIN = 90  # seconds, the engine's own start of the containers included
SIDECAR_FILES = 64
SIDECAR_KIBIBYTES = 64 * 1024


@dataclasses.dataclass
class Point:
    """What a rollback point goes back to: tips by part, or nothing if it only takes copies away."""
    tips: dict
    suffix: str = ""


@dataclasses.dataclass
class Copy:
    """What a copy is to hold."""
    tips: dict    # by part
    parts: set    # databases and volumes
    still: dict   # digests of the files in that volume


class World:
    """The stack, and what is known about it from the actions so far."""

    def __init__(self, host, store):
        self.stack = Stack(host, compose_file=SOAK, backups=store)
        self.snapshots = {}  # tips by part, of each
        self.points = {}     # newest last
        self.copies = {}     # by suffix
        self.containers = {}
        self.ids = {}

    def up(self):
        self.stack.up("db")
        self.stack.sql("CREATE DATABASE tally")
        self.stack.up()
        self.containers = self.inspected()
        for service in SERVICES:
            self.ids[service] = self.containers[service]["Id"]

    # --- looking -----------------------------------------------------------------------------------

    def inspected(self):
        """Containers by service."""
        project = f"label=com.docker.compose.project={self.stack.project}"
        found = self.stack.docker("ps", "--all", "--quiet", "--filter", project, "--filter",
                                  "label=com.docker.compose.service").stdout.split()
        containers = json.loads(self.stack.docker("inspect", *found).stdout) if found else []
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in containers}

    @contextlib.contextmanager
    def engine_events(self, *filters):
        """A line with the id of whoever it is about, for each event of a container of the engine."""
        words = ["docker", "events", "--format", "{{.ID}}", "--filter", "type=container"]
        for one in filters:
            words += ["--filter", one]
        watcher = subprocess.Popen(words, env=self.stack.environment(), stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True)
        try:
            yield Events(watcher.stdout)
        finally:
            watcher.kill()
            watcher.wait()

    def wait_until_nothing(self, look, seconds):
        """Looks again at each event of the engine, and now and then; returns what it still found at the end."""
        deadline = time.monotonic() + seconds
        with self.engine_events() as events:
            while (found := look()) and time.monotonic() < deadline:
                events.next(timeout=2)
        return found

    def not_running(self):
        containers = self.inspected()
        found = [f"{service} has no container" for service in SERVICES if service not in containers]
        for service, container in containers.items():
            state = container["State"]
            health = state.get("Health", {}).get("Status", "healthy")
            if not state["Running"] or state["Paused"] or health != "healthy":
                found.append(f"{service} is {state['Status']}, {health}")
        return found

    def points_listed(self):
        """By job, newest last, as the sidecar lists them."""
        listed = json.loads(self.stack.cofferdam("points", "--json").stdout)
        return {one["point"]: one for one in reversed(listed)}

    def databases(self):
        return set(self.stack.sql("SELECT datname FROM pg_database WHERE NOT datistemplate").split())

    def volumes(self):
        return set(self.stack.docker("volume", "ls", "--quiet").stdout.split())

    # --- what must hold ----------------------------------------------------------------------------

    def settle(self):
        """Waits until everything runs and nobody works; returns what does not come about."""
        found = self.wait_until_nothing(self.not_running, BACK_WITHIN)
        lock = self.stack.backups / ".cofferdam/lock"
        if lock.exists():
            freed = run("flock", "--wait", "60", lock, "true", check=False)
            if freed.returncode != 0:
                return found + ["the store is locked for a minute"]
            try:
                self.stack.wait_until_idle()
            except AssertionError as error:
                found.append(str(error))
        # An agent whose command was killed sees it by itself.
        found += [f"left on the engine: {one}" for one in self.wait_until_nothing(self.left_on_engine, 60)]
        return found + self.wait_until_nothing(self.not_running, BACK_WITHIN)

    def left_on_engine(self):
        """Agents, and everything of drills; whose command is killed, the sidecar clears up after it."""
        roles = ["--filter", "label=cofferdam.role"]
        containers = self.stack.docker("ps", "--all", *roles, "--format", "{{.Names}} {{.Status}}").stdout.splitlines()
        networks = self.stack.docker("network", "ls", *roles, "--format", "{{.Name}}").stdout.split()
        volumes = self.stack.docker("volume", "ls", *roles, "--format", "{{.Name}}").stdout.split()
        return containers + networks + volumes

    def changed_containers(self):
        found = []
        for service, container in self.inspected().items():
            before = self.containers[service]
            for what in ("Id", "Image"):
                if container[what] != before[what]:
                    found.append(f"{service} has another {what}")
            policy = container["HostConfig"]["RestartPolicy"]
            if policy != before["HostConfig"]["RestartPolicy"]:
                found.append(f"{service} has the restart policy {policy['Name']}")
        return found

    def leftovers(self, points):
        """Of restores and captures: all that no listed point and no copy accounts for."""
        found = [f"in the store: {path.name}" for path in self.stack.backups.glob(".*.partial")]
        for key in ("app", "counter", "files", "db"):
            places, notes = self.kept_beside(key)
            kept = [job for job, point in points.items()
                    if f"volume {self.stack.volume(key)}" in [item["what"] for item in point["items"]]]
            if len(places) != len(kept):
                found.append(f"beside volume {key}: {sorted(places)} of points {kept}")
            found += [f"beside volume {key}: {note}" for note in notes
                      if not any(note.startswith(place) for place in places)]
        found += [f"kept in the store: {path.name}" for path in self.stack.backups.glob(".cofferdam/points/*")
                  if path.name not in points]
        return found

    def kept_beside(self, key):
        """Directories beside the live one, which may be named after an earlier point, and the notes about them."""
        names = set(os.listdir(self.stack.mountpoint(key).parent)) - {"_data"}
        notes = {name for name in names if name.endswith(".inode")}
        return names - notes, notes

    def copies_found(self, points):
        """Suffixes of databases and volumes that are there beside the live ones, each with the parts that have it; and
        databases that nothing accounts for."""
        beside, unknown = {}, []
        for name in sorted(self.databases() - {"postgres", *histories.DATABASES.values()}):
            base, _, job = name.partition("__old_")
            if job in points:
                continue
            live, _, suffix = base.partition("_")
            if job or live not in histories.DATABASES.values():
                unknown.append(f"database {name}")
            else:
                beside.setdefault(suffix, set()).add(live)
        prefix = f"{self.stack.project}_"
        for name in self.volumes():
            key, _, suffix = name.removeprefix(prefix).partition("_")
            if name.startswith(prefix) and suffix:
                beside.setdefault(suffix, set()).add(key)
        return beside, unknown

    def sidecar_is_modest(self):
        container = self.inspected()["cofferdam"]
        process = pathlib.Path(f"/proc/{container['State']['Pid']}")
        try:
            files = len(os.listdir(process / "fd"))
            status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
        except OSError:
            return []  # it was started again meanwhile
        resident = int(status["VmRSS"].split()[0])
        found = [f"the sidecar has {files} open files"] if files > SIDECAR_FILES else []
        return found + ([f"the sidecar takes {resident} KiB"] if resident > SIDECAR_KIBIBYTES else [])

    def listed_snapshots(self):
        return [entry["name"] for entry in self.stack.snapshots()]

    def copy_of(self, suffix, parts):
        """What differs between a copy, of which those parts are there, and its snapshot. Nobody writes there: it ends
        where the snapshot does."""
        copy = self.copies[suffix]
        if parts != copy.parts:
            return [f"the copy {suffix} has {sorted(parts)}, not {sorted(copy.parts)}"]
        copied = {part: histories.of_database(self.stack, f"{database}_{suffix}")
                  for part, database in histories.DATABASES.items() if database in parts}
        copied |= {part: histories.of_volume(self.stack, f"{key}_{suffix}", name)
                   for part, (key, name) in histories.VOLUMES.items() if key in parts}
        found = [fault for history in copied.values() for fault in history.faults]
        if STILL in parts and histories.files_of_volume(self.stack, f"{STILL}_{suffix}") != copy.still:
            found.append(f"volume {STILL} has other files in the copy {suffix}")
        return found + [f"{part} ends at {history.tip.n} in the copy {suffix}, not at {copy.tips[part].n}"
                        for part, history in copied.items() if history.tip != copy.tips[part]]

    def drop_copy(self, suffix):
        """What the operator does with a copy that is to stay no longer."""
        for name in self.volumes():
            if name.startswith(self.stack.project) and name.endswith(f"_{suffix}"):
                self.stack.docker("volume", "rm", name)
        for database in self.databases():
            if database.endswith(f"_{suffix}"):
                self.stack.sql(f'DROP DATABASE "{database}"')
        self.copies.pop(suffix, None)
