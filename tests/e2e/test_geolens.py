"""GeoLens: a catalogue of files, rows in PostGIS and files in a volume, that must come back as one."""
import json

import pytest

from stack import GEOLENS

CHANGING = "^(ingest_jobs|datasets)$"


@pytest.fixture
def geolens(stacks, host):
    stack = stacks(host, compose_file=GEOLENS).up("api", "worker", "cofferdam")
    stack.wait_for_rows(20, "catalog.datasets")
    # Something that stays as it is: extension tables, geometry, a sequence, a view.
    stack.sql("CREATE TABLE place AS SELECT g AS id, ST_SetSRID(ST_MakePoint(g, g / 2.0), 4326) AS at "
              "FROM generate_series(1, 80) g; CREATE INDEX ON place USING gist (at); "
              "INSERT INTO spatial_ref_sys (srid, proj4text) VALUES (990001, '+proj=longlat'); "
              "CREATE VIEW near AS SELECT id FROM place WHERE ST_X(at) < 10")
    return stack


def catalogue(stack):
    """What `geolens verify` finds; it fails if a row has no file, or another one."""
    return json.loads(stack.execute("api", "geolens", "verify").stdout)


def jobs(stack):
    return stack.sql("SELECT id, sha256 FROM catalog.ingest_jobs ORDER BY id").splitlines()


def started(stack, *services):
    return {name: stack.inspect(name)["State"]["StartedAt"] for name in services}


def test_a_catalogue_under_writes_comes_back_with_its_files(geolens):
    stack = geolens
    before, running = stack.fingerprint(except_for=CHANGING), stack.running()
    committed, database = len(jobs(stack)), started(stack, "db")

    summary = stack.create("night")
    lost = jobs(stack)

    assert summary["status"] == "success"
    assert set(summary["downtime_seconds"]) == {"api", "worker"}, "the database stays up"
    assert started(stack, "db") == database
    saved = {table["name"]: table["rows"] for table in stack.manifest("night")["databases"][0]["tables"]}
    assert saved["ingest_jobs"] >= committed

    stack.destroy()
    stack.up("api", "worker", "cofferdam")
    stack.cofferdam("restore", "night", "--stop-running", "--yes", timeout=600)

    report = catalogue(stack)
    assert report["ok"]
    assert report["upload"]["waiting"] + report["raster"]["waiting"] <= 2, "no files but those of rows to come"
    assert stack.fingerprint(except_for=CHANGING) == before
    assert stack.running() == running
    assert stack.helpers() == []
    found = jobs(stack)
    assert found[: saved["ingest_jobs"]] == lost[: saved["ingest_jobs"]], "what was committed, in its order"
    stack.wait_for_rows(len(found) + 10, "catalog.datasets")  # and the worker goes on
    assert catalogue(stack)["ok"]


def test_api_and_worker_stop_for_a_restore_and_the_database_does_not(geolens):
    stack = geolens
    stack.create("before")
    up = started(stack, "db", "api", "worker", "cofferdam")
    stack.wait_for_rows(40, "catalog.datasets")

    refused = stack.cofferdam("restore", "before", "--yes", check=False)
    assert refused.returncode == 4
    assert "api" in refused.stderr and "worker" in refused.stderr
    assert started(stack, *up) == up, "a refusal touches nothing"
    with stack.events("die") as events:
        stack.cofferdam("restore", "before", "--stop-running", "--yes", timeout=600)
        events.wait_for("die worker", "die api")

    now = started(stack, *up)
    assert {name for name in up if now[name] != up[name]} == {"api", "worker"}
    assert catalogue(stack)["ok"]
