"""What was done is on record: how it went, what it told, and how to end it."""
import json
import subprocess

from stack import host_command, run


def jobs(stack):
    return json.loads(stack.cofferdam("jobs", "--json").stdout)


def running_job(stack):
    (job,) = [job for job in jobs(stack) if job["state"] == "running"]
    return job


def test_a_job_is_on_record_with_its_log(small):
    assert small.cofferdam("jobs").stdout == "no jobs\n"
    small.cofferdam("create", "--name", "one two", check=False)
    small.create("first")

    good, refused = jobs(small)

    assert good == {**good, "kind": "create", "state": "success", "started_by": "cli", "exit_code": 0, "message": None}
    assert good["command"].startswith("cofferdam create") and good["started_at"] <= good["finished_at"]
    assert refused == {**refused, "state": "failed", "exit_code": 2, "command": "cofferdam create --name 'one two'"}
    assert "no snapshot name" in refused["message"]
    log = small.cofferdam("logs", good["id"]).stdout
    assert "stopping" in log and "starting" in log
    told = [json.loads(line) for line in small.cofferdam("logs", "--json", refused["id"]).stdout.splitlines()]
    assert [line["kind"] for line in told] == ["error"]
    assert "create" in small.cofferdam("jobs").stdout
    assert small.cofferdam("logs", "nobody", check=False).returncode == 10
    assert small.cofferdam("cancel", good["id"], check=False).returncode == 4


def test_a_dry_run_is_no_job(small):
    small.create("first")
    before = jobs(small)
    small.cofferdam("restore", "first", "--stop-running", "--dry-run")
    small.cofferdam("verify", "first")
    (verified,) = jobs(small)[:-len(before)]
    assert verified["command"] == "cofferdam verify first"


def test_cancel_ends_a_job_as_ctrl_c_does_and_its_log_can_be_followed(small):
    with small.locked_table(), small.events("die") as events:
        job = small.start_cofferdam("create", "--name", "unwanted")
        events.wait_for("die files", "die reader")
        known = running_job(small)
        follower = small.start_cofferdam("logs", "-f", known["id"])
        cancelling = small.start_cofferdam("cancel", known["id"])
        assert cancelling.stderr.readline() == f"asked job {known['id']} to end\n"
        # Whoever holds the lock goes on holding it.
        assert cancelling.stdout.readline() == f"job {known['id']}: cancelled\n"
        assert job.wait(60) == 130
        assert follower.wait(60) == 0
    small.wait_until_idle()
    assert small.running() >= {"db", "files", "reader"}
    assert small.snapshots() == []
    (record,) = jobs(small)
    assert (record["state"], record["exit_code"]) == ("cancelled", 130)


def test_a_killed_job_was_interrupted(small):
    words, environment = host_command(small, "create", "--name", "killed")
    with small.locked_table(), small.events("die") as events:
        job = subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
        events.wait_for("die files", "die reader")
        known = running_job(small)
        elsewhere = small.cofferdam("cancel", known["id"], check=False)
        assert elsewhere.returncode == 4 and "another container" in elsewhere.stderr
        job.kill()
        job.wait()
    (record,) = jobs(small)
    assert record["id"] == known["id"]
    assert (record["state"], record["finished_at"], record["exit_code"]) == ("interrupted", None, None)
    small.wait_until_idle()
    words, environment = host_command(small, "commit", "--yes")
    run(*words, env=environment)  # its agents are of an instance of its own, which clears up after itself
    assert small.helpers() == []
    assert small.running() >= {"db", "files", "reader"}
