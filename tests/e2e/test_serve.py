"""The sidecar's own life: it serves before there is an engine, and looks after what others left."""
import json
import os
import select
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from secret_watch import drain
from stack import REPOSITORY, engine_name, host_command, run


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Serve:
    """`cofferdam serve` on this machine."""

    def __init__(self, stack, **settings):
        self.port = free_port()
        words, environment = host_command(stack, "serve")
        self.environment = {**environment, "COFFERDAM_LISTEN": f"127.0.0.1:{self.port}", **settings}
        self.process = subprocess.Popen(words, env=self.environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        text=True)
        self.seen = []
        self.wait_for_line("serves")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        drain(self.process)

    def wait_for_line(self, words):
        """The next line of its log that has them."""
        for line in self.process.stderr:
            self.seen.append(line)
            if words in line:
                return line
        raise AssertionError(f"it ended without {words}: {self.seen}")

    def get(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def wait_for(self, status, text="", seconds=60):
        """Until /readyz answers so; what it says then."""
        deadline = time.monotonic() + seconds
        while True:
            found, said = self.get("/readyz")
            if found == status and text in said:
                return said
            assert time.monotonic() < deadline, (found, said)
            select.select([], [], [], 0.2)


def test_serve_waits_for_its_engine_and_then_brings_back_what_a_dead_job_left_down(small):
    name = engine_name(small.host)
    small.compose("stop", "cofferdam")
    words, environment = host_command(small, "create", "--name", "killed")
    with small.locked_table(), small.events("die") as events:
        job = subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
        events.wait_for("die files", "die reader")
        job.kill()
        job.wait()
    run(REPOSITORY / "scripts/engine", "kill", name)
    with Serve(small) as serve:
        try:
            said = serve.wait_for(503, "cannot reach")
            assert small.host in said, "an operator reads which engine is meant"
            asked = run(words[0], "health", env=serve.environment, check=False)
            assert asked.returncode == 0, "a restart of the sidecar would bring no engine back"
        finally:
            run(REPOSITORY / "scripts/engine", "up", name)
        serve.wait_for(200, "ok")
        small.wait_until_idle()
        # An engine that starts brings back `always`, but not what was stopped and is `unless-stopped`. The database
        # went down with the engine and comes back by itself.
        assert small.running() >= {"files", "reader"}
        assert small.helpers() == []
        assert not list(small.backups.glob(".*.partial"))
        assert run(words[0], "health", env=serve.environment).returncode == 0
        os.kill(serve.process.pid, signal.SIGTERM)
        assert serve.process.wait(timeout=30) == 0


def test_serve_finishes_a_drop_whose_command_was_killed(small):
    small.create("saved")
    small.cofferdam("restore", "saved", "--stop-running", "--yes")
    command, environment = host_command(small, "commit", "--yes")
    helpers = ["docker", "events", "--since", f"{time.time():.3f}", "--filter", "label=cofferdam.role=helper", "--filter",
               "event=start", "--format", "{{.ID}}"]
    with subprocess.Popen(helpers, env=small.environment(), stdout=subprocess.PIPE) as started:
        with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as dropping:
            started.stdout.readline()
            dropping.kill()
        started.kill()
    assert dropping.returncode == -signal.SIGKILL

    small.wait_until_idle()

    assert json.loads(small.cofferdam("points", "--json").stdout) == []
    assert small.helpers() == []
    left = small.sql("SELECT string_agg(datname, ' ') FROM pg_database WHERE NOT datistemplate")
    assert sorted(left.split()) == ["openmapx", "postgres"]
