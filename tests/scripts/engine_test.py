"""scripts/engine starts private engines, survives their death, and leaves nothing behind. Needs root."""
import os
import pathlib
import subprocess

import pytest

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"
STATE = pathlib.Path(os.environ.get("COFFERDAM_STATE_DIR", "/var/tmp/cofferdam-test"))
VERSIONS = {"26": "26.1", "20": "20.10"}


def script(name, *arguments, **environment):
    return subprocess.run([SCRIPTS / name, *arguments], env={**os.environ, **environment}, check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def docker(engine, *arguments):
    return script("engine", "docker", engine, *arguments).strip()


def processes_of(engine):
    """Command lines that name a place of the engine."""
    place = str(STATE / "engines" / engine) + "/"
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if place in line:
            found.append(line)
    return found


def bridge_of(engine):
    identity = docker(engine, "network", "inspect", "n", "--format", "{{.Id}}")
    return pathlib.Path("/sys/class/net") / f"br-{identity[:12]}"


def start(name, version):
    script("engine", "down", name, "--purge")
    host = script("engine", "up", name, "--version", version).strip().removeprefix("export DOCKER_HOST=")
    script("images", "load", "debian:trixie-slim", DOCKER_HOST=host)


@pytest.fixture(scope="module", params=VERSIONS)
def engine(request):
    name = f"script-test-{request.param}"
    start(name, request.param)
    yield name
    script("engine", "down", name, "--purge")


@pytest.fixture
def sleeper(engine):
    """A container that is always restarted, on a network of its own."""
    run_sleeper(engine)
    yield
    docker(engine, "rm", "--force", "sleeper")
    docker(engine, "network", "rm", "n")


def run_sleeper(engine):
    docker(engine, "network", "create", "n")
    docker(engine, "run", "--detach", "--name", "sleeper", "--network", "n", "--restart", "always",
           "debian:trixie-slim", "sleep", "infinity")


def state(engine):
    return docker(engine, "inspect", "--format", "{{.State.Status}}", "sleeper")


def test_up_is_idempotent_and_of_the_version_asked_for(engine):
    first = docker(engine, "info", "--format", "{{.ID}}")
    script("engine", "up", engine)
    assert docker(engine, "info", "--format", "{{.ID}}") == first
    assert docker(engine, "version", "--format", "{{.Server.Version}}").startswith(VERSIONS[engine[-2:]])


def test_containers_come_back_after_dockerd_was_killed(engine, sleeper):
    script("engine", "kill", engine)
    script("engine", "up", engine)
    assert state(engine) == "running"


def test_a_power_cut_ends_every_process_and_containers_come_back(engine, sleeper):
    script("engine", "kill", engine, "--all")
    assert processes_of(engine) == []
    script("engine", "up", engine)
    assert state(engine) == "running"


def test_containers_come_back_after_a_restart(engine, sleeper):
    script("engine", "restart", engine)
    assert state(engine) == "running"


def test_tls_asks_both_sides_for_a_certificate(engine):
    exports = dict(word.split("=", 1) for word in script("engine", "tls", engine).split()[1:])
    cli = pathlib.Path(os.environ.get("COFFERDAM_CACHE", "/var/cache/cofferdam-test")) / "toolchain/cli/usr/bin/docker"

    def version(**changes):
        environment = {**os.environ, **exports, **changes}
        return subprocess.run([cli, "version", "--format", "{{.Server.Version}}"], env=environment, check=False,
                              capture_output=True, text=True)

    assert version().stdout.startswith(VERSIONS[engine[-2:]])
    assert docker(engine, "version", "--format", "{{.Server.Version}}").startswith(VERSIONS[engine[-2:]])
    script("engine", "restart", engine)
    assert version().returncode == 0, "a restarted engine listens there too"
    assert version(DOCKER_CERT_PATH="/nowhere").returncode != 0
    assert version(DOCKER_TLS_VERIFY="", DOCKER_CERT_PATH="").returncode != 0


@pytest.mark.parametrize("version", VERSIONS)
def test_a_purged_engine_leaves_nothing(version):
    name = f"script-purge-{version}"
    start(name, version)
    run_sleeper(name)
    bridge = bridge_of(name)
    assert bridge.exists()
    script("engine", "down", name, "--purge")
    assert not bridge.exists()
    assert processes_of(name) == []
    assert str(STATE / "engines" / name) + "/" not in pathlib.Path("/proc/self/mounts").read_text()
    assert not (STATE / "engines" / name).exists()


def test_networks_of_engines_side_by_side_do_not_overlap(engine, sleeper):
    other = "script-test-other"
    script("engine", "up", other)
    try:
        docker(other, "network", "create", "n")
        subnets = {docker(name, "network", "inspect", "n", "--format", "{{(index .IPAM.Config 0).Subnet}}")
                   for name in (engine, other)}
        assert len(subnets) == 2
    finally:
        script("engine", "down", other, "--purge")
