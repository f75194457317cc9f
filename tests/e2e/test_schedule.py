"""Schedules: they run by themselves in the sidecar, and make up for what they missed."""
import datetime
import json
import time

import pytest

from stack import SMALL, fill


@pytest.fixture
def scheduled(stacks, host, tmp_path):
    """The small stack with a schedule that is due every minute."""
    text = SMALL.read_text().replace("\n  cofferdam:\n", '\n  cofferdam:\n    environment: {BACKUP_SCHEDULE: "* * * * *", TZ: '
                                     '"Asia/Kathmandu", COFFERDAM_KEEP_LAST: "1"}\n')
    (tmp_path / "scheduled.yml").write_text(text)
    stack = stacks(host, compose_file=tmp_path / "scheduled.yml").up("db", "files", "reader")
    fill(stack)
    return stack.up("cofferdam")


@pytest.fixture
def patient(stacks, host, tmp_path):
    """The small stack with a schedule that is due in no test."""
    text = SMALL.read_text().replace("\n  cofferdam:\n", '\n  cofferdam:\n    environment: {BACKUP_SCHEDULE: "0 0 29 2 *"}\n')
    (tmp_path / "patient.yml").write_text(text)
    stack = stacks(host, compose_file=tmp_path / "patient.yml").up("db", "files", "reader")
    fill(stack)
    return stack.up("cofferdam")


def schedule(stack):
    (one,) = json.loads(stack.cofferdam("schedule", "ls", "--json").stdout)
    return one


def jobs(stack, kind):
    return [job for job in json.loads(stack.cofferdam("jobs", "--json").stdout)
            if job["kind"] == kind and job["state"] != "running"]


def wait_for_jobs(stack, kind, more_than, seconds=200):
    """Until more have ended: looked at whenever something happens to the stack's containers, and now and then."""
    deadline = time.monotonic() + seconds
    with stack.events("start", "die") as events:
        while len(jobs(stack, kind)) <= more_than:
            assert time.monotonic() < deadline, stack.docker("logs", stack.container("cofferdam")).stderr
            events.next(timeout=2)
    return jobs(stack, kind)


def test_a_schedule_captures_by_itself_and_prunes(scheduled):
    done = wait_for_jobs(scheduled, "create", 1)
    assert {job["state"] for job in done} == {"success"}
    assert {job["started_by"] for job in done} == {"schedule default"}
    one = schedule(scheduled)
    assert one == {**one, "name": "default", "cron": "* * * * *", "time_zone": "Asia/Kathmandu", "overdue_since": None}
    assert one["last"]["snapshot"].startswith("default-")
    assert {"db", "files", "reader"} <= scheduled.running()
    wait_for_jobs(scheduled, "prune", 0)
    times = json.loads(scheduled.cofferdam("schedule", "next", "--json").stdout)[0]["next"]
    assert len(times) == 5 and times == sorted(times)


def test_a_run_by_hand_counts_as_a_capture_of_the_schedule(patient):
    assert schedule(patient)["succeeded_at"] is None
    patient.cofferdam("schedule", "run", "default")
    one = schedule(patient)
    assert one["succeeded_at"] and one["last"] is None
    (job,) = jobs(patient, "create")
    assert (job["state"], job["started_by"]) == ("success", "cli")


def test_docker_stop_ends_a_scheduled_run_and_it_is_made_up_for(scheduled):
    with scheduled.locked_table(), scheduled.events("die") as events:
        events.wait_for("die files", "die reader", timeout=200)
        scheduled.compose("stop", "cofferdam")
    assert {"db", "files", "reader"} <= scheduled.running()
    assert not list(scheduled.backups.glob("*/manifest.json"))
    scheduled.compose("start", "cofferdam")
    made_up_for = wait_for_jobs(scheduled, "create", 1)[0]
    assert made_up_for["state"] == "success"
    up_since = datetime.datetime.fromisoformat(scheduled.inspect("cofferdam")["State"]["StartedAt"][:19] + "Z")
    settled = datetime.datetime.fromisoformat(made_up_for["started_at"]) - up_since
    assert settled >= datetime.timedelta(seconds=59), "others may still be starting"
    assert {"db", "files", "reader"} <= scheduled.running()
