"""The operator's hooks: when they run, what they are told, how they end, and that those after the work always run."""
import datetime
import json
import os
import signal
import subprocess

import pytest

from stack import SMALL, fill, host_command
from test_faults import RUNNING


def with_labels(text, service, labels):
    lines = "".join(f"      {name}: {json.dumps(value.replace('$', '$$'))}\n" for name, value in labels.items())
    return text.replace(f"\n  {service}:\n", f"\n  {service}:\n    labels:\n{lines}", 1)


@pytest.fixture
def hooked(stacks, host, tmp_path):
    """Makes the small stack with hooks: hooked(files={"pre-backup": "true"})."""
    def make(**services):
        text = SMALL.read_text()
        for service, hooks in services.items():
            text = with_labels(text, service, {f"cofferdam.hook.{name}": value for name, value in hooks.items()})
        (tmp_path / "hooked.yml").write_text(text)
        stack = stacks(host, compose_file=tmp_path / "hooked.yml").up()
        fill(stack)
        return stack

    return make


def create(stack, *words):
    return stack.cofferdam("create", "--json", *words, check=False)


def lines(done, kind):
    return [line for line in map(json.loads, done.stdout.splitlines()) if line["type"] == kind]


def printed(done):
    return [line["text"] for line in lines(done, "output")]


def files_in(stack, service):
    return set(stack.execute(service, "ls", "/tmp").stdout.split())


def environment(stack, service, path):
    """What a hook's `env > path` has kept."""
    text = stack.execute(service, "cat", path).stdout
    return dict(line.split("=", 1) for line in text.splitlines() if line.startswith("COFFERDAM_"))


def moment(stack, service, path):
    return float(stack.execute(service, "cat", path).stdout)


def state_time(stack, service, name):
    text = stack.inspect(service)["State"][name][:26].rstrip("Z")
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc).timestamp()


def processes(stack, service):
    return stack.docker("top", stack.container(service), "-eo", "pid,args").stdout


NOTE_TIMES = {"pre-backup": "date +%s.%N > /tmp/pre", "post-backup": "date +%s.%N > /tmp/post; env > /tmp/post-env"}


def test_hooks_run_before_the_stop_and_after_the_start(hooked):
    stack = hooked(files={**NOTE_TIMES, "on-failure": "touch /tmp/alarm"})

    assert stack.create("nightly")["status"] == "success"

    assert moment(stack, "files", "/tmp/pre") < state_time(stack, "files", "FinishedAt")
    assert state_time(stack, "files", "StartedAt") < moment(stack, "files", "/tmp/post")
    told = environment(stack, "files", "/tmp/post-env")
    assert told["COFFERDAM_STATUS"] == "success"
    assert told["COFFERDAM_SNAPSHOT"] == "nightly"
    assert told["COFFERDAM_HOOK"] == "post-backup"
    assert "COFFERDAM_REASON" not in told
    assert "alarm" not in files_in(stack, "files")


def test_a_failing_hook_before_it_stops_nothing(hooked):
    stack = hooked(files={"pre-backup": "echo not ready; exit 7", "post-backup": "touch /tmp/post",
                          "on-failure": "env > /tmp/alarm"})
    started = stack.inspect("files")["State"]["StartedAt"]

    done = create(stack, "--name", "nightly")

    assert done.returncode == 1
    assert "the pre-backup hook of files failed: exit code 7" in done.stderr
    assert printed(done) == ["not ready"]
    assert stack.inspect("files")["State"]["StartedAt"] == started
    assert stack.snapshots() == []
    assert stack.helpers() == []
    assert {"post", "alarm"} <= files_in(stack, "files")
    told = environment(stack, "files", "/tmp/alarm")
    assert told["COFFERDAM_STATUS"] == "failed"
    assert told["COFFERDAM_REASON"] == "the pre-backup hook of files failed: exit code 7"
    assert len(told["COFFERDAM_JOB"]) == 12


def test_a_failing_hook_after_it_makes_it_degraded(hooked):
    stack = hooked(files={"pre-backup": "exit 1", "pre-backup.on-error": "continue", "post-backup": '["false"]'})

    done = create(stack, "--name", "nightly")

    assert done.returncode == 3
    assert lines(done, "summary")[0]["status"] == "degraded"
    assert stack.manifest("nightly")["reasons"] == ["the post-backup hook of files failed: exit code 1"]
    assert "the pre-backup hook of files failed: exit code 1" in [line["text"] for line in lines(done, "warning")]
    stack.cofferdam("verify", "nightly")


def test_a_hook_that_takes_too_long_is_ended_with_all_it_started(hooked):
    stack = hooked(files={"pre-backup": "sleep 9971 & sleep 9972", "pre-backup.timeout": "1"},
                   reader={"post-backup": "trap '' TERM; sleep 9973; sleep 9974", "post-backup.timeout": "1s",
                           "post-backup.on-error": "continue"})

    done = create(stack)

    assert done.returncode == 1
    assert "the pre-backup hook of files failed: it took longer than 1 s and was ended" in done.stderr
    assert ("the post-backup hook of reader failed: it took longer than 1 s and was ended"
            in [line["text"] for line in lines(done, "warning")]), "SIGTERM was not enough"
    for service in ("files", "reader"):
        assert "sleep 997" not in processes(stack, service)


def test_the_log_shows_no_secret_and_no_escape(hooked):
    stack = hooked(db={"pre-backup": "echo \"login $POSTGRES_PASSWORD\" >&2; printf '\\033[31mred\\n'; id -un",
                       "pre-backup.user": "nobody"})
    password = stack.execute("db", "printenv", "POSTGRES_PASSWORD").stdout.strip()
    assert len(password) >= 6

    done = create(stack)

    assert done.returncode == 0
    assert sorted(printed(done)) == ["\\x1B[31mred", "login ***", "nobody"]
    assert password not in done.stdout + done.stderr
    text = stack.cofferdam("create", "--name", "again").stderr
    assert "db: login ***\n" in text
    assert password not in text


def test_ctrl_c_ends_the_hook_and_stops_nothing(hooked):
    stack = hooked(files={"pre-backup": "echo begun; sleep 9975", "post-backup": "env > /tmp/post"})
    started = stack.inspect("files")["State"]["StartedAt"]
    command = stack.start_cofferdam("create", "--json", "--name", "cancelled")
    assert any("begun" in line for line in command.stdout)

    os.kill(stack.process_id("create", "--json", "--name", "cancelled"), signal.SIGINT)

    assert command.wait(timeout=60) == 130
    assert "sleep 9975" not in processes(stack, "files")
    assert stack.inspect("files")["State"]["StartedAt"] == started
    assert environment(stack, "files", "/tmp/post")["COFFERDAM_STATUS"] == "cancelled"


def test_hooks_run_after_a_capture_that_failed_in_its_outage(hooked):
    stack = hooked(files={**NOTE_TIMES, "on-failure": "env > /tmp/alarm"})
    with stack.locked_table(), stack.events("die") as events:
        command = stack.start_cofferdam("create", "--name", "helperless")
        events.wait_for("die files", "die reader")
        for helper in stack.helpers():
            stack.docker("kill", helper, check=False)

    assert command.wait(timeout=120) == 1

    assert state_time(stack, "files", "StartedAt") < moment(stack, "files", "/tmp/post")
    assert environment(stack, "files", "/tmp/post-env")["COFFERDAM_STATUS"] == "failed"
    assert environment(stack, "files", "/tmp/alarm")["COFFERDAM_HOOK"] == "on-failure"
    assert stack.running() == RUNNING
    assert stack.snapshots() == []


def test_kill_9_between_the_hooks(hooked):
    stack = hooked(files={**NOTE_TIMES, "on-failure": "env > /tmp/alarm"})
    with stack.locked_table(), stack.events("die", "start") as events:
        command = stack.start_cofferdam("create", "--name", "killed")
        events.wait_for("die files", "die reader")
        os.kill(stack.process_id("create", "--name", "killed"), signal.SIGKILL)
        events.wait_for("start files", "start reader")
    command.wait(timeout=60)
    stack.wait_until_idle()

    assert state_time(stack, "files", "StartedAt") < moment(stack, "files", "/tmp/post")
    told = environment(stack, "files", "/tmp/post-env")
    assert told["COFFERDAM_STATUS"] == "interrupted"
    assert told["COFFERDAM_SNAPSHOT"] == "killed"
    assert environment(stack, "files", "/tmp/alarm")["COFFERDAM_JOB"] == told["COFFERDAM_JOB"]
    assert stack.running() == RUNNING


def test_kill_9_at_every_step_leaves_no_hook_out(hooked):
    """Whatever ran before the work, what must run after it has run, at the latest when the next command is done."""
    stack = hooked(reader={"pre-backup": "touch /tmp/pre", "post-backup": "touch /tmp/post"})
    stack.compose("stop", "cofferdam")
    step, ended, owed = 0, None, 0
    while ended != 0:
        step += 1
        stack.execute("reader", "rm", "-f", "/tmp/pre", "/tmp/post")
        words, variables = host_command(stack, "create", "--name", f"step-{step}")
        ended = subprocess.run(
            ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync",
             "-e", f"inject=fdatasync:signal=SIGKILL:when={step}", *words],
            env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120).returncode
        # Whatever is stopped by the kill has no hooks to show: only what ran counts as a debt.
        words, variables = host_command(stack, "create", "--name", f"next-{step}", "--services", "files")
        after = subprocess.run(words, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                               timeout=120)
        where = f"after a kill at sync {step}"
        assert after.returncode == 0, f"{where}: {after.stderr}"
        assert stack.running() == RUNNING - {"cofferdam"}, where
        there = files_in(stack, "reader")
        assert "post" in there or "pre" not in there, f"{where}: the finally is missing"
        owed += "pre" in there
        assert step < 60, "the command never ends"
    assert owed > 6, "the hooks are in the middle of the steps"


def test_the_plan_shows_the_hooks(hooked, tmp_path):
    stack = hooked(files={"pre-backup": "sync", "pre-backup.timeout": "90s"})
    (tmp_path / "config.yaml").write_text("services:\n  reader:\n    hook.post-backup: [sync, -f, /tmp]\n")
    stack.compose("stop", "reader")
    words, variables = host_command(stack, "plan", "--json")

    plan = json.loads(subprocess.run(words, env={**variables, "COFFERDAM_CONFIG": str(tmp_path / "config.yaml")},
                                     stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout)
    text = stack.cofferdam("plan").stdout

    shown = [(hook["moment"], hook["service"], hook["command"], hook["timeout_seconds"]) for hook in plan["hooks"]]
    assert shown == [("pre-backup", "files", ["/bin/sh", "-c", "sync"], 90),
                     ("post-backup", "reader", ["sync", "-f", "/tmp"], 60)]
    assert "the post-backup hook of reader would fail now: none of its containers runs" in plan["warnings"]
    assert "  pre-backup in files: /bin/sh -c sync\n    said by: label of service files; at most 90 s" in text


def test_a_container_without_a_shell_runs_an_argv(hooked):
    stack = hooked(cofferdam={"post-backup": '["/cofferdam", "version"]'})

    done = create(stack)

    assert done.returncode == 0
    assert printed(done) == [stack.cofferdam("version").stdout.strip()]


def test_a_hook_label_with_a_mistake_is_an_error(hooked):
    stack = hooked(files={"pre-bakcup": "sync", "post-backup": '["sync"', "on-failure.timeout": "5"})

    done = stack.cofferdam("plan", check=False)

    assert done.returncode == 2
    assert "cofferdam.hook.pre-bakcup is unknown (did you mean cofferdam.hook.pre-backup?)" in done.stderr
    assert "cofferdam.hook.post-backup: is no JSON array of strings" in done.stderr
    assert "there is no cofferdam.hook.on-failure that it could be about" in done.stderr


def test_hooks_run_around_a_restore(hooked):
    stack = hooked(files={"pre-restore": "test -e /files && touch /tmp/before",
                          "post-restore": "test -e /tmp/before && touch /tmp/after",
                          "on-failure": "touch /tmp/alarm"},
                   db={"post-restore.sql": "UPDATE thing SET text = 'migrated' WHERE n = 1"})
    stack.create("nightly")
    stack.sql("INSERT INTO thing VALUES (999, 'since')")

    preview = stack.cofferdam("restore", "nightly", "--stop-running", "--dry-run").stdout
    assert "pre-restore" in preview and "post-restore" in preview
    stack.cofferdam("restore", "nightly", "--stop-running", "--yes")

    assert {"before", "after"} <= files_in(stack, "files") and "alarm" not in files_in(stack, "files")
    assert stack.sql("SELECT text FROM thing WHERE n = 1") == "migrated"
    assert stack.sql("SELECT count(*) FROM thing WHERE n = 999") == "0"
    stack.cofferdam("undo", "--yes")
    assert stack.sql("SELECT count(*) FROM thing WHERE n = 999") == "1"


def test_a_failing_hook_after_a_restore_rolls_it_back(hooked):
    stack = hooked(files={"post-restore": "exit 7", "on-failure": "env > /tmp/alarm"})
    stack.create("nightly")
    stack.sql("INSERT INTO thing VALUES (999, 'since')")

    done = stack.cofferdam("restore", "nightly", "--stop-running", "--yes", check=False)

    assert done.returncode == 1 and "rolled back" in done.stderr and "exit code 7" in done.stderr, done.stderr
    assert stack.sql("SELECT count(*) FROM thing WHERE n = 999") == "1"
    assert environment(stack, "files", "/tmp/alarm")["COFFERDAM_STATUS"] == "failed"
    assert stack.running() == RUNNING
    assert "no rollback points" in stack.cofferdam("points").stdout


def test_a_failing_hook_before_a_restore_touches_nothing(hooked):
    stack = hooked(files={"pre-restore": "exit 7"})
    stack.create("nightly")
    stack.sql("INSERT INTO thing VALUES (999, 'since')")
    started = stack.inspect("files")["State"]["StartedAt"]

    done = stack.cofferdam("restore", "nightly", "--stop-running", "--yes", check=False)

    assert done.returncode == 1 and "exit code 7" in done.stderr
    assert stack.sql("SELECT count(*) FROM thing WHERE n = 999") == "1"
    assert stack.inspect("files")["State"]["StartedAt"] == started, "nothing was stopped"
