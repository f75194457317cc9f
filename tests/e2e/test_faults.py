"""Whatever dies, whenever: no container stays down, no half snapshot is seen, the next run succeeds."""
import os
import signal
import subprocess

import pytest

from stack import REPOSITORY, engine_name, host_command, run

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


def test_kill_9_at_every_step_of_the_journal(small):
    """Each write of the journal is synced before the step and after it: the n-th sync is the n-th kill point."""
    small.compose("stop", "cofferdam")
    step, ended = 0, None
    while ended != 0:
        step += 1
        words, environment = host_command(small, "create", "--name", f"step-{step}")
        ended = subprocess.run(
            ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync",
             "-e", f"inject=fdatasync:signal=SIGKILL:when={step}", *words],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120).returncode
        words, environment = host_command(small, "create", "--name", f"next-{step}", "--services", "files")
        after = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                               timeout=120)
        assert after.returncode == 0, f"after a kill at sync {step}: {after.stderr}"
        assert small.running() == RUNNING - {"cofferdam"}, f"after a kill at sync {step}"
        assert small.helpers() == [], f"after a kill at sync {step}"
        assert not list(small.backups.glob(".*.partial")), f"after a kill at sync {step}"
        assert step < 60, "the command never ends"
    assert step > 8, "a capture writes more steps than that"
    small.compose("start", "cofferdam")
    small.cofferdam("verify", "--all", timeout=600)


def test_a_restore_killed_at_every_step_leaves_one_state_or_the_other(small):
    """P4 at every sync of the journal: volume and database are both the restored ones, or both the ones before."""
    small.create("old")
    marker = small.mountpoint("files") / "since"
    small.compose("stop", "cofferdam")
    step, ended = 0, None
    while ended != 0:
        step += 1
        small.sql("INSERT INTO thing VALUES (999, 'since') ON CONFLICT DO NOTHING")
        marker.write_text("since")
        words, environment = host_command(small, "restore", "old", "--stop-running", "--yes")
        ended = subprocess.run(
            ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync",
             "-e", f"inject=fdatasync:signal=SIGKILL:when={step}", *words],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180).returncode
        words, environment = host_command(small, "create", "--name", f"next-{step}", "--services", "files")
        after = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                               timeout=120)
        where = f"after a kill at sync {step}"
        assert after.returncode == 0, f"{where}: {after.stderr}"
        assert small.running() == RUNNING - {"cofferdam"}, where
        assert small.helpers() == [], where
        database_is_old = small.sql("SELECT count(*) FROM thing WHERE n = 999") == "0"
        assert database_is_old == (not marker.exists()), f"{where}: half restored"
        assert ended != 0 or database_is_old
        assert sorted(os.listdir(small.mountpoint("files").parent)) == ["_data"], f"{where}: something staged is left"
        left = small.sql("SELECT string_agg(datname, ' ') FROM pg_database WHERE NOT datistemplate")
        assert sorted(left.split()) == ["openmapx", "postgres"], where
        assert step < 60, "the command never ends"
    assert step > 8, "a restore writes more steps than that"
