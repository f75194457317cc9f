"""What the API sends little by little: events as they happen, and snapshots as files."""
import hashlib
import http.client
import io
import json
import signal
import subprocess
import tarfile
import urllib.parse
from contextlib import ExitStack

import pytest

from stack import host_command, run
from test_access import PASSWORD, Client, log_in
from test_api import SETTINGS, asking, cofferdam, finished, serve  # noqa: F401  (serve is a fixture)
from test_serve import Serve


class Events:
    """One stream of events."""

    def __init__(self, api, last=None, path="/api/v1/events"):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(api.base).netloc, timeout=60)
        self.connection.request("GET", path, headers={**api.headers, **({"Last-Event-ID": last} if last else {})})
        self.answer = self.connection.getresponse()
        self.status = self.answer.status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer.close()
        self.connection.close()

    def next(self):
        """(event, id, data) of the next one; None: the stream has ended."""
        found = {}
        for line in self.answer:
            line = line.decode().rstrip("\n")
            if not line and "event" in found:
                return found["event"], found.get("id"), json.loads(found["data"])
            if not line:
                found = {}
            elif not line.startswith(":"):
                name, _, value = line.partition(": ")
                found[name] = value
        return None

    def until(self, wanted):
        """All up to the first that is wanted."""
        seen = []
        while True:
            event = self.next()
            assert event, seen
            seen.append(event)
            if wanted(event):
                return seen


def ended(job):
    return lambda event: event[0] == "job" and event[2]["job"]["id"] == job and event[2]["job"]["finished_at"]


def test_a_job_is_seen_live_and_what_was_missed_comes_again(serve, small):  # noqa: F811
    api = asking(serve, small)
    with Events(api) as events:
        assert events.answer.headers["Content-Type"].startswith("text/event-stream")
        assert events.answer.headers["X-Accel-Buffering"] == "no"
        kind, start, hello = events.next()
        assert (kind, hello["last"]) == ("hello", start)
        job = api.json("POST", "/api/v1/snapshots", {"name": "saved"}, status=202)["job"]
        seen = events.until(ended(job))
    states = [data["job"]["state"] for kind, _, data in seen if kind == "job" and data["job"]["id"] == job]
    assert states[0] == "running" and states[-1] == "success", states
    told = [data for kind, _, data in seen if kind == "log" and data["job"] == job]
    logged = api.json("GET", f"/api/v1/jobs/{job}/log")
    assert [one["number"] for one in told] == [one["number"] for one in logged]
    ids = [int(one[1].split(":")[1]) for one in seen]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    with Events(api, last=seen[2][1]) as again:
        kind, number, _ = again.next()
        assert (kind, number) == ("hello", None)
        assert [again.next() for _ in seen[3:]] == seen[3:]
    recent = api.json("GET", f"/api/v1/events/recent?after={seen[2][1]}")
    assert [(one["event"], one["id"], one["data"]) for one in recent["events"]][:len(seen) - 3] == seen[3:]
    assert recent["missed"] is False


def test_whoever_missed_too_much_is_told_so(serve, small):  # noqa: F811
    api = asking(serve, small)
    with Events(api, last="another:7") as events:
        assert [events.next()[0] for _ in range(2)] == ["hello", "resync"]
    assert api.json("GET", "/api/v1/events/recent?after=another:7")["missed"] is True
    assert api.json("GET", "/api/v1/events/recent?after=seven", status=400)["code"] == "bad-request"


def test_whoever_comes_back_after_a_restart_is_told_to_look_again(serve, small):  # noqa: F811
    api = asking(serve, small)
    with Events(api) as events:
        _, last, _ = events.next()
        serve.process.send_signal(signal.SIGKILL)
        serve.process.wait()
    with Serve(small, **SETTINGS) as again:
        again.wait_for(200)
        with Events(Client(again, **api.headers), last=last) as events:
            (kind, number, hello), (told, since, _) = events.next(), events.next()
            assert (kind, number, told, since) == ("hello", None, "resync", hello["last"])


def test_a_stream_ends_with_the_right_to_it(serve, small):  # noqa: F811
    made = json.loads(cofferdam(small, "token", "create", "eyes", "--scopes", "read", "--json").stdout)
    with Events(Client(serve, Authorization="Bearer " + made["token"])) as events:
        assert events.next()[0] == "hello"
        cofferdam(small, "token", "revoke", made["id"])
        assert events.next() is None  # within a heartbeat
    words, environment = host_command(small)
    subprocess.run([*words, "user", "set", "admin"], env=environment, input=PASSWORD + "\n", text=True, check=True)
    with Events(log_in(serve)) as events:
        assert events.next()[0] == "hello"
        cofferdam(small, "user", "rm", "admin")
        assert events.next() is None


def test_open_streams_hold_nobody_up_and_are_not_too_many(serve, small):  # noqa: F811
    api = asking(serve, small)
    with ExitStack() as all_of_them:
        streams = [all_of_them.enter_context(Events(api)) for _ in range(64)]
        assert all(one.next()[0] == "hello" for one in streams)
        with Events(api) as one_more:
            assert one_more.status == 503 and one_more.answer.headers["Retry-After"]
        assert api.json("GET", "/api/v1/events/recent")["events"] == []
        job = finished(small, api, api.json("POST", "/api/v1/snapshots", {"name": "saved"}, status=202))
        assert job["state"] == "success"
        for one in streams:
            one.until(ended(job["id"]))
    # Those that went are noticed by what is sent to them next.
    finished(small, api, api.json("POST", "/api/v1/snapshots", {"name": "next"}, status=202))
    with Events(api) as events:
        assert events.next()[0] == "hello"


def test_streams_end_when_the_sidecar_does(serve, small):  # noqa: F811
    with Events(asking(serve, small)) as events:
        assert events.next()[0] == "hello"
        serve.process.send_signal(signal.SIGTERM)
        assert events.next() is None
        assert serve.process.wait(30) == 0


@pytest.fixture
def saved(small):
    cofferdam(small, "create", "--name", "saved")
    return small.backups / "saved"


def files_below(folder):
    return {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}


def test_a_snapshot_is_downloaded_and_restored_elsewhere(serve, small, saved, tmp_path):  # noqa: F811
    api = asking(serve, small, "restore")
    status, headers, body = api.ask("GET", "/api/v1/snapshots/saved/archive")
    assert (status, headers["Content-Type"]) == (200, "application/x-tar")
    assert 'filename="saved.tar"' in headers["Content-Disposition"]
    assert int(headers["Content-Length"]) == len(body)
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        names = [member.name.removeprefix("./") for member in tar]
        tar.extractall(tmp_path / "store")
    assert names[-1] == "saved/manifest.json"
    expected = {name: path.read_bytes() for name, path in files_below(saved).items()}
    found = {name: path.read_bytes() for name, path in files_below(tmp_path / "store/saved").items()}
    assert found == expected
    words, environment = host_command(small)
    run(*words, "verify", "saved", env={**environment, "COFFERDAM_STORE": str(tmp_path / "store")})


def test_a_file_of_a_snapshot_is_downloaded_also_in_parts(serve, small, saved):  # noqa: F811
    api = asking(serve, small, "restore")
    for name, path in files_below(saved).items():
        url = "/api/v1/snapshots/saved/file?" + urllib.parse.urlencode({"path": name})
        status, headers, body = api.ask("GET", url)
        assert (status, body) == (200, path.read_bytes()), name
        assert headers["ETag"] == f'"{hashlib.sha256(body).hexdigest()}"'
        status, headers, rest = api.ask("GET", url, Range="bytes=7-")
        assert (status, rest) == (206, body[7:]), name
        assert headers["Content-Range"] == f"bytes 7-{len(body) - 1}/{len(body)}"
    for path in ("none", "../saved/manifest.json", "/etc/passwd"):
        asked = "/api/v1/snapshots/saved/file?" + urllib.parse.urlencode({"path": path})
        assert api.json("GET", asked, status=404)["code"] == "not-found", path


def test_a_download_that_fails_midway_never_ends_cleanly(serve, small, saved):  # noqa: F811
    api = asking(serve, small, "restore")
    artifact = next((saved / "volumes").iterdir())
    damaged = bytearray(artifact.read_bytes())
    damaged[-1] ^= 1
    artifact.write_bytes(damaged)
    for url in ("archive", f"file?path=volumes/{artifact.name}"):
        with pytest.raises(http.client.IncompleteRead):
            api.ask("GET", "/api/v1/snapshots/saved/" + url)
    with pytest.raises((http.client.IncompleteRead, ConnectionError, http.client.RemoteDisconnected)):
        api.ask("GET", f"/api/v1/snapshots/saved/file?path=volumes/{artifact.name}", Range=f"bytes={len(damaged) - 1}-")
    (saved / "manifest.json").write_text("{")
    assert api.json("GET", "/api/v1/snapshots/saved/archive", status=409)["code"] == "corrupt"


def test_only_who_may_restore_gets_the_data(serve, small, saved):  # noqa: F811
    for scope, status in (("read", 403), ("backup", 403), ("restore", 200)):
        assert asking(serve, small, scope).ask("GET", "/api/v1/snapshots/saved/archive")[0] == status
    entries = asking(serve, small).json("GET", "/api/v1/audit")["entries"]
    downloads = [one for one in entries if one["action"] == "download"]
    assert [(one["who"], one["object"], one["result"]) for one in downloads] == [
        ("token test", "saved", "asked"), ("token test", "saved", "ok")]
