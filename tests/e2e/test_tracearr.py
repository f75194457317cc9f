"""Tracearr: TimescaleDB with its own restore, a cache, and an application that waits for both in maintenance mode.

The image of the database has a stand-in for TimescaleDB (tests/images/timescale).
"""
import json

import pytest

from stack import TRACEARR


@pytest.fixture
def tracearr(stacks, host):
    stack = stacks(host, compose_file=TRACEARR).up()
    stack.wait_for_rows(20, "play")
    return stack


def plays(stack):
    """What `tracearr verify` finds; it fails if they are not a whole history."""
    return json.loads(stack.execute("tracearr", "tracearr", "verify").stdout)


def history(stack):
    return stack.sql("SELECT n, sum FROM play ORDER BY n").splitlines()


def chunks(stack):
    return stack.sql("SELECT table_name || ' ' || range_start FROM _timescaledb_catalog.chunk ORDER BY 1").splitlines()


def test_plays_under_way_come_back_in_their_chunks(tracearr):
    stack = tracearr
    stack.execute("redis", "valkey-cli", "set", "library", "films")
    running, committed = stack.running(), len(history(stack))

    summary = stack.create("evening")
    lost, lost_chunks = history(stack), chunks(stack)

    assert summary["status"] == "success"
    assert set(summary["downtime_seconds"]) == {"tracearr", "redis"}, "the database stays up"
    database = stack.manifest("evening")["databases"][0]
    assert [one["version"] for one in database["extensions"] if one["name"] == "timescaledb"] == ["2.22.1"]
    saved = sum(table["rows"] for table in database["tables"] if table["name"].startswith("_hyper_1_"))
    assert saved >= committed

    stack.destroy()
    stack.up()
    stack.cofferdam("restore", "evening", "--stop-running", "--yes", timeout=600)

    found = history(stack)
    assert found[:saved] == lost[:saved], "what was committed, in its order"
    assert chunks(stack)[: len(lost_chunks)] == lost_chunks
    assert stack.execute("redis", "valkey-cli", "get", "library").stdout.strip() == "films"
    assert stack.running() == running
    assert stack.helpers() == []
    settings = stack.sql("SELECT count(*) FROM pg_db_role_setting WHERE array_to_string(setconfig, ',') LIKE '%restoring%'")
    assert settings == "0", "the server is not left in the middle of a restore"
    stack.wait_for_rows(len(found) + 20, "play")
    assert plays(stack)["ok"]


def test_a_retention_policy_does_not_delete_what_was_restored(tracearr):
    stack = tracearr
    # Its rows grow too old while the snapshot lies there; here it is the snapshot that is taken late.
    stack.compose("stop", "tracearr")
    stack.sql("INSERT INTO library_snapshot SELECT n, now() - n * interval '10 days' FROM generate_series(1, 100) n")
    stack.create("old")
    stack.compose("start", "tracearr")
    stack.wait_until_sql("SELECT count(*) < 50 FROM library_snapshot", "the policy deletes them")

    stack.cofferdam("restore", "old", "--stop-running", "--yes", timeout=600)

    runs = "SELECT runs FROM _timescaledb_internal.bgw_job_stat WHERE job_id = 1"
    before = int(stack.sql(runs) or 0)
    stack.wait_until_sql(f"SELECT coalesce(({runs}), 0) > {before}", "the workers run again")
    assert stack.sql("SELECT count(*) FROM library_snapshot") == "100"
    stack.sql("SELECT alter_job(1000, scheduled => true)")
    stack.wait_until_sql("SELECT count(*) < 50 FROM library_snapshot", "now it may")


def test_the_application_goes_on_when_only_its_database_is_replaced(tracearr):
    stack = tracearr
    stack.create("before")
    started = stack.inspect("timescale")["State"]["StartedAt"]

    stack.cofferdam("restore", "before", "--services", "timescale", "--stop-running", "--yes", timeout=600)

    stack.wait_for_rows(plays(stack)["plays"] + 20, "play")
    assert plays(stack)["ok"]
    assert stack.inspect("timescale")["State"]["StartedAt"] == started
    assert stack.inspect("tracearr")["State"]["Status"] == "running"


def test_another_version_of_timescaledb_is_refused_before_anything_is_touched(tracearr):
    stack = tracearr
    stack.create("newer")
    stack.execute("timescale", "rm", "/usr/share/postgresql/17/extension/timescaledb--2.22.1.sql")
    started = stack.inspect("tracearr")["State"]["StartedAt"]

    done = stack.cofferdam("restore", "newer", "--stop-running", "--yes", check=False)

    assert done.returncode == 4, done.stderr
    assert "TimescaleDB 2.22.1" in done.stderr and "the server has 2.11.2, 2.17.2" in done.stderr
    assert stack.inspect("tracearr")["State"]["StartedAt"] == started
    assert plays(stack)["ok"]
