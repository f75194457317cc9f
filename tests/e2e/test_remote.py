"""Copies of snapshots on a real S3 server, and on one whose network and answers are broken."""
import filecmp
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import uuid

import pytest

import s3_server
import secret_watch
from fault_proxy import Altered, Answer, Cut, FaultProxy, Hold, Reset, error
from s3_bucket import Bucket
from stack import REPOSITORY, SMALL, Stack, fill, host_command

# What retries cannot get through ends after about 10 s.
UNREACHABLE, INTEGRITY, LOCKED, NOT_FOUND, USAGE, DEGRADED, REFUSED = 14, 13, 11, 10, 2, 3, 4


@pytest.fixture(scope="module")
def server():
    # Not below /tmp, which may be without extended attributes.
    folder = tempfile.mkdtemp(prefix="cofferdam-s3-", dir="/var/tmp")
    try:
        with s3_server.S3Server(folder) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def proxy(server):
    with FaultProxy(server.port) as between:
        yield between


@pytest.fixture
def bucket(server):
    fresh = Bucket(server.port, "b" + uuid.uuid4().hex[:12]).create()
    yield fresh
    fresh.empty()


@pytest.fixture(scope="module")
def made(host):
    """A store with three snapshots; one file of `medium` goes in two parts, one of `large` in three."""
    stack = Stack(host, compose_file=SMALL)
    try:
        stack.up()
        fill(stack)
        stack.create("small")
        for name, megabytes in (("medium", 15), ("large", 40)):
            stack.execute("files", "dd", "if=/dev/urandom", "of=/files/more", "bs=1M", f"count={megabytes}", "status=none")
            stack.create(name)
        yield stack.backups
    finally:
        stack.close()


class Site:
    """A store of its own with those snapshots, and a destination."""

    def __init__(self, backups, folder, port, bucket):
        self.store, self.port = folder / "store", port
        for name in ("small", "medium", "large"):
            shutil.copytree(backups / name, self.store / name, copy_function=os.link)
        self.bucket = bucket
        self.settings = {"COFFERDAM_STORE": str(self.store), "COFFERDAM_S3_ENDPOINT": f"http://127.0.0.1:{port}",
                         "COFFERDAM_S3_BUCKET": bucket.name, "COFFERDAM_S3_ACCESS_KEY_ID": s3_server.ACCESS_KEY,
                         "COFFERDAM_S3_SECRET_ACCESS_KEY": s3_server.SECRET_KEY}

    def command(self, *words, **settings):
        binary = os.environ.get("COFFERDAM_BINARY", REPOSITORY / "build/dev/cofferdam")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("COFFERDAM_")}
        return subprocess.Popen([str(binary), *words], env={**inherited, **self.settings, **settings}, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *words, code=0, **settings):
        """What it said; no secret is in it."""
        command = self.command(*words, **settings)
        out, err = command.communicate(timeout=300)
        assert command.returncode == code, f"{words}: exit code {command.returncode}\n{out}\n{err}"
        assert s3_server.SECRET_KEY not in out + err
        return out + err

    def remote(self):
        return json.loads(self.run("list", "--remote", "--json"))

    def files(self, name):
        folder = self.store / name
        return {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}

    def expect_whole_copy(self, name):
        """Every file is there under one folder, its bytes too, and nothing is left begun."""
        keys = self.bucket.keys()
        files = self.files(name)
        (folder,) = {key.removesuffix("manifest.json") for key in keys if key.endswith("/manifest.json")}
        assert keys == {folder + path: file.stat().st_size for path, file in files.items()}
        for path, file in files.items():
            assert self.bucket.read(folder + path) == file.read_bytes(), path
        self.expect_nothing_owed()

    def expect_nothing_owed(self):
        assert self.bucket.uploads() == []
        assert list(self.store.glob(".cofferdam/copies/*/*.json")) == []

    def expect_same(self, name, other):
        files, came = self.files(name), {str(path.relative_to(other)): path for path in other.rglob("*") if path.is_file()}
        assert files.keys() == came.keys()
        assert all(filecmp.cmp(files[path], came[path], shallow=False) for path in files)


@pytest.fixture
def site(made, tmp_path, proxy, bucket):
    site = Site(made, tmp_path, proxy.port, bucket)
    yield site
    secret_watch.record_store(site.store)
    shutil.rmtree(tmp_path)  # pytest would keep it


# --- what is meant to work ----------------------------------------------------------------------------


def test_a_destination_is_tested(site):
    assert "the key can delete" in site.run("store", "test")
    assert site.bucket.keys() == {}
    assert "SignatureDoesNotMatch" in site.run("store", "test", code=1, COFFERDAM_S3_SECRET_ACCESS_KEY="another-secret")
    assert "no such bucket" in site.run("store", "test", code=1, COFFERDAM_S3_BUCKET="not-" + site.bucket.name)


@pytest.mark.parametrize("prefix", ["cofferdam/", "", "a b+c/\u00fc&=/"])
def test_a_copy_comes_back_byte_for_byte(site, tmp_path, prefix):
    site.settings["COFFERDAM_S3_PREFIX"] = prefix or "/"

    assert "copied large to s3" in site.run("copy", "large")

    site.expect_whole_copy("large")
    assert all(key.startswith(prefix + "large/") for key in site.bucket.keys())
    assert "is at s3 already" in site.run("copy", "large")
    (listed,) = site.remote()
    assert (listed["name"], listed["status"]) == ("large", "success")
    site.settings["COFFERDAM_STORE"] = str(tmp_path / "other")
    site.run("fetch", "large")
    site.expect_same("large", tmp_path / "other/large")
    site.run("verify", "large")
    assert "here already" in site.run("fetch", "large")
    site.run("fetch", "small", code=NOT_FOUND)


def test_a_snapshot_of_another_content_keeps_its_own_place(site, made, tmp_path):
    """Two machines write to one prefix: nothing of the other is touched, whatever its name."""
    site.run("copy", "large")
    site.bucket.write("cofferdam/large/somebody-elses", b"kept")
    other = Site(made, tmp_path / "other", site.port, site.bucket)
    shutil.rmtree(other.store / "large")
    (other.store / "small").rename(other.store / "large")
    other.run("copy", "large", code=INTEGRITY)  # its manifest says that it is `small`
    (other.store / "large").rename(other.store / "small")
    other.run("copy", "small")

    assert {one["name"] for one in site.remote()} == {"small", "large"}
    assert site.bucket.read("cofferdam/large/somebody-elses") == b"kept"


def test_one_copies_at_a_time(site, proxy):
    hold = Hold(threading.Event(), threading.Event())
    proxy.break_with(lambda request: hold if "partNumber=2" in request.path else None)
    first = site.command("copy", "large")
    assert hold.reached.wait(60)

    assert "held by" in site.run("copy", "small", code=LOCKED)

    hold.until.set()
    proxy.heal()
    first.communicate(timeout=120)
    assert first.returncode == 0
    site.expect_whole_copy("large")


# --- the network and the server fail --------------------------------------------------------------------

FAULTS = {"reset": Reset(), "lost answer": Reset(after=True), "503": error(503, "SlowDown")}


@pytest.mark.parametrize("fault", FAULTS)
def test_any_one_request_of_a_copy_fails(site, proxy, fault):
    proxy.heal()
    site.run("copy", "medium")
    for number in range(1, len(proxy.requests) + 1):
        site.bucket.empty()
        proxy.break_with(lambda request, number=number: FAULTS[fault] if request.number == number else None)
        site.run("copy", "medium")
        site.expect_whole_copy("medium")


def test_a_copy_killed_at_any_request_goes_on(site, proxy):
    proxy.heal()
    site.run("copy", "medium")
    for number in range(1, len(proxy.requests) + 1):
        site.bucket.empty()
        hold = Hold(threading.Event(), threading.Event())
        proxy.break_with(lambda request, number=number, hold=hold: hold if request.number == number else None)
        killed = site.command("copy", "medium")
        assert hold.reached.wait(60)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        hold.until.set()
        proxy.heal()
        for one in site.remote():
            whole = len(site.bucket.keys()) == len(site.files("medium"))
            assert (one["status"] == "success") == whole, number

        site.run("copy", "--pending")

        site.expect_whole_copy("medium")


def test_no_part_is_sent_twice_after_a_kill(site, proxy):
    hold = Hold(threading.Event(), threading.Event())
    proxy.break_with(lambda request: hold if "partNumber=3" in request.path else None)
    killed = site.command("copy", "large")
    assert hold.reached.wait(60)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    hold.until.set()
    proxy.heal()

    site.run("copy", "--pending")

    assert [request.path for request in proxy.requests if "partNumber=1" in request.path or "partNumber=2" in request.path] == []
    site.expect_whole_copy("large")


@pytest.mark.parametrize("answer", ["error in a 200", "cut"])
def test_the_end_of_an_upload_is_not_what_it_seems(site, proxy, answer):
    told = []

    def rule(request):
        if request.method == "POST" and "uploadId" in request.path and not told:
            told.append(request)
            return error(200, "InternalError") if answer == "error in a 200" else Cut(after=20)
        return None

    proxy.break_with(rule)

    site.run("copy", "large")

    assert told
    site.expect_whole_copy("large")


def test_an_upload_that_never_ends_well_is_no_copy(site, proxy):
    proxy.break_with(lambda request: error(200, "InternalError") if request.method == "POST" and "uploadId" in request.path else None)

    assert "InternalError" in site.run("copy", "large", code=UNREACHABLE)

    assert all(one["status"] == "incomplete" for one in site.remote())
    proxy.heal()
    site.run("copy", "--pending")
    site.expect_whole_copy("large")


def flipped(body):
    return body[:-1] + bytes([body[-1] ^ 1]) if body else body


def test_a_byte_flips_on_its_way_there(site, proxy):
    told = []

    def rule(request):
        if request.method == "PUT" and request.size and request.path.split("?")[0] not in told:
            told.append(request.path.split("?")[0])
            return Altered(request=flipped)
        return None

    proxy.break_with(rule)

    site.run("copy", "large")

    assert len(told) > 3
    site.expect_whole_copy("large")


def test_storage_that_names_another_digest_is_not_believed(site, proxy):
    def lie(headers):
        return {name: '"0123456789abcdef0123456789abcdef"' if name.lower() == "etag" else value for name, value in headers.items()}

    proxy.break_with(lambda request: Altered(headers=lie) if "partNumber=2" in request.path else None)

    site.run("copy", "large", code=INTEGRITY)

    assert all(one["status"] == "incomplete" for one in site.remote())


def test_a_byte_flips_on_its_way_back(site, proxy, tmp_path):
    site.run("copy", "large")
    site.settings["COFFERDAM_STORE"] = str(tmp_path / "other")
    proxy.break_with(lambda request: Altered(answer=flipped) if request.method == "GET" and "/volumes/" in request.path else None)

    site.run("fetch", "large", code=INTEGRITY)

    assert json.loads(site.run("list", "--json")) == []


def test_every_answer_of_a_fetch_is_cut_once(site, proxy, tmp_path):
    site.run("copy", "large")
    site.settings["COFFERDAM_STORE"] = str(tmp_path / "other")
    told = []

    def rule(request):
        mark = request.path + str(len([one for one in proxy.requests if one.path == request.path]))
        if request.method == "GET" and "list-type" not in request.path and len(told) < 12 and request.number % 2:
            told.append(mark)
            return Cut(after=7)
        return None

    proxy.break_with(rule)

    site.run("fetch", "large")

    assert len(told) > 3
    site.expect_same("large", tmp_path / "other/large")


def test_a_listing_that_leaves_something_out_destroys_nothing(site, proxy):
    site.run("copy", "large")
    keys = site.bucket.keys()
    proxy.break_with(lambda request: Answer(200, b"<ListBucketResult></ListBucketResult>") if "list-type" in request.path else None)

    assert site.remote() == []
    assert "is at s3 already" in site.run("copy", "large")
    proxy.break_with(lambda request: error(500, "InternalError") if "list-type" in request.path else None)
    site.run("list", "--remote", code=UNREACHABLE)

    assert site.bucket.keys() == keys


@pytest.mark.parametrize("code,what", [("ExpiredToken", "have expired"), ("AccessDenied", "may not do this"),
                                       ("RequestTimeTooSkewed", "clock is off by")])
def test_what_trying_again_does_not_help_is_tried_once(site, proxy, code, what):
    answer = error(403, code)
    answer.headers["Date"] = "Fri, 20 Nov 2026 02:00:00 GMT"
    proxy.break_with(lambda request: answer if request.method != "HEAD" else None)

    assert what in site.run("copy", "small", code=1)

    assert len([request for request in proxy.requests if request.method != "HEAD"]) == 1


def test_a_key_that_cannot_delete_copies(site, proxy):
    proxy.break_with(lambda request: error(403, "AccessDenied") if request.method == "DELETE" else None)

    assert "cannot delete" in site.run("store", "test")
    site.bucket.delete("cofferdam/cofferdam-store-test")
    site.run("copy", "large")

    site.expect_whole_copy("large")


def test_nothing_is_copied_to_a_portal_or_to_nobody(site, proxy):
    proxy.break_with(lambda request: Answer(200, b"<html>Welcome to the hotel</html>"))
    assert "not one of S3 storage" in site.run("copy", "small", code=UNREACHABLE)
    assert "resolve" in site.run("copy", "small", code=UNREACHABLE, COFFERDAM_S3_ENDPOINT="http://storage.invalid")
    proxy.heal()
    assert site.bucket.keys() == {}

    site.run("copy", "--pending")

    site.expect_whole_copy("small")


# --- retention ------------------------------------------------------------------------------------------


@pytest.fixture
def kept(site):
    """All three snapshots, and their copies; one that another store made lies below the same prefix."""
    for name in ("small", "medium", "large"):
        site.run("copy", name)
    site.settings.update(COFFERDAM_PROJECT=json.loads(site.run("show", "small", "--json"))["project"], COFFERDAM_S3_KEEP_LAST="1")
    site.bucket.write("cofferdam/notes.txt", b"not ours")
    return site


def prune(site, *words, code=0, **settings):
    return json.loads(site.run("prune", "--json", "--yes", "--confirm", *words, code=code, **settings))


def names_there(site):
    return [one["name"] for one in site.remote() if one["status"] == "success"]


def test_rules_of_a_destination_drop_there_alone(kept):
    (preview,) = prune(kept, "--dry-run")["destinations"]
    assert {one["name"].split("/")[0]: one["kept"] for one in preview["snapshots"]} == {"large": True, "medium": False, "small": False}
    assert len(names_there(kept)) == 3
    assert "more than half" in kept.run("prune", "--yes", code=REFUSED)
    assert len(names_there(kept)) == 3

    done = prune(kept)

    assert [name.split("/")[0] for name in done["destinations"][0]["removed"]] == ["small", "medium"]
    assert done["dropped"] == [] and len(json.loads(kept.run("list", "--json"))) == 3
    assert kept.bucket.read("cofferdam/notes.txt") == b"not ours"
    kept.bucket.delete("cofferdam/notes.txt")
    kept.expect_whole_copy("large")


def test_a_copy_of_another_store_is_neither_counted_nor_touched(kept, made, tmp_path):
    other = Site(made, tmp_path / "other", kept.port, kept.bucket)
    other.settings.update(kept.settings, COFFERDAM_STORE=str(other.store))

    assert prune(other)["destinations"][0]["snapshots"] == []

    assert len(names_there(kept)) == 3


def test_a_copy_whose_snapshot_is_pinned_during_a_prune_stays(kept, proxy):
    """It is pinned as the destination is listed: the store's own part is over by then."""
    def pin(request):
        if "list-type" in request.path:
            kept.run("pin", "small")

    proxy.break_with(pin)

    (done,) = prune(kept)["destinations"]

    assert [name.split("/")[0] for name in done["removed"]] == ["medium"]
    assert sorted(names_there(kept)) == ["large", "small"]


def test_a_copy_whose_snapshot_is_pinned_while_others_are_removed_stays(kept, proxy):
    def pin(request):
        if request.method == "DELETE":
            kept.run("pin", "medium")

    proxy.break_with(pin)

    (done,) = prune(kept)["destinations"]

    assert [name.split("/")[0] for name in done["removed"]] == ["small"]
    assert sorted(names_there(kept)) == ["large", "medium"]


def test_a_copy_may_be_the_only_one(kept):
    """The store is emptied: what is there is counted for itself."""
    for name in ("small", "medium", "large"):
        kept.run("delete", name, "--yes")

    prune(kept)

    assert names_there(kept) == ["large"]


@pytest.mark.parametrize("fault", FAULTS)
def test_any_one_request_of_a_prune_fails(kept, proxy, fault):
    proxy.heal()
    prune(kept)
    for number in range(1, len(proxy.requests) + 1):
        for name in ("small", "medium"):
            kept.run("copy", name)
        proxy.break_with(lambda request, number=number: FAULTS[fault] if request.number == number else None)
        prune(kept)
        proxy.heal()
        assert names_there(kept) == ["large"], number
    assert len(kept.bucket.keys()) == len(kept.files("large")) + 1


def test_a_prune_killed_at_any_request_goes_on(kept, proxy):
    proxy.heal()
    prune(kept)
    for number in range(1, len(proxy.requests) + 1):
        for name in ("small", "medium"):
            kept.run("copy", name)
        hold = Hold(threading.Event(), threading.Event())
        proxy.break_with(lambda request, number=number, hold=hold: hold if request.number == number else None)
        killed = kept.command("prune", "--yes", "--confirm")
        assert hold.reached.wait(60)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        hold.until.set()
        proxy.heal()
        for one in kept.remote():
            whole = sum(f"/{one['name']}/" in key for key in kept.bucket.keys()) == len(kept.files(one["name"]))
            assert (one["status"] == "success") == whole, number

        prune(kept)

        assert names_there(kept) == ["large"]
        assert len(kept.bucket.keys()) == len(kept.files("large")) + 1, number


@pytest.mark.parametrize("answer", [error(500, "InternalError"), Answer(200, b"<ListBucketResult><Contents>")], ids=["error", "cut"])
def test_a_listing_that_fails_removes_nothing(kept, proxy, answer):
    proxy.break_with(lambda request: answer if "list-type" in request.path else None)

    (told,) = prune(kept, code=DEGRADED)["destinations"]

    assert told["problem"] and told["removed"] == []
    proxy.heal()
    assert len(names_there(kept)) == 3


def test_a_listing_that_leaves_everything_out_removes_nothing(kept, proxy):
    proxy.break_with(lambda request: Answer(200, b"<ListBucketResult></ListBucketResult>") if "list-type" in request.path else None)

    assert prune(kept)["destinations"][0]["removed"] == []

    proxy.heal()
    assert len(names_there(kept)) == 3


def test_a_destination_that_is_away_keeps_nobody_from_pruning_here(kept, proxy):
    proxy.break_with(lambda _: Reset())

    done = prune(kept, code=DEGRADED, COFFERDAM_KEEP_LAST="2")

    assert done["dropped"] == ["small"]
    assert done["destinations"][0]["problem"]
    assert prune(kept, "--dry-run")["destinations"][0]["problem"]
    proxy.heal()
    assert len(names_there(kept)) == 3


def test_copies_that_the_key_may_not_delete_stay_and_are_told(kept, proxy):
    proxy.break_with(lambda request: error(403, "AccessDenied") if request.method == "DELETE" else None)

    (told,) = prune(kept, code=DEGRADED)["destinations"]

    assert [one["name"].split("/")[0] for one in told["withheld"]] == ["small", "medium"]
    assert len([request for request in proxy.requests if request.method == "DELETE"]) == 2
    proxy.heal()
    assert len(names_there(kept)) == 3


# --- beside captures and restores -----------------------------------------------------------------------


def on_host(stack, *words, code=0, **settings):
    command, environment = host_command(stack, *words)
    done = subprocess.run(command, env={**environment, **settings}, text=True, capture_output=True, stdin=subprocess.DEVNULL)
    assert done.returncode == code, f"{words}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert s3_server.SECRET_KEY not in done.stdout + done.stderr
    return done.stdout


def geolens(port, bucket):
    """GeoLens's own variables."""
    return {"BACKUP_S3_ENABLED": "true", "S3_ENDPOINT": f"http://127.0.0.1:{port}", "S3_BUCKET": bucket.name,
            "S3_ACCESS_KEY_ID": s3_server.ACCESS_KEY, "S3_SECRET_ACCESS_KEY": s3_server.SECRET_KEY, "S3_REGION": s3_server.REGION}


def test_a_stack_comes_back_from_a_destination_alone(small, proxy, bucket):
    settings = geolens(proxy.port, bucket)
    before = small.fingerprint()
    lines = [json.loads(line) for line in on_host(small, "create", "--name", "n", "--json", **settings).splitlines()]
    (copied,) = [line for line in lines if line["type"] == "copy"]
    assert (copied["snapshot"], copied["destination"], copied["outcome"]) == ("n", "s3", "copied")
    small.destroy()
    shutil.rmtree(small.backups / "n")
    small.up()

    on_host(small, "restore", "n", "--from", "s3", "--stop-running", "--yes", **settings)

    assert small.fingerprint() == before
    assert (small.backups / "n/manifest.json").exists()


def test_the_destination_is_away_during_a_capture(small, proxy, bucket):
    settings = geolens(proxy.port, bucket)
    running = []

    def away(_):
        running.append(small.running())
        return Reset()

    proxy.break_with(away)
    lines = [json.loads(line) for line in on_host(small, "create", "--name", "first", "--json", code=DEGRADED, **settings).splitlines()]

    assert [line["status"] for line in lines if line["type"] == "summary"] == ["success"]
    (copy,) = [line for line in lines if line["type"] == "copy"]
    assert copy["outcome"] == "failed" and copy["message"]
    assert running[0] == {"db", "files", "reader", "cofferdam"}, "they were back before anything was sent"
    assert [one["status"] for one in small.snapshots()] == ["success"]
    proxy.heal()

    lines = [json.loads(line) for line in on_host(small, "create", "--name", "second", "--json", **settings).splitlines()]

    assert [(line["snapshot"], line["outcome"]) for line in lines if line["type"] == "copy"] == [("first", "copied"), ("second", "copied")]
    assert {one["name"] for one in json.loads(on_host(small, "list", "--remote", "--json", **settings))} == {"first", "second"}
    assert bucket.uploads() == []


def test_a_destination_that_is_not_whole_is_refused_before_anything_stops(small, bucket):
    on_host(small, "create", code=USAGE, **{**geolens(1, bucket), "S3_SECRET_ACCESS_KEY": ""})

    assert small.snapshots() == []
