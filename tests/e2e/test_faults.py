"""Whatever dies, whenever: no container stays down, no half snapshot is seen, the next run succeeds."""
import datetime
import os
import signal
import subprocess

import pytest

from stack import REPOSITORY, SMALL, engine_name, fill, host_command, run

RUNNING = {"db", "files", "reader", "cofferdam"}


def assert_as_before(stack, snapshots=()):
    """O1, O2 and O9 of the fault matrix."""
    assert stack.running() == RUNNING
    assert [entry["name"] for entry in stack.snapshots()] == list(snapshots)
    assert not list(stack.backups.glob(".*.partial"))
    assert stack.helpers() == []
    assert stack.create("afterwards")["status"] == "success"


def test_kill_9_of_the_command_in_the_outage(small):
    with small.locked_table(), small.events("die", "start") as events:
        command = small.start_cofferdam("create", "--name", "killed")
        events.wait_for("die files", "die reader")
        os.kill(small.process_id("create", "--name", "killed"), signal.SIGKILL)
        events.wait_for("start files", "start reader")
    command.wait(timeout=60)
    small.wait_until_idle()
    assert_as_before(small)


def test_ctrl_c_in_the_outage(small):
    with small.locked_table(), small.events("die") as events:
        command = small.start_cofferdam("create", "--name", "cancelled")
        events.wait_for("die files", "die reader")
        os.kill(small.process_id("create", "--name", "cancelled"), signal.SIGINT)
    assert command.wait(timeout=120) == 130
    assert_as_before(small)


def test_docker_stop_of_the_sidecar_in_the_outage(small):
    with small.locked_table(), small.events("die") as events:
        command = small.start_cofferdam("create", "--name", "stopped")
        events.wait_for("die files", "die reader")
        small.compose("stop", "--timeout", "60", "cofferdam")
        assert small.running() == RUNNING - {"cofferdam"}, "containers are back before the sidecar ends"
    command.wait(timeout=60)
    small.compose("start", "cofferdam")
    assert_as_before(small)


def test_kill_9_of_the_sidecar_in_the_outage(small):
    with small.locked_table(), small.events("die", "start") as events:
        command = small.start_cofferdam("create", "--name", "killed")
        events.wait_for("die files", "die reader")
        small.docker("kill", small.container("cofferdam"))
        command.wait(timeout=60)
        small.compose("start", "cofferdam")
        events.wait_for("start files", "start reader")
    small.wait_until_idle()
    assert_as_before(small)


def test_kill_9_of_the_helper_in_the_outage(small):
    with small.locked_table(), small.events("die") as events:
        command = small.start_cofferdam("create", "--name", "helperless")
        events.wait_for("die files", "die reader")
        for helper in small.helpers():
            small.docker("kill", helper, check=False)
    assert command.wait(timeout=120) == 1
    assert_as_before(small)


@pytest.mark.parametrize("how", ["restart", "kill"])
def test_the_engine_goes_down_in_the_outage(small, how):
    name = engine_name(small.host)
    with small.locked_table(), small.events("die") as events:
        command = small.start_cofferdam("create", "--name", "engineless")
        events.wait_for("die files", "die reader")
        run(REPOSITORY / "scripts/engine", how, name)
        if how == "kill":
            run(REPOSITORY / "scripts/engine", "up", name)
    command.wait(timeout=120)
    small.compose("up", "--detach", "--wait")
    small.wait_until_idle()
    assert_as_before(small)


def killed_at_every_step(stack, words, prepare, check, stride=1):
    """Runs the command again and again, killed at the n-th sync of its journal, until it comes to its end: each write is
    synced before the step and after it, so that a new step is swept without anyone adding a test. After each run the
    next command replays the journal. With a stride only every so many steps are taken, beginning at another one each day;
    COFFERDAM_FULL_SWEEP takes all."""
    stack.compose("stop", "cofferdam")
    stride = 1 if os.environ.get("COFFERDAM_FULL_SWEEP") else stride
    step, ended = -(datetime.date.today().toordinal() % stride), None
    while ended != 0:
        step += stride
        prepare(step)
        command, environment = host_command(stack, *words(step))
        ended = subprocess.run(
            ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync",
             "-e", f"inject=fdatasync:signal=SIGKILL:when={step}", *command],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180).returncode
        command, environment = host_command(stack, "commit", "--yes")
        after = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                               timeout=120)
        where = f"after a kill at sync {step}"
        assert after.returncode == 0, f"{where}: {after.stderr}"
        assert stack.running() == RUNNING - {"cofferdam"}, where
        assert stack.helpers() == [], where
        assert not list(stack.backups.glob(".*.partial")), where
        assert not list(stack.backups.glob(".cofferdam/points/*")), where
        left = stack.sql("SELECT string_agg(datname, ' ') FROM pg_database WHERE NOT datistemplate")
        assert sorted(left.split()) == ["openmapx", "postgres"], where
        check(where, ended == 0)
        assert step < 80, "the command never ends"
    print(f"{words(0)[0]}: {step - 1} kill points, stride {stride}")
    assert step > 8, "it writes more steps than that"


def test_kill_9_at_every_step_of_the_journal(small):
    killed_at_every_step(small, lambda step: ["create", "--name", f"step-{step}"], lambda step: None,
                         lambda where, ended: None)
    small.compose("start", "cofferdam")
    small.cofferdam("verify", "--all", timeout=600)


class Halves:
    """A row and a file: both are those of the snapshot, or both the later ones."""

    def __init__(self, stack, folder):
        self.stack = stack
        self.marker = folder / "since"

    def change(self):
        self.stack.sql("INSERT INTO thing VALUES (999, 'since') ON CONFLICT DO NOTHING")
        self.marker.write_text("since")

    def are_old(self, where):
        database_is_old = self.stack.sql("SELECT count(*) FROM thing WHERE n = 999") == "0"
        assert database_is_old == (not self.marker.exists()), f"{where}: half restored"
        return database_is_old


def test_a_restore_killed_at_every_step_leaves_one_state_or_the_other(small):
    """P4 at every sync of the journal."""
    small.create("old")
    halves = Halves(small, small.mountpoint("files"))

    def check(where, ended):
        assert halves.are_old(where) or not ended
        assert os.listdir(small.mountpoint("files").parent) == ["_data"], f"{where}: something staged is left"

    killed_at_every_step(small, lambda step: ["restore", "old", "--stop-running", "--yes"],
                         lambda step: halves.change(), check)


def test_kill_9_of_the_helpers_in_a_restore_leaves_one_state_or_the_other(small):
    small.create("old")
    halves = Halves(small, small.mountpoint("files"))
    halves.change()
    with small.events("die") as events:
        command = small.start_cofferdam("restore", "old", "--stop-running", "--yes")
        events.wait_for("die files")
        killed = [small.docker("kill", helper, check=False).returncode == 0 for helper in small.helpers()]
    code = command.wait(timeout=120)

    assert any(killed), "no helper was there to be killed"
    assert code in (0, 1), command.stderr.read()
    assert small.running() == RUNNING
    assert halves.are_old("after the helpers died") == (code == 0)
    small.wait_until_idle()
    assert_as_before(small, ["old"])


def test_an_undo_killed_at_every_step_leaves_one_state_or_the_other(small):
    small.create("old")
    halves = Halves(small, small.mountpoint("files"))

    def prepare(step):
        halves.change()
        command, environment = host_command(small, "restore", "old", "--stop-running", "--yes")
        run(*command, env=environment)

    def check(where, ended):
        assert not halves.are_old(where) or not ended
        assert os.listdir(small.mountpoint("files").parent) == ["_data"], f"{where}: something kept is left"

    killed_at_every_step(small, lambda step: ["undo", "--yes"], prepare, check, stride=4)


def test_a_restore_in_place_killed_at_every_step_leaves_one_state_or_the_other(stacks, host, tmp_path):
    """A volume that cannot be exchanged: what it held is kept in an archive meanwhile."""
    folder = tmp_path / "files"
    folder.mkdir()
    plain = "files: {labels: {cofferdam.backup: \"true\"}}"
    assert plain in SMALL.read_text()
    compose_file = tmp_path / "compose.yml"
    compose_file.write_text(SMALL.read_text().replace(
        plain, f"files: {{labels: {{cofferdam.backup: \"true\"}}, driver_opts: {{type: none, o: bind, device: {folder}}}}}"))
    stack = stacks(host, compose_file=compose_file).up()
    fill(stack)
    stack.create("old")
    halves = Halves(stack, folder)

    def check(where, ended):
        assert halves.are_old(where) or not ended

    killed_at_every_step(stack, lambda step: ["restore", "old", "--stop-running", "--yes"],
                         lambda step: halves.change(), check, stride=4)
