"""What a drill of the example stack takes, from its command to its result."""
import json
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from stack import Stack  # noqa: E402


def drill_of_the_example(engine, rounds):
    """The OpenMapX example with what its services have after their start; all of it is booted."""
    os.environ.update(engine.environment)
    stack = Stack(engine.environment["DOCKER_HOST"])
    try:
        stack.up()
        stack.create("drilled")
        return [one_drill(stack) for _ in range(rounds)]
    finally:
        stack.close()


def one_drill(stack):
    began = time.monotonic()
    stack.cofferdam("version")
    bare = time.monotonic() - began
    began = time.monotonic()
    done = stack.cofferdam("drill", "drilled", "--json", timeout=600)
    seconds = time.monotonic() - began
    summary = json.loads(done.stdout.splitlines()[-1])
    if not summary["passed"]:
        raise RuntimeError(f"the drill did not pass: {summary['reason']}")
    return {"seconds": seconds, "bare_exec_seconds": bare, "parts": summary["seconds"]}
