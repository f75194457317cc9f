"""What a script that reads `create --json` hears while it works."""
import json
import time

from stack import SMALL


def heard(stack, *words):
    """The command's JSON lines, each with the moment it came."""
    command = stack.start_cofferdam(*words)
    lines = [(time.monotonic(), json.loads(line)) for line in command.stdout]
    assert command.wait(timeout=60) == 0, command.stderr.read()
    return lines


def test_progress_comes_four_times_a_second_at_most(stacks, host):
    stack = stacks(host, compose_file=SMALL, env={"INDEX_MB": "48"}).up()
    stack.sql("CREATE TABLE large AS SELECT g, repeat(md5(g::text), 8) FROM generate_series(1, 150000) g")

    lines = heard(stack, "create", "--json", "--name", "watched")

    times = {}
    for moment, line in lines:
        if line["type"] == "progress":
            times.setdefault(line["component"], []).append(moment)
    assert set(times) == {"volume files", "database db/openmapx"}
    for component, moments in times.items():
        # The first and the last come in any case, and a pipe may hold one back for a moment.
        assert len(moments) <= 4 * (moments[-1] - moments[0]) + 3, f"{component}: {len(moments)} lines"
    last = {line["component"]: line for _, line in lines if line["type"] == "progress"}
    assert all(line["finished"] for line in last.values())
    assert last["volume files"]["bytes"] >= 48 << 20
    assert last["volume files"]["entries"] == 49
    assert last["volume files"]["bytes_per_second"] > 0
    assert lines[-1][1]["type"] == "summary"
