"""What an operator types, and what the exit code says."""
import json

import pytest


def code(stack, *words):
    return stack.cofferdam(*words, check=False).returncode


@pytest.fixture
def saved(small):
    small.create("saved")
    return small


def test_commands_and_exit_codes(saved):
    stack = saved

    assert code(stack, "version") == 0
    assert code(stack, "health") == 0
    assert code(stack, "nonsense") == 2
    assert code(stack, "create", "--name", "../escape") == 2
    assert code(stack, "create", "--services", "nobody") == 2
    assert code(stack, "create", "--name", "saved") == 4, "an existing name is refused"
    assert code(stack, "show", "nothing") == 10
    assert code(stack, "restore", "nothing", "--yes") == 10
    assert code(stack, "restore", "saved", "--yes") == 4, "producers run"
    assert code(stack, "restore", "saved", "--stop-running") == 4, "there is no terminal to ask on"
    assert code(stack, "restore", "saved", "--services", "nobody", "--yes") == 2
    assert code(stack, "delete", "saved") == 4
    assert code(stack, "delete", "../saved", "--yes") in (2, 10)
    assert code(stack, "verify") == 2
    assert code(stack, "verify", "--all") == 0
    assert stack.running() == {"db", "files", "reader", "cofferdam"}, "nothing of this stopped anything"


def test_list_and_show_say_what_there_is(saved):
    (saved.backups / "broken").mkdir()
    (saved.backups / "broken" / "manifest.json").write_text("{")

    listed = {entry["name"]: entry for entry in saved.snapshots()}

    assert listed["saved"]["status"] == "success"
    assert listed["saved"]["project"] == saved.project
    assert (listed["saved"]["volumes"], listed["saved"]["databases"]) == (1, 1)
    assert listed["broken"]["status"] == "corrupt"
    assert "CORRUPT" in saved.cofferdam("list").stdout
    assert "thing" in saved.cofferdam("show", "saved", "--json").stdout
    assert code(saved, "restore", "broken", "--yes", "--stop-running") == 13
    assert code(saved, "delete", "broken", "--yes") == 0
    assert not (saved.backups / "broken").exists()


def test_the_plan_says_what_stops_and_what_nothing_protects(small):
    text = small.cofferdam("plan").stdout
    plan = json.loads(small.cofferdam("plan", "--json").stdout)

    assert "files" in text and "dumped" in text
    assert plan["project"] == small.project
    assert [stop["service"] for stop in plan["stops"]] == ["reader", "files"], "dependents first, never the database"


def test_an_unknown_label_is_an_error_with_its_place(stacks, host, tmp_path):
    from stack import SMALL
    text = SMALL.read_text().replace('files: {labels: {cofferdam.backup: "true"}}',
                                     'files: {labels: {cofferdam.bakcup: "true"}}')
    (tmp_path / "typo.yml").write_text(text)
    stack = stacks(host, compose_file=tmp_path / "typo.yml").up("cofferdam", "files")

    done = stack.cofferdam("plan", check=False)

    assert done.returncode == 2
    assert "cofferdam.bakcup" in done.stderr and "files" in done.stderr


def test_completion_scripts_are_scripts(small):
    script = small.cofferdam("completion", "bash").stdout

    import subprocess
    assert subprocess.run(["bash", "-n"], input=script, text=True).returncode == 0
    assert "restore" in script


def test_a_second_run_is_told_who_works(small):
    with small.locked_table(), small.events("die") as events:
        first = small.start_cofferdam("create", "--name", "first")
        events.wait_for("die files")
        second = small.cofferdam("create", "--name", "second", check=False)
    assert second.returncode == 11
    assert "create first" in second.stderr
    assert first.wait(timeout=120) == 0
