"""What the sidecar costs while nothing is to be done, and how it answers when there is a lot."""
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import statistics
import threading
import time

from engine import Project, create, idle_service

IDLE_SECONDS = 60
SCHEDULES = 200
STREAMS = 64
REQUESTS = 50
PORT = 8080


class Sidecar:
    """The `serve` of a project and its API."""

    def __init__(self, project):
        self.project = project
        self.container = project.container("cofferdam")
        inspected = json.loads(project.engine.docker("inspect", self.container).stdout)[0]
        self.process = pathlib.Path("/proc") / str(inspected["State"]["Pid"])
        (network,) = inspected["NetworkSettings"]["Networks"].values()
        self.address = network["IPAddress"]
        _, lines = project.cofferdam("token", "create", "bench", "--scopes", "read", "--json")
        self.headers = {"Authorization": "Bearer " + json.loads("".join(line for _, line in lines))["token"],
                        "Host": "localhost"}

    def processor_seconds(self):
        user, system = (self.process / "stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def mebibytes(self, key):
        for line in (self.process / "status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1]) / 1024
        raise RuntimeError(f"no {key}")

    def ask(self, path):
        """The open answer; its head has come."""
        connection = http.client.HTTPConnection(self.address, PORT, timeout=60)
        connection.request("GET", "/api/v1" + path, headers=self.headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {answer.read()}")
        return answer

    def seconds_of(self, path):
        began = time.monotonic()
        self.ask(path).read()
        return time.monotonic() - began

    def idle(self):
        """Percent of one processor, and what it has in memory, while nothing is asked of it."""
        before = self.processor_seconds()
        time.sleep(IDLE_SECONDS)
        return {"percent": 100 * (self.processor_seconds() - before) / IDLE_SECONDS, "mebibytes": self.mebibytes("VmRSS")}


def settings(**more):
    return {"environment": {"COFFERDAM_LISTEN": f"0.0.0.0:{PORT}", **more}}


def schedules_file(folder, count):
    lines = [f'  s{number}: {{cron: "{number % 60} {number % 24} 1 1 *"}}' for number in range(count)]
    (folder / "config.yaml").write_text("schedules:\n" + "\n".join(lines) + "\n" if lines else "")


def idle_with(engine, store, schedules):
    store.mkdir(parents=True, exist_ok=True)
    schedules_file(store, schedules)
    project = Project(engine, f"bench-idle-{schedules}", {"web": idle_service(volumes=["nothing:/nothing"])}, ["nothing"],
                      store, settings(COFFERDAM_CONFIG="/backups/config.yaml"))
    with contextlib.closing(project):
        return Sidecar(project).idle()


def multiply(saved, count):
    """Further snapshots like the one that was made: other names, other times, seals that fit."""
    lines = (saved / "manifest.json").read_text().splitlines()
    manifest = json.loads("\n".join(lines))
    began = time.time() - 3600 * count
    for number in range(count):
        created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began + 3600 * number))
        folder = saved.parent / f"copy{number:05}"
        shutil.copytree(saved, folder, copy_function=os.link)
        text = "\n".join(lines[:-2]) + "\n"
        text = text.replace(json.dumps(manifest["name"]), json.dumps(folder.name), 1)
        text = text.replace(json.dumps(manifest["created_at"]), json.dumps(created), 1)
        digest = hashlib.sha256(text.encode()).hexdigest()
        (folder / "manifest.json").unlink()
        (folder / "manifest.json").write_text(text + f'  "sha256": "{digest}"\n}}\n')


def listing(engine, store, count, rounds):
    """The list, the API's first page and what retention would do, with that many snapshots."""
    project = Project(engine, "bench-listing", {"web": idle_service(volumes=["nothing:/nothing"])}, ["nothing"], store,
                      settings(COFFERDAM_KEEP_DAILY="7", COFFERDAM_KEEP_WEEKLY="4"))
    with contextlib.closing(project):
        create(project, "saved")
        multiply(store / "saved", count)
        sidecar = Sidecar(project)
        bare = [project.cofferdam("version")[0] for _ in range(rounds)]
        return {"snapshots": count, "bare_exec_seconds": statistics.median(bare),
                "list": statistics.median(project.cofferdam("list", "--json")[0] for _ in range(rounds)),
                "retention": statistics.median(project.cofferdam("prune", "--dry-run", "--json")[0] for _ in range(rounds)),
                "first_page": statistics.median(sidecar.seconds_of("/snapshots?limit=50") for _ in range(rounds)),
                "mebibytes": sidecar.mebibytes("VmHWM")}


def read_on(answer):
    with contextlib.suppress(OSError, ValueError):
        for _ in answer:
            pass


def streams(engine, store):
    """Seconds of a small request, without and with all streams of events open."""
    project = Project(engine, "bench-streams", {"web": idle_service(volumes=["nothing:/nothing"])}, ["nothing"], store,
                      settings())
    with contextlib.closing(project):
        sidecar = Sidecar(project)

        def median():
            return statistics.median(sidecar.seconds_of("/jobs?limit=1") for _ in range(REQUESTS))

        alone = median()
        answers = [sidecar.ask("/events") for _ in range(STREAMS)]
        for answer in answers:
            threading.Thread(target=read_on, args=(answer,), daemon=True).start()
        return {"streams": STREAMS, "alone": alone, "beside": median()}


def service(engine, store, count, rounds):
    return {"idle": idle_with(engine, store / "idle", 0), "scheduled": idle_with(engine, store / "scheduled", SCHEDULES),
            "listing": listing(engine, store / "listing", count, rounds), "streams": streams(engine, store / "streams")}
