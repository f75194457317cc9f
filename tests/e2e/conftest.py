"""Fixtures: the private engines, and stacks on them that go away with the test."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from secret_watch import (pytest_configure, pytest_sessionfinish, pytest_terminal_summary,  # noqa: E402,F401
                          pytest_testnodedown)
from stack import SMALL, Stack, fill  # noqa: E402


def engines(name):
    """DOCKER_HOST of each engine that a variable of the environment names."""
    hosts = os.environ.get(name, "").split()
    if not hosts:
        raise RuntimeError(f"{name} names no engine; run scripts/test e2e")
    return hosts


@pytest.fixture(scope="session")
def host():
    """An engine of this process alone: processes of pytest-xdist are gw0, gw1, …"""
    process = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return engines("COFFERDAM_ENGINES_26")[int(process)]


@pytest.fixture(scope="session")
def other_host():
    return engines("COFFERDAM_ENGINE_20")[0]


@pytest.fixture
def stacks():
    """Makes stacks, and takes them down whatever the test does."""
    made = []

    def make(*words, **options):
        made.append(Stack(*words, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def openmapx(stacks, host):
    return stacks(host).up()


@pytest.fixture
def small(stacks, host):
    """A stack of three services that starts in seconds, with a table of ten rows."""
    stack = stacks(host, compose_file=SMALL).up()
    fill(stack)
    return stack
