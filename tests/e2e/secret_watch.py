"""No output of the product holds a secret: every one is kept, and read for every secret once the tests are over.

A test makes a secret by secret(), never by writing one down. What the product puts out is kept by itself: of its commands
stdout, stderr and command line, wherever subprocess runs them; answers of HTTP that are text; and by record_store() and
record() what lies in a store and in the logs of a sidecar. A token is shown once, by what makes it: that is what it is for,
and the one thing that is let pass, there and nowhere else.
"""
import base64
import contextlib
import http.client
import json
import os
import pathlib
import re
import secrets
import subprocess
import threading

import pytest

# Bytes of volumes and databases are what a snapshot is for; what they hold is not for us to read.
SEALED = {"volumes", "databases", "points"}
DATABASE_PROGRAMS = {"pg_dump", "pg_dumpall", "pg_restore", "psql"}
SAMPLE_SECONDS = 0.5


class Watch:
    """The secrets and outputs of one process of tests."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.outputs = self.folder / "outputs.jsonl"
        self.outputs.write_text("")
        self.lock = threading.Lock()
        self.values = {}

    def secret(self, name, value):
        assert len(value) >= 12, f"{name} is too short to be told from what is there by chance"
        with self.lock:
            self.values[value] = name

    def record(self, output, text):
        if not text:
            return
        text = text if isinstance(text, str) else text.decode("latin-1")
        test = os.environ.get("PYTEST_CURRENT_TEST", "no test").split(" ")[0]
        with self.lock, self.outputs.open("a") as kept:
            kept.write(json.dumps({"output": output, "test": test, "text": text}) + "\n")

    def leaks(self):
        """Which secret is where, by their names."""
        forms = {form: name for value, name in self.values.items() for form in forms_of(value)}
        if not forms:
            return []
        pattern = re.compile("|".join(map(re.escape, sorted(forms, key=len, reverse=True))))
        found = set()
        with self.outputs.open() as kept:
            for line in kept:
                entry = json.loads(line)
                place = pattern.sub("…", f"{entry['test']}: {entry['output']}")
                found.update(f"{place} holds {forms[match]}" for match in pattern.findall(entry["text"]))
        return sorted(found)


def forms_of(value):
    """As it is, and within base64, wherever in three bytes it begins."""
    yield value
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + value.encode()).decode().rstrip("=")
        yield text[(0, 2, 3)[shift]:len(text) - 1]


watch = None  # of this process, from pytest_configure on
made = {}


def secret(name):
    """A random value that must be in no output; the same at every call with this name."""
    if name not in made:
        made[name] = secrets.token_hex(16)
    if watch:
        watch.secret(name, made[name])
    return made[name]


def record(output, text):
    if watch:
        watch.record(output, text)


def record_store(store):
    """All that is in a store and not sealed."""
    store = pathlib.Path(store)
    for path in store.rglob("*"):
        inside = path.relative_to(store)
        if SEALED.isdisjoint(inside.parts) and path.is_file() and not path.is_symlink():
            with contextlib.suppress(FileNotFoundError):  # it was removed meanwhile
                record(f"the store's file {inside}", path.read_bytes())


# --- commands --------------------------------------------------------------------------------------------


def is_ours(words):
    """Whether a command runs the product, or shows what it said."""
    return any(os.path.basename(word) == "cofferdam" for word in words) or words[:2] == ["docker", "backup"]


def without_new_tokens(words, text):
    """What makes a token shows it; from there on it is a secret."""
    if "token" not in words or "create" not in words:
        return text
    for token in re.findall(r"[A-Za-z0-9_-]{40,}", text):
        watch.secret("a token that was made", token)
        text = text.replace(token, "")
    return text


class Pipe:
    """A process's output, kept as it is read."""

    def __init__(self, stream, keep):
        self.stream = stream
        self.keep = keep

    def kept(self, text):
        self.keep(text)
        return text

    def read(self, *size):
        return self.kept(self.stream.read(*size))

    def readline(self, *size):
        return self.kept(self.stream.readline(*size))

    def __iter__(self):
        for line in self.stream:
            yield self.kept(line)

    def __getattr__(self, name):
        return getattr(self.stream, name)


class WatchedProcess(subprocess.Popen):
    def __init__(self, args, *more, **options):
        self.words = [args] if isinstance(args, (str, os.PathLike)) else [str(word) for word in args]
        super().__init__(args, *more, **options)
        if is_ours(self.words):
            self.keep(" ".join(self.words), "the command line of")
            for name in ("stdout", "stderr"):
                if stream := getattr(self, name):
                    setattr(self, name, Pipe(stream, lambda text, name=name: self.keep(text, name + " of")))

    def keep(self, text, what):
        if text and watch:
            text = text if isinstance(text, str) else text.decode("latin-1")
            watch.record(f"{what} `{' '.join(map(os.path.basename, self.words))}`", without_new_tokens(self.words, text))

    def communicate(self, *input_, **options):
        outputs = super().communicate(*input_, **options)
        if is_ours(self.words):
            for name, text in zip(("stdout", "stderr"), outputs):
                self.keep(text, name + " of")
        return outputs


def drain(process):
    """What an ended process said and nobody has read; not waiting for others that hold its pipe."""
    for stream in (process.stdout, process.stderr):
        if stream and not stream.closed:
            os.set_blocking(stream.fileno(), False)
            with contextlib.suppress(TypeError):  # nothing there, and the pipe is open
                stream.read()


class Answer(http.client.HTTPResponse):
    def read(self, amount=None):
        body = super().read(amount)
        kind = self.headers.get_content_type() if self.headers else ""
        if watch and body and (kind.startswith("text/") or kind.endswith("json")):
            watch.record("an answer of HTTP", without_shown_tokens(body))
            watch.record("the headers of an answer of HTTP", without_cookie(self.headers))
        return body


def without_shown_tokens(body):
    """Of the one answer that shows a token; it is in an object of its own."""
    with contextlib.suppress(ValueError):
        said = json.loads(body)
        if isinstance(said, dict) and isinstance(said.get("token"), str):
            watch.secret("a token that was made", said["token"])
            return json.dumps({name: value for name, value in said.items() if name != "token"})
    return body


def without_cookie(headers):
    """The one header that gives a session to its owner."""
    for cookie in headers.get_all("Set-Cookie", []):
        value = cookie.split(";")[0].partition("=")[2]
        if len(value) >= 12:
            watch.secret("a session", value)
    return "".join(f"{name}: {value}\n" for name, value in headers.items() if name != "Set-Cookie")


# --- what is seen from outside ---------------------------------------------------------------------------


class CommandLines:
    """Looks now and then at the command lines of ours, and of the database clients that it starts."""

    def __init__(self):
        self.seen = set()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.go_on, daemon=True)
        self.thread.start()

    def go_on(self):
        while not self.over.wait(SAMPLE_SECONDS):
            for process in pathlib.Path("/proc").iterdir():
                with contextlib.suppress(OSError):
                    self.look(process)

    def end(self):
        self.over.set()
        self.thread.join()

    def look(self, process):
        if not process.name.isdigit():
            return
        line = (process / "cmdline").read_bytes()
        program = os.path.basename(line.partition(b"\0")[0].decode("latin-1"))
        if (program == "cofferdam" or program in DATABASE_PROGRAMS) and line not in self.seen:
            self.seen.add(line)
            record(f"the command line of a {program}", line.replace(b"\0", b" "))


class Helpers:
    """What `docker inspect` shows of every agent that an engine makes."""

    def __init__(self, host):
        self.environment = {**os.environ, "DOCKER_HOST": host}
        words = ["docker", "events", "--filter", "label=cofferdam.role=helper", "--filter", "event=start", "--format", "{{.ID}}"]
        self.events = subprocess.Popen(words, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True)
        self.thread = threading.Thread(target=self.go_on, daemon=True)
        self.thread.start()

    def go_on(self):
        for line in self.events.stdout:
            shown = subprocess.run(["docker", "inspect", line.strip()], env=self.environment, stdin=subprocess.DEVNULL,
                                   capture_output=True, text=True)
            record("`docker inspect` of an agent", shown.stdout)

    def end(self):
        self.events.kill()
        self.events.wait()
        self.thread.join()


# --- pytest ----------------------------------------------------------------------------------------------


def is_worker(config):
    return hasattr(config, "workerinput")


@pytest.hookimpl(trylast=True)  # once there is a folder for what tests leave
def pytest_configure(config):
    global watch  # subprocess and http.client know nothing of this configuration
    config.secret_leaks = []
    if is_worker(config) or not getattr(config.option, "numprocesses", None):
        process = os.environ.get("PYTEST_XDIST_WORKER", "alone")
        watch = Watch(config._tmp_path_factory.getbasetemp() / f"secret-watch-{process}")
        for name, value in made.items():
            watch.secret(name, value)
        subprocess.Popen = WatchedProcess
        http.client.HTTPConnection.response_class = Answer
        config.secret_lookers = [CommandLines()] + [Helpers(host) for host in engine_of(process)]


def engine_of(process):
    hosts = os.environ.get("COFFERDAM_ENGINES_26", "").split()
    return hosts[int(process.removeprefix("gw").replace("alone", "0")):][:1]


def pytest_sessionfinish(session):
    config = session.config
    if watch:
        for looker in config.secret_lookers:
            looker.end()
        config.secret_leaks += watch.leaks()
        if not config.secret_leaks:
            watch.outputs.unlink()  # it is large
    if is_worker(config):
        config.workeroutput["secret_leaks"] = config.secret_leaks
    elif config.secret_leaks:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    # A process that died has said nothing; its tests have failed by that.
    node.config.secret_leaks += getattr(node, "workeroutput", {}).get("secret_leaks", [])


def pytest_terminal_summary(terminalreporter, config):
    if config.secret_leaks:
        terminalreporter.section("secrets in outputs")
        for line in config.secret_leaks:
            terminalreporter.line(line)
