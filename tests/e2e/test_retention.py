"""Rules drop snapshots, in two steps, and never the last good one."""
import json
import subprocess

import pytest

from stack import SMALL, Events, fill, host_command, run


def prune(stack, *words, **policy):
    """With these settings; the exit code and the document."""
    command, environment = host_command(stack, "prune", "--json", *words)
    done = run(*command, env={**environment, **policy}, check=False)
    return done.returncode, json.loads(done.stdout) if done.returncode == 0 else done.stderr


def kept(document):
    return {one["name"] for one in document["snapshots"] if one["kept"]}


def names(stack):
    return {one["name"] for one in stack.snapshots()}


@pytest.fixture
def three(small):
    for name in ("first", "second", "third"):
        small.create(name)
    return small


def test_rules_drop_and_a_grace_gives_back(three):
    keep_two = {"COFFERDAM_KEEP_LAST": "2"}

    assert prune(three)[1]["dropped"] == [], "no rule, no loss"
    code, preview = prune(three, "--dry-run", **keep_two)
    assert (code, kept(preview)) == (0, {"second", "third"})
    assert names(three) == {"first", "second", "third"}
    assert prune(three, **keep_two)[0] == 4, "there is no terminal to ask on"

    code, done = prune(three, "--yes", **keep_two)

    assert (code, done["dropped"]) == (0, ["first"])
    assert names(three) == {"second", "third"}
    (trash,) = (three.backups / ".cofferdam/trash").iterdir()
    assert trash.name.endswith(".first")
    trash.rename(three.backups / "first")
    three.cofferdam("verify", "first", "third")
    assert prune(three, "--yes", **keep_two)[1]["dropped"] == ["first"]
    code, done = prune(three, "--yes", COFFERDAM_PRUNE_GRACE="0", **keep_two)
    assert [one["name"] for one in done["removed"]] == ["first"]
    assert not list((three.backups / ".cofferdam/trash").iterdir())


def test_floors_hold(three):
    keep_one = {"COFFERDAM_KEEP_LAST": "1"}
    three.cofferdam("verify", "second")
    three.cofferdam("pin", "first")
    assert {one["name"]: one["pinned"] for one in three.snapshots()} == {"first": True, "second": False, "third": False}
    assert three.cofferdam("delete", "first", "--yes", check=False).returncode == 4

    code, done = prune(three, "--yes", **keep_one)

    assert (code, done["dropped"]) == (0, [])
    reasons = {one["name"]: one["reasons"] for one in done["snapshots"]}
    assert reasons == {"third": ["last", "newest good"], "second": ["newest verified"], "first": ["pinned"]}

    three.cofferdam("unpin", "first")
    assert names(three) == {"first", "second", "third"}
    three.cofferdam("verify", "third")
    code, text = prune(three, "--yes", **keep_one)
    assert code == 4 and "more than half" in text
    code, done = prune(three, "--yes", "--confirm", **keep_one)
    assert (code, done["dropped"]) == (0, ["first", "second"])


def test_nothing_goes_after_a_run_that_failed(stacks, host, tmp_path):
    hook = tmp_path / "hook.yml"
    hook.write_text(SMALL.read_text().replace(
        "  files:\n    image:", "  files:\n    labels: {cofferdam.hook.pre-backup: \"test ! -e /files/fail\"}\n    image:"))
    stack = stacks(host, compose_file=hook).up()
    fill(stack)
    for name in ("first", "second"):
        stack.create(name)
    stack.execute("files", "touch", "/files/fail")
    assert stack.cofferdam("create", "--name", "failed", check=False).returncode == 1

    code, text = prune(stack, "--yes", COFFERDAM_KEEP_LAST="1")

    assert code == 4 and "create failed" in text
    stack.execute("files", "rm", "/files/fail")
    stack.create("good-again")
    code, done = prune(stack, "--yes", "--confirm", COFFERDAM_KEEP_LAST="1")
    assert (code, done["dropped"]) == (0, ["first", "second"])


def test_serve_removes_what_is_past_its_grace(small):
    for name in ("first", "second"):
        small.create(name)
    assert prune(small, "--yes", COFFERDAM_KEEP_LAST="1")[1]["dropped"] == ["first"]
    (trash,) = (small.backups / ".cofferdam/trash").iterdir()
    trash.rename(trash.with_name("20260101T000000Z.first"))

    small.compose("restart", "--timeout", "5", "cofferdam")

    words = ["docker", "logs", "--follow", small.container("cofferdam")]
    follower = subprocess.Popen(words, env=small.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        said = Events(line for line in follower.stdout if "removed snapshot first" in line)
        assert said.next(60), "serve removed nothing"
    finally:
        follower.kill()
        follower.wait()
    assert not list((small.backups / ".cofferdam/trash").iterdir())
