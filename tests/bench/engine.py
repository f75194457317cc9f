"""The private engine of the benchmark, its images, and Compose projects on it with Cofferdam beside them."""
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
TOOLS_IMAGE = "cofferdam-bench/tools:trixie"
BASE_IMAGE = "debian:trixie-slim"
DATABASE_IMAGE = "cofferdam-test/postgres:17"
EXAMPLE_IMAGES = [f"cofferdam-test/{name}" for name in ("postgis:15", "valkey:8", "proxy:1", "app:1", "index:1")]


def run(*words, check=True, **options):
    """A command with its output captured; what it said is in the failure."""
    options.setdefault("stdin", subprocess.DEVNULL)
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **options)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))}\nexit code {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


class Engine:
    """A private engine by the name of `bench`, up until close()."""

    def __init__(self):
        script = REPOSITORY / "scripts/engine"
        run(script, "up", "bench")
        self.environment = dict(os.environ)
        for words in run(script, "env", "bench").stdout.splitlines():
            self.export(words)
        self.folder = pathlib.Path(self.environment["DOCKER_HOST"].removeprefix("unix://")).parent

    def export(self, line):
        """One line of `scripts/engine env`: export NAME=VALUE…, where a value may name $PATH."""
        shell = f"{line}\nprintf '%s\\0' \"$DOCKER_HOST\" \"${{DOCKER_CONFIG:-}}\" \"$PATH\""
        values = run("bash", "-c", shell, env=self.environment).stdout.split("\0")
        for name, value in zip(("DOCKER_HOST", "DOCKER_CONFIG", "PATH"), values):
            self.environment[name] = value

    def close(self):
        run(REPOSITORY / "scripts/engine", "down", "bench", "--purge")

    def docker(self, *words, **options):
        return run("docker", *words, env=self.environment, **options)

    def prepare_images(self, build_folder):
        """The product's image (compiled in an image unless a folder with the program is given) and the others."""
        run(REPOSITORY / "scripts/images", "load", BASE_IMAGE, DATABASE_IMAGE, *EXAMPLE_IMAGES, env=self.environment)
        source = ["--from-build", build_folder] if build_folder else []
        run(REPOSITORY / "scripts/image", *source, env=self.environment)
        self.docker("build", "--network", "host", "--tag", TOOLS_IMAGE, REPOSITORY / "tests/bench/tools")

    def mountpoint(self, volume):
        return pathlib.Path(self.docker("volume", "inspect", "--format", "{{.Mountpoint}}", volume).stdout.strip())

    def owns(self, control_group):
        """Whether a line of /proc/PID/cgroup names a container of this engine."""
        name = control_group.rstrip().rpartition("/")[2]
        return len(name) == 64 and (self.folder / "data/containers" / name).is_dir()


def idle_service(**more):
    return {"image": BASE_IMAGE, "command": ["sleep", "infinity"], "init": True, "restart": "unless-stopped", **more}


class Project:
    """A Compose project: the services given, their flagged volumes, and the sidecar with its store and settings."""

    def __init__(self, engine, name, services, volumes, store, sidecar=None):
        self.engine = engine
        self.name = name
        self.store = pathlib.Path(store)
        self.store.mkdir(parents=True, exist_ok=True)
        self.folder = engine.folder / "projects" / name
        self.folder.mkdir(parents=True, exist_ok=True)
        more = dict(sidecar or {})
        environment = {"COFFERDAM_AGENT_MEMORY": "6g", **more.pop("environment", {})}  # the store is a tmpfs, whose pages count
        sidecar = {
            "image": "cofferdam:dev", "restart": "unless-stopped", "read_only": True, "cap_drop": ["ALL"],
            "environment": environment,
            "cap_add": ["DAC_OVERRIDE"], "security_opt": ["no-new-privileges:true"],
            "volumes": [f"{engine.folder}/docker.sock:/var/run/docker.sock", f"{self.store}:/backups"], **more}
        flagged = {"labels": {"cofferdam.backup": "true"}}
        definition = {"services": {**services, "cofferdam": sidecar}, "volumes": {key: flagged for key in volumes}}
        (self.folder / "compose.yml").write_text(json.dumps(definition, indent=1))
        self.up()

    def compose(self, *words, **options):
        return run("docker", "compose", "--project-name", self.name, "--file", self.folder / "compose.yml", *words,
                   env=self.engine.environment, **options)

    def up(self, *services):
        self.compose("up", "--detach", "--wait", "--wait-timeout", "300", *services)

    def close(self):
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "2", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.store, ignore_errors=True)

    def container(self, service):
        return self.compose("ps", "--all", "--quiet", service).stdout.strip()

    def volume(self, key):
        return f"{self.name}_{key}"

    def folder_of(self, key):
        return self.engine.mountpoint(self.volume(key))

    def cofferdam(self, *words):
        """A command in the sidecar: seconds it took, and its JSON lines with the time each came."""
        sidecar = self.container("cofferdam")
        command = ["docker", "exec", sidecar, "/cofferdam", *words]
        began = time.monotonic()
        process = subprocess.Popen(command, env=self.engine.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lines = [(time.monotonic() - began, line) for line in process.stdout]
        code = process.wait()
        seconds = time.monotonic() - began
        if code != 0:
            raise RuntimeError(f"{shlex.join(command)}: exit code {code}\n{''.join(line for _, line in lines)}")
        return seconds, lines

    def stopped_seconds(self, since):
        """How long each service was down since then, by the engine's own events."""
        form = '{{index .Actor.Attributes "com.docker.compose.service"}} {{.Action}} {{.TimeNano}}'
        said = self.engine.docker(
            "events", "--since", f"{since:.3f}", "--until", f"{time.time():.3f}", "--format", form, "--filter",
            f"label=com.docker.compose.project={self.name}", "--filter", "event=die", "--filter", "event=start")
        died, down = {}, {}
        for line in said.stdout.splitlines():
            service, action, nanoseconds = line.rsplit(" ", 2)
            if action == "die":
                died[service] = int(nanoseconds)
            elif service in died:
                down[service] = (int(nanoseconds) - died.pop(service)) / 1e9
        return down


def create(project, name):
    """One snapshot, as an operator makes it. Returns seconds and what is known about where they went."""
    since = time.time()
    seconds, lines = project.cofferdam("create", "--json", "--name", name)
    records = [(at, json.loads(line)) for at, line in lines if line.startswith("{")]
    summary = records[-1][1]
    if summary["type"] != "summary" or summary["status"] != "success":
        raise RuntimeError(f"the snapshot is no success: {summary}")
    phases = [(at, record["text"]) for at, record in records if record["type"] == "phase"]
    return {"seconds": seconds, "bytes": summary["bytes"], "phases": phase_seconds(phases, seconds),
            "downtime_reported": summary["downtime_seconds"], "downtime_observed": project.stopped_seconds(since)}


def phase_seconds(phases, whole):
    ends = [at for at, _ in phases[1:]] + [whole]
    spent = {"until the first phase": round(phases[0][0], 3)} if phases else {}
    for (at, text), end in zip(phases, ends):
        spent[text] = round(spent.get(text, 0) + end - at, 3)
    return spent


def restore(project, name):
    seconds, lines = project.cofferdam("restore", name, "--stop-running", "--yes", "--json")
    records = [(at, json.loads(line)) for at, line in lines if line.startswith("{")]
    phases = [(at, record["text"]) for at, record in records if record.get("type") == "phase"]
    return {"seconds": seconds, "phases": phase_seconds(phases, seconds)}
