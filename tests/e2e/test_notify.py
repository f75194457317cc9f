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

from secret_watch import secret
from stack import host_command, run
from test_serve import Serve, free_port

KEY = secret("the signing key of the webhook")
PATH = "/hooks/" + secret("the path of the webhook")


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
            thread = threading.Thread(target=server.serve_forever, daemon=True)
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


def test_the_first_success_after_a_failure_is_a_recovery(small, webhook):
    settings = {**webhook.settings, "COFFERDAM_NOTIFY": webhook.settings["COFFERDAM_NOTIFY"].replace("on=", "on=recovered,")}
    command, environment = host_command(small)

    def create(name):
        run(*command, "create", "--name", name, env={**environment, **settings}, check=False)
        told = webhook.next()
        return told["event"], told["snapshot"]

    with webhook.open():
        assert create("one") == ("success", "one")
        assert create("one") == ("failed", "one")
        assert create("two") == ("recovered", "two")
        assert create("three") == ("success", "three")


@contextlib.contextmanager
def answering(answer):
    """A service that answers every request so; its port, and the paths that it was asked for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.path)
            answer(self)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, asked
        server.shutdown()


def failing(handler):
    handler.send_error(500)


def redirecting(to):
    def answer(handler):
        handler.send_response(307)
        handler.send_header("Location", to)
        handler.end_headers()
    return answer


def test_services_that_fail_redirect_or_hang_change_no_job(small):
    small.compose("stop", "cofferdam")
    over = threading.Event()
    with (answering(failing) as (broken, _), answering(lambda _: over.wait()) as (hung, _), answering(failing) as (inner, inside),
          answering(redirecting(f"http://127.0.0.1:{inner}/inside")) as (moved, asked)):
        urls = " ".join(f"http://127.0.0.1:{port}/#name={name}&on=success"
                        for name, port in (("broken", broken), ("moved", moved), ("hung", hung)))
        settings = {"COFFERDAM_NOTIFY": urls, "COFFERDAM_NOTIFY_ALLOW": "127.0.0.1"}
        command, environment = host_command(small)
        done = run(*command, "create", "--name", "saved", env={**environment, **settings})
        over.set()
        assert done.stderr.count("kept for later") == 3
        assert asked == ["/"] and inside == [], "where a redirect leads nobody goes"
        standings = json.loads(run(*command, "notify", "ls", "--json", env={**environment, **settings}).stdout)
        assert [(one["name"], one["waiting"], one["failed_attempts"]) for one in standings] == [("broken", 1, 1), ("moved", 1, 1), ("hung", 1, 1)]
        (job,) = json.loads(run(*command, "jobs", "--json", env={**environment, **settings}).stdout)
        assert (job["kind"], job["state"]) == ("create", "success")
        assert [one["status"] for one in json.loads(run(*command, "list", "--json", env=environment).stdout)] == ["success"]


def test_serve_tells_that_the_store_is_nearly_full(small, webhook):
    settings = {**webhook.settings, "COFFERDAM_NOTIFY": webhook.settings["COFFERDAM_NOTIFY"].replace("on=", "on=storage_low,"),
                "COFFERDAM_STORAGE_LOW": "1000000g"}
    with webhook.open(), Serve(small, **settings):
        told = webhook.next()
    assert (told["event"], told["job_kind"], told["project"]) == ("storage_low", "", small.project)
    assert " are free where snapshots are kept" in told["message"]


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
