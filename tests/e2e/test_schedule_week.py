"""A week of nights goes by in two minutes: the sidecar's clock is libfaketime's."""
import datetime
import glob
import json
import shutil
import socket
import subprocess
import tempfile
import time
import zoneinfo

import pytest

import s3_server
from fault_proxy import FaultProxy, Reset
from s3_bucket import Bucket
from stack import SMALL, Events, fill

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
(LIBRARY,) = glob.glob("/usr/lib/*-linux-gnu/faketime/libfaketimeMT.so.1")
CONFIG = """
schedules:
  daily:  {cron: "30 2 * * *", retention: {daily: 4}}
  weekly: {cron: "0 4 * * sun", retention: {weekly: 4}}
destinations:
  far: {endpoint: "http://127.0.0.1:%(port)d", bucket: %(bucket)s, access_key_id: %(key)s, secret_access_key: %(secret)s,
        upload: true, retention: {daily: 3}}
"""
YEAR = 366 * 24 * 3600
# For every process in the sidecar's container; agents have containers, and clocks, of their own.
ENVIRONMENT = """
    network_mode: host
    environment:
      COFFERDAM_LISTEN: 127.0.0.1:%(listen)d
      TZ: Europe/Berlin
      COFFERDAM_PRUNE_GRACE: "0"
      COFFERDAM_CONFIG: /week/config.yaml
      LD_PRELOAD: /week/libfaketime.so
      FAKETIME_TIMESTAMP_FILE: /week/clock
      FAKETIME_NO_CACHE: "1"
      FAKETIME_DONT_FAKE_MONOTONIC: "1"
      FAKETIME_DISABLE_SHM: "1"
      NO_FAKE_STAT: "1"
"""
# A schedule has done its work when what it prunes is told, at the destination last, or that it failed.
ENDS = ("nothing to drop", "removed from far daily-", "failed with exit code")


class Week:
    """A stack, and the clock that its sidecar goes by."""

    def __init__(self, folder, destination):
        self.clock = folder / "clock"
        shutil.copy(LIBRARY, folder / "libfaketime.so")
        (folder / "config.yaml").write_text(CONFIG % destination)
        self.compose_file = folder / "week.yml"
        self.compose_file.write_text(
            SMALL.read_text().replace("\n  cofferdam:\n", "\n  cofferdam:" + ENVIRONMENT % {"listen": free_port()})
            .replace("      - ${COFFERDAM_BACKUPS}", f"      - {folder}:/week:ro\n      - ${{COFFERDAM_BACKUPS}}")
            .replace("  files:\n", "  files:\n    labels: {cofferdam.hook.pre-backup: \"test ! -e /files/fail\"}\n", 1))
        self.stack = None

    def set_clock(self, *moment):
        """To what clocks in Berlin show."""
        there = datetime.datetime(*moment, tzinfo=BERLIN).timestamp()
        fresh = self.clock.with_name("next")
        fresh.write_text(f"{there - time.time():+.0f}\n")
        fresh.rename(self.clock)

    def nights(self):
        """SCHEDULE DAY HOUR of each snapshot, by Berlin's clocks, oldest first."""
        return nights_of(self.stack.snapshots())

    def copies(self):
        """The same of those that are whole at the destination."""
        there = json.loads(self.stack.cofferdam("list", "--remote", "--json").stdout)
        return nights_of(one for one in there if one["status"] == "success")

    def runs(self):
        """SCHEDULE DAY HOUR STATE of each run, oldest first."""
        jobs = json.loads(self.stack.cofferdam("jobs", "--json").stdout)
        done = [job for job in jobs if job["kind"] == "create"]
        return [f"{night(job['command'].split()[-1])} {job['state']}" for job in sorted(done, key=lambda job: job["started_at"])]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def nights_of(snapshots):
    return [night(one["name"]) for one in sorted(snapshots, key=lambda one: one["created_at"])]


def night(snapshot):
    schedule, moment = snapshot.rsplit("-", 1)
    there = datetime.datetime.strptime(moment + "+0000", "%Y%m%dT%H%M%SZ%z").astimezone(BERLIN)
    return f"{schedule} {there:%d %Hh %Z}"


@pytest.fixture
def storage():
    """Its clock is months ahead of the sidecar's."""
    folder = tempfile.mkdtemp(prefix="cofferdam-s3-", dir="/var/tmp")
    try:
        with s3_server.S3Server(folder, YEAR) as server, FaultProxy(server.port) as proxy:
            proxy.bucket = Bucket(server.port, "week").create()
            yield proxy
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def week(stacks, host, tmp_path, storage):
    made = Week(tmp_path, {"port": storage.port, "bucket": storage.bucket.name, "key": s3_server.ACCESS_KEY,
                           "secret": s3_server.SECRET_KEY})
    made.set_clock(2026, 10, 18, 22, 0)
    made.stack = stacks(host, compose_file=made.compose_file).up()
    fill(made.stack)
    return made


@pytest.fixture
def ends(week):
    """Lines of the sidecar's log that say that a schedule has done its work."""
    words = ["docker", "logs", "--follow", week.stack.container("cofferdam")]
    follower = subprocess.Popen(words, env=week.stack.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    yield Events(line for line in follower.stdout if any(end in line for end in ENDS))
    follower.kill()
    follower.wait()


def test_a_week_with_a_failing_night_storage_that_goes_away_and_a_change_of_the_clocks(week, storage, ends):
    """From Monday to Sunday, the 25th of October, when 02:30 comes twice."""
    for day in range(19, 26):
        if day == 20:
            storage.break_with(lambda _: Reset())
        if day == 22:
            storage.heal()
            assert week.copies() == ["daily 19 02h CEST"]
            week.stack.execute("files", "touch", "/files/fail")
        week.set_clock(2026, 10, day, 2, 30)
        said = ends.next(150)
        assert said, f"nothing ran on the {day}th"
        assert ("failed" in said) == (day == 22)
        if day == 22:
            week.stack.execute("files", "rm", "/files/fail")
    week.set_clock(2026, 10, 25, 4, 0)
    assert ends.next(150), "the weekly one did not run"

    assert week.runs() == [
        "daily 19 02h CEST success", "daily 20 02h CEST degraded", "daily 21 02h CEST degraded", "daily 22 02h CEST failed",
        "daily 23 02h CEST success", "daily 24 02h CEST success", "daily 25 02h CEST success", "weekly 25 04h CET success"]
    assert week.nights() == ["daily 21 02h CEST", "daily 23 02h CEST", "daily 24 02h CEST", "daily 25 02h CEST",
                             "weekly 25 04h CET"]
    assert week.copies() == ["daily 23 02h CEST", "daily 24 02h CEST", "daily 25 02h CEST", "weekly 25 04h CET"]
    files = sum(len([path for path in (week.stack.backups / one["name"]).rglob("*") if path.is_file()])
                for one in week.stack.snapshots() if night(one["name"]) in week.copies())
    assert len(storage.bucket.keys()) == files and storage.bucket.uploads() == []
    assert not list(week.stack.backups.glob(".cofferdam/copies/far/*.json"))
    assert not list((week.stack.backups / ".cofferdam/trash").iterdir())
    assert {"db", "files", "reader"} <= week.stack.running()
    (daily, weekly) = json.loads(week.stack.cofferdam("schedule", "ls", "--json").stdout)
    assert (daily["next"], daily["overdue_since"]) == ("2026-10-26T01:30:00Z", None)
    assert (weekly["next"], weekly["overdue_since"]) == ("2026-11-01T03:00:00Z", None)
