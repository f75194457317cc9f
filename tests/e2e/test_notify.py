"""Telling people: signed, kept while nobody listens, and never a job's own trouble."""
import contextlib
import hashlib
import hmac
import http.server
import json
import os
import queue
import signal
import subprocess
import threading

import pytest

from stack import host_command, run
from test_serve import Serve, free_port

KEY = "the-signing-key-that-nobody-prints"
PATH = "/hooks/the-path-that-nobody-prints"


class Webhook:
    """A place for one URL; answers only while it is open."""

    def __init__(self):
        self.port = free_port()
        self.told = queue.Queue()

    @property
    def settings(self):
        url = f"http://127.0.0.1:{self.port}{PATH}#name=hook&on=success,failed&secret={KEY}"
        return {"COFFERDAM_NOTIFY": url, "COFFERDAM_NOTIFY_ALLOW": "127.0.0.1"}

    @contextlib.contextmanager
    def open(self):
        told = self.told

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                told.put((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            yield
            server.shutdown()
            thread.join()

    def next(self):
        """What it is told next, once its signature was checked."""
        path, headers, body = self.told.get(timeout=60)
        assert path == PATH
        signed = headers["X-Cofferdam-Timestamp"].encode() + b"." + body
        digest = hmac.new(KEY.encode(), signed, hashlib.sha256).hexdigest()
        assert headers["X-Cofferdam-Signature"] == "sha256=" + digest
        return json.loads(body)


@pytest.fixture
def webhook(small):
    small.compose("stop", "cofferdam")
    return Webhook()


def cofferdam(stack, webhook, *words):
    command, environment = host_command(stack, *words)
    return run(*command, env={**environment, **webhook.settings}, check=False)


def test_serve_tells_of_a_failure_once_somebody_listens(small, webhook):
    with Serve(small, **webhook.settings) as serve:
        assert cofferdam(small, webhook, "create", "--name", "saved").returncode == 0
        failed = cofferdam(small, webhook, "create", "--name", "saved")
        assert failed.returncode == 4, "the same as without anybody to tell"
        assert "notification" not in failed.stderr, "serve is there to deliver"
        assert "hook: " in serve.wait_for_line("kept for later")
        (standing,) = json.loads(cofferdam(small, webhook, "notify", "ls", "--json").stdout)
        assert (standing["name"], standing["waiting"], standing["delivered"]) == ("hook", 2, 0)
        with webhook.open():
            first, second = webhook.next(), webhook.next()
        assert (first["event"], first["snapshot"], first["project"]) == ("success", "saved", small.project)
        assert first["bytes"] > 0 and first["duration_seconds"] > 0
        assert (second["event"], second["job_kind"], second["snapshot"]) == ("failed", "create", "saved")
        assert "saved" in second["message"]
        jobs = json.loads(cofferdam(small, webhook, "jobs", "--json").stdout)
        assert {first["job"], second["job"]} <= {job["id"] for job in jobs}
        serve.process.send_signal(signal.SIGTERM)
        rest = serve.process.stderr.read()
        listed = cofferdam(small, webhook, "notify", "ls")
    seen = [failed.stdout, failed.stderr, rest, *serve.seen, listed.stdout, json.dumps(jobs)]
    seen += [path.read_bytes().decode(errors="replace") for path in (small.backups / ".cofferdam").glob("*.db*")]
    for text in seen:
        assert KEY not in text and PATH not in text


def test_serve_tells_of_a_job_that_was_killed(small, webhook):
    command, environment = host_command(small, "create", "--name", "killed")
    with webhook.open(), Serve(small, **webhook.settings) as serve:
        with small.locked_table(), small.events("die") as events:
            with subprocess.Popen(command, env={**environment, **webhook.settings}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) as job:
                events.wait_for("die files", "die reader")
                # The command waits; what works is a child of `serve`.
                works = run("pgrep", "--parent", str(serve.process.pid), "--full", "create --name killed").stdout
                os.kill(int(works), signal.SIGKILL)
                assert job.wait(60) == 128 + signal.SIGKILL
        told = webhook.next()
        assert (told["event"], told["job_kind"]) == ("failed", "create")
        assert "ended without a word" in told["message"]
        small.wait_until_idle()


def test_a_command_delivers_where_no_serve_does(small, webhook):
    quiet = cofferdam(small, webhook, "create", "--name", "first")
    assert quiet.returncode == 0
    assert "kept for later" in quiet.stderr
    with webhook.open():
        assert cofferdam(small, webhook, "notify", "test").stdout == "hook: told\n"
        assert webhook.next()["event"] == "test"
    tested = cofferdam(small, webhook, "notify", "test", "hook")
    assert tested.returncode == 14
    assert PATH not in tested.stderr and KEY not in tested.stderr
