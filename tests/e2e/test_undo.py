"""Restores that swap, roll back by themselves, and can be undone."""
import json
import os



RUNNING = {"db", "files", "reader", "cofferdam"}


def change(stack):
    """What is written after a snapshot."""
    stack.sql("INSERT INTO thing VALUES (999, 'since')")
    (stack.mountpoint("files") / "since").write_text("since")


def is_changed(stack):
    """Whether the data is what change() made of it; both halves must agree."""
    row = stack.sql("SELECT count(*) FROM thing WHERE n = 999") == "1"
    file = (stack.mountpoint("files") / "since").exists()
    assert row == file, "half restored"
    return row


def points(stack):
    return json.loads(stack.cofferdam("points", "--json").stdout)


def kept_places(stack):
    return [name for name in os.listdir(stack.mountpoint("files").parent) if name != "_data"]


def databases(stack):
    return set(stack.sql("SELECT string_agg(datname, ' ') FROM pg_database WHERE NOT datistemplate").split())


def test_a_bad_upgrade_is_taken_back_and_forth(small):
    small.create("before")
    change(small)
    small.cofferdam("restore", "before", "--stop-running", "--yes")
    assert not is_changed(small)
    [point] = points(small)
    assert point["kind"] == "restore" and point["snapshot"] == "before" and point["bytes"] > 0

    undone = json.loads(small.cofferdam("undo", "--yes", "--json").stdout.splitlines()[-1])
    assert is_changed(small)
    assert undone["type"] == "summary" and undone["status"] == "success"
    assert small.cofferdam("undo", "--yes", check=False).returncode == 10, "there is nothing more to undo"

    small.cofferdam("undo", undone["point"]["point"], "--yes")
    assert not is_changed(small)
    assert small.running() == RUNNING

    small.cofferdam("commit", "--yes")
    assert points(small) == []
    assert kept_places(small) == []
    assert databases(small) == {"openmapx", "postgres"}
    assert not is_changed(small)
    assert small.helpers() == []


def test_a_plan_is_shown_executed_as_shown_and_refused_once_it_changed(small):
    small.create("planned")
    change(small)
    shown = small.cofferdam("restore", "planned", "--stop-running", "--dry-run").stdout
    document = json.loads(small.cofferdam("restore", "planned", "--stop-running", "--dry-run", "--json").stdout)
    assert document["hash"] in shown.splitlines()[-1]
    assert "lost unless undone" in shown and "free there" in shown
    assert is_changed(small), "a dry run does nothing"

    small.compose("stop", "reader")
    refused = small.cofferdam("restore", "planned", "--stop-running", "--plan", document["hash"], check=False)
    assert refused.returncode == 4 and "--dry-run" in refused.stderr
    assert is_changed(small)

    small.compose("start", "reader")
    again = json.loads(small.cofferdam("restore", "planned", "--stop-running", "--dry-run", "--json").stdout)
    assert again["hash"] == document["hash"]
    small.cofferdam("restore", "planned", "--stop-running", "--plan", document["hash"])
    assert not is_changed(small)


def test_a_service_that_does_not_run_with_the_restored_data_rolls_it_back(small):
    """R2: the snapshot holds what the service does not start with."""
    poison = small.mountpoint("files") / "refuse-to-be-well"
    poison.write_text("what the service's health check looks for")
    small.create("poisoned")
    poison.unlink()
    small.up()
    change(small)

    failed = small.cofferdam("restore", "poisoned", "--stop-running", "--yes", check=False)

    assert failed.returncode == 1 and "rolled back" in failed.stderr, failed.stderr
    assert small.open_jobs() == 0, "the command leaves nothing for the next one to finish"
    assert is_changed(small)
    assert not poison.exists()
    assert small.running() == RUNNING
    assert points(small) == []
    assert kept_places(small) == []
    assert databases(small) == {"openmapx", "postgres"}


def test_a_copy_lies_beside_the_live_data(small):
    small.create("copied")
    change(small)
    before = small.inspect("files")["State"]["StartedAt"]

    small.cofferdam("restore", "copied", "--as-copy", "tuesday", "--yes")

    assert is_changed(small)
    assert small.inspect("files")["State"]["StartedAt"] == before, "nobody was stopped"
    assert "openmapx_tuesday" in databases(small)
    assert small.sql("SELECT count(*) FROM thing WHERE n = 999", database="openmapx_tuesday") == "0"
    volumes = small.docker("volume", "ls", "--quiet").stdout.split()
    assert f"{small.volume('files')}_tuesday" in volumes
    copied = small.docker("volume", "inspect", "--format", "{{.Mountpoint}}", f"{small.volume('files')}_tuesday")
    assert os.listdir(os.path.dirname(copied.stdout.strip())) == ["_data"]
    small.cofferdam("undo", "--yes")
    assert "openmapx_tuesday" not in databases(small)
    assert f"{small.volume('files')}_tuesday" not in small.docker("volume", "ls", "--quiet").stdout.split()


def test_only_the_volumes_or_only_the_databases(small):
    small.create("parts")
    change(small)
    small.cofferdam("restore", "parts", "--only-databases", "--stop-running", "--yes")
    assert small.sql("SELECT count(*) FROM thing WHERE n = 999") == "0"
    assert (small.mountpoint("files") / "since").exists()
    small.cofferdam("undo", "--yes")
    small.cofferdam("restore", "parts", "--volume", "files", "--stop-running", "--yes")
    assert small.sql("SELECT count(*) FROM thing WHERE n = 999") == "1"
    assert not (small.mountpoint("files") / "since").exists()
