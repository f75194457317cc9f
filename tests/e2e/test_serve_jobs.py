"""`serve` does the work of commands: a job outlives whoever asked for it, and waits for its turn."""
import contextlib
import fcntl
import json
import os
import pty
import signal
import subprocess

import pytest

from stack import run


def jobs(stack):
    """By id."""
    return {job["id"]: job for job in json.loads(stack.cofferdam("jobs", "--json").stdout)}


def running_job(stack):
    (job,) = [job for job in jobs(stack).values() if job["state"] == "running"]
    return job


def wait_for(stack, *ids):
    for job in ids:
        stack.cofferdam("logs", "-f", job)
    known = jobs(stack)
    return [known[job]["state"] for job in ids]


@contextlib.contextmanager
def in_the_outage(stack, *words):
    """A command that works while it waits for a lock; what is in the block happens meanwhile."""
    with stack.locked_table(), stack.events("die") as events:
        command = stack.start_cofferdam(*words)
        events.wait_for("die files", "die reader")
        yield command


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGHUP])
def test_a_job_goes_on_when_its_command_is_killed(small, how):
    with in_the_outage(small, "create", "--name", "orphan") as command:
        known = running_job(small)
        os.kill(small.command_id("create", "--name", "orphan"), how)
        assert command.wait(60) == 128 + how
        assert running_job(small) == {**running_job(small), "id": known["id"], "started_by": "cli",
                                      "command": "cofferdam create --name orphan"}
    assert wait_for(small, known["id"]) == ["success"]
    assert [entry["name"] for entry in small.snapshots()] == ["orphan"]
    assert small.running() >= {"db", "files", "reader"}


def test_ctrl_c_cancels_and_a_second_one_leaves_the_job_alone(small):
    with in_the_outage(small, "create", "--name", "unwanted") as command:
        known = running_job(small)
        works, waits = small.processes("create", "--name", "unwanted")
        os.kill(works, signal.SIGSTOP)  # it has no time for its end yet
        os.kill(waits, signal.SIGINT)
        while "cancelling" not in command.stderr.readline():
            pass
        os.kill(waits, signal.SIGINT)
        assert command.wait(60) == 130
        assert jobs(small)[known["id"]]["state"] == "running"
        os.kill(works, signal.SIGCONT)
        assert wait_for(small, known["id"]) == ["cancelled"]
    small.wait_until_idle()
    assert small.snapshots() == []
    assert small.running() >= {"db", "files", "reader"}


def test_a_job_is_detached_or_queued_and_one_works_at_a_time(small):
    with small.locked_table(), small.events("die") as events:
        first = small.cofferdam("create", "--detach", "--name", "first").stdout.strip()
        second = json.loads(small.cofferdam("create", "--detach", "--queue", "--name", "second", "--json").stdout)
        events.wait_for("die files", "die reader")
        refused = small.cofferdam("create", "--detach", "--name", "third", check=False)
        unwanted = small.cofferdam("prune", "--yes", "--detach", "--queue").stdout.strip()

        assert second["state"] == "queued"
        assert (refused.returncode, refused.stdout) == (11, "") and "create first" in refused.stderr
        known = jobs(small)
        assert [known[job]["state"] for job in (first, second["job"], unwanted)] == ["running", "queued", "queued"]
        assert known[first]["phase"] and known[second["job"]]["phase"].startswith("waiting for its turn")
        text = small.cofferdam("jobs").stdout
        assert known[second["job"]]["phase"] in text and "queued" in text
        assert small.cofferdam("cancel", unwanted).stdout == f"job {unwanted}: cancelled\n"
    assert wait_for(small, first, second["job"]) == ["success", "success"]
    known = jobs(small)
    assert known[first]["finished_at"] <= known[second["job"]]["finished_at"]
    assert {one["component"] for one in known[first]["components"]} == {"volume files", "database db/openmapx"}
    assert all(one["finished"] for one in known[first]["components"])
    assert [entry["name"] for entry in small.snapshots()] == ["first", "second"]


def test_what_keeps_a_detached_job_from_beginning_is_said(small):
    done = small.cofferdam("create", "--detach", "--name", "one two", check=False)
    assert (done.returncode, done.stdout) == (2, "") and "no snapshot name" in done.stderr
    done = small.cofferdam("delete", "nothing", "--detach", check=False)
    assert done.returncode == 10


def test_a_question_is_asked_on_the_terminal_of_the_command(small):
    small.create("saved")

    def answered(text):
        ours, theirs = pty.openpty()
        words = ["docker", "exec", "--interactive", "--tty", small.container("cofferdam"), "/cofferdam", "delete", "saved"]
        with subprocess.Popen(words, env=small.environment(), stdin=theirs, stdout=theirs, stderr=theirs) as command:
            os.close(theirs)
            said = b""
            while b"[y/N]" not in said:
                said += os.read(ours, 4096)
            os.write(ours, text)
            return command.wait(60)

    assert answered(b"n\n") == 4
    assert [entry["name"] for entry in small.snapshots()] == ["saved"]
    assert answered(b"y\n") == 0
    assert small.snapshots() == []


def test_a_command_does_its_work_itself_where_its_store_is_another_one(small):
    """No `serve` of that store is alive, so what is done there is in its own book."""
    words = ["docker", "exec", "--env", "COFFERDAM_STORE=/backups/other", small.container("cofferdam"), "/cofferdam"]
    (small.backups / "other").mkdir()
    run(*words, "create", "--name", "elsewhere", env=small.environment())
    (job,) = json.loads(run(*words, "jobs", "--json", env=small.environment()).stdout)
    assert (job["state"], job["started_by"]) == ("success", "cli")
    assert jobs(small) == {}
    detached = run(*words, "verify", "elsewhere", "--detach", env=small.environment()).stdout.strip()
    run(*words, "logs", "-f", detached, env=small.environment())
    done = {job["id"]: job["state"] for job in json.loads(run(*words, "jobs", "--json", env=small.environment()).stdout)}
    assert done[detached] == "success"


def test_a_sidecar_that_is_stopped_cancels_the_jobs_that_wait(small):
    with open(small.backups / ".cofferdam/lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = small.cofferdam("create", "--name", "later", "--queue", "--detach").stdout.strip()
        assert jobs(small)[waiting]["state"] == "queued"
        small.compose("stop", "cofferdam")
    small.compose("up", "--detach", "--wait", "cofferdam")

    assert jobs(small)[waiting]["state"] == "cancelled"
    assert small.snapshots() == []
