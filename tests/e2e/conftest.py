"""Fixtures: the two private engines, and stacks on them that go away with the test."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from stack import SMALL, Stack, fill  # noqa: E402


def engine(name):
    host = os.environ.get(name)
    if not host:
        raise RuntimeError(f"{name} names no engine; run scripts/test e2e")
    return host


@pytest.fixture(scope="session")
def host():
    return engine("COFFERDAM_ENGINE_26")


@pytest.fixture(scope="session")
def other_host():
    return engine("COFFERDAM_ENGINE_20")


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
