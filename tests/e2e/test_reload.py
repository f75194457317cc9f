"""What `serve` is told while it runs: by a config file that changes, and by labels of containers that are made anew."""
import json
import time

import pytest

from stack import SMALL, fill, host_command, run
from test_access import Client
from test_monitoring import samples
from test_serve import Serve

NIGHTLY = "schedules:\n  nightly: {cron: '30 2 * * *'}\n"
OFTEN = NIGHTLY + "  often: {cron: '* * * * *'}\n"
WRONG = NIGHTLY + "  often: {cron: '99 * * * *'}\n"
YEARLY = NIGHTLY + "  often: {cron: '@yearly'}\n"


def asked(stack, *words, **settings):
    """What a command on this machine prints."""
    command, environment = host_command(stack, *words, "--json")
    return json.loads(run(*command, env={**environment, **settings}).stdout)


def wait_for_run(stack, schedule, seconds=120):
    """Until one has ended: looked at whenever something happens to the stack's containers, and now and then."""
    deadline = time.monotonic() + seconds
    with stack.events("start", "die") as events:
        while True:
            ended = [job for job in asked(stack, "jobs")
                     if job["started_by"] == f"schedule {schedule}" and job["state"] not in ("queued", "running")]
            if ended:
                return ended[0]
            assert time.monotonic() < deadline, asked(stack, "jobs")
            events.next(timeout=2)


def test_a_config_file_that_changes_is_in_force_as_a_whole_or_not_at_all(small, tmp_path):
    small.compose("stop", "cofferdam")
    config = tmp_path / "config.yaml"
    config.write_text(NIGHTLY)
    settings = {"COFFERDAM_CONFIG": str(config), "COFFERDAM_METRICS": "true"}
    with Serve(small, **settings) as serve:
        serve.wait_for(200)
        config.write_text(OFTEN)
        serve.wait_for_line("schedules: nightly, often")
        assert [one["name"] for one in asked(small, "schedule", "ls", **settings)] == ["nightly", "often"]

        config.write_text(WRONG)
        said = serve.wait_for_line("cannot be meant")
        assert "config file, line 3" in said and "stays in force" in said
        _, values = samples(serve)
        assert values[("cofferdam_config_last_reload_successful",)] == 0
        good_at = values[("cofferdam_config_last_reload_success_timestamp_seconds",)]
        assert values[("cofferdam_backup_next_run_timestamp_seconds", ("stack", small.project))] <= time.time() + 60

        serve.wait_for_line("schedule often: create often-")
        ran = wait_for_run(small, "often")
        assert ran["state"] == "success"

        config.write_text(YEARLY)
        serve.wait_for_line("schedules: nightly, often")
        _, values = samples(serve)
        assert values[("cofferdam_config_last_reload_successful",)] == 1
        assert values[("cofferdam_config_last_reload_success_timestamp_seconds",)] >= good_at
        assert values[("cofferdam_backup_next_run_timestamp_seconds", ("stack", small.project))] > time.time() + 60
        nightly, often = asked(small, "schedule", "ls", **settings)
        assert nightly["last"] is None
        assert often["last"]["snapshot"] in ran["command"] and often["last"]["exit_code"] == 0
        assert sum("cannot be meant" in line for line in serve.seen) == 1
    assert {"db", "files", "reader"} <= small.running()


def test_jobs_that_are_asked_for_over_http_expect_the_config_file(small, tmp_path):
    small.compose("stop", "cofferdam")
    config = tmp_path / "config.yaml"
    config.write_text(NIGHTLY)
    with Serve(small, COFFERDAM_CONFIG=str(config)) as serve:
        serve.wait_for(200)
        api = Client(serve, Authorization="Bearer " + asked(small, "token", "create", "test", "--scopes", "admin")["token"])
        config.unlink()
        assert "is gone" in api.json("POST", "/api/v1/snapshots", {"name": "less"}, status=400)["detail"]
        assert api.json("GET", "/api/v1/schedules") == [], "whoever puts it back may look"
        config.write_text(NIGHTLY)
        assert api.json("POST", "/api/v1/snapshots", {"name": "saved"}, status=202)["job"]
    small.wait_until_idle()


@pytest.fixture
def labelled(stacks, host, tmp_path):
    """The small stack with a schedule in a label, and one that cannot be meant."""
    text = SMALL.read_text().replace("\n  files:\n", '\n  files:\n    labels: {cofferdam.schedule.often: "* * * * *"}\n')
    text = text.replace("\n  db:\n", '\n  db:\n    labels: {cofferdam.schedule.wrong: "0 0 30 2 *"}\n')
    (tmp_path / "labelled.yml").write_text(text)
    stack = stacks(host, compose_file=tmp_path / "labelled.yml").up("db", "files", "reader")
    fill(stack)
    return stack


def test_labels_schedule_and_one_that_is_wrong_keeps_nobody_from_it(labelled, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("")
    with Serve(labelled, COFFERDAM_SCHEDULE="0 0 29 2 *", COFFERDAM_CONFIG=str(config)) as serve:
        said = serve.wait_for_line("not scheduled")
        assert "label cofferdam.schedule.wrong of service db" in said
        listed = {one["name"]: one for one in asked(labelled, "schedule", "ls", COFFERDAM_SCHEDULE="0 0 29 2 *")}
        assert set(listed) == {"default", "often", "wrong"}
        assert "label cofferdam.schedule.wrong of service db" in listed["wrong"]["problem"]
        assert listed["wrong"]["next"] is None and listed["often"]["problem"] is None

        serve.wait_for_line("schedule often: create often-")
        assert wait_for_run(labelled, "often")["state"] == "success"

        config.write_text("schedules: {")  # what it said stays in force, and labels are heeded nevertheless
        serve.wait_for_line("cannot be meant")
        text = labelled.compose_file.read_text()
        labelled.compose_file.write_text(text.replace('often: "* * * * *"', 'yearly: "@yearly"'))
        labelled.up("files")
        serve.wait_for_line("schedules: default, yearly")


def test_a_schedule_that_a_command_makes_runs_until_it_is_removed(small):
    small.compose("stop", "cofferdam")
    with Serve(small) as serve:
        serve.wait_for(200)
        token = asked(small, "token", "create", "test", "--scopes", "admin")["token"]
        api = Client(serve, Authorization="Bearer " + token)
        wrong = api.json("PUT", "/api/v1/schedules/often", {"cron": "0 0 30 2 *"}, status=400)
        assert wrong["code"] == "bad-request" and "never" in wrong["detail"], wrong
        often = {"cron": "* * * * *", "services": ["files"], "keep": ["last=1"]}
        assert api.ask("PUT", "/api/v1/schedules/often", often)[0] == 204
        serve.wait_for_line("schedules: often")
        (shown,) = api.json("GET", "/api/v1/schedules")
        assert (shown["name"], shown["services"], shown["made"]) == ("often", ["files"], True)
        serve.wait_for_line("schedule often: create often-")
        assert wait_for_run(small, "often")["state"] == "success"
        kept = asked(small, "prune", "--dry-run")["snapshots"]
        assert [one["reasons"] for one in kept], kept
        command, environment = host_command(small)
        run(*command, "schedule", "rm", "often", env=environment)
        serve.wait_for_line("schedules: none")
        assert api.json("GET", "/api/v1/schedules") == []
        assert api.json("DELETE", "/api/v1/schedules/often", status=404)["code"] == "not-found"
