"""`docker backup`, the docker CLI's plugin, as that CLI finds, asks and ends it."""
import contextlib
import json
import os
import pathlib
import pty
import shutil
import signal
import subprocess

import pytest

from stack import SMALL, fill, run


class Cli:
    """The docker CLI of somebody on the host, with the plugin that the image holds, in a folder of a stack."""

    def __init__(self, stack, config, folder):
        self.stack = stack
        self.config = config
        self.folder = folder

    def environment(self, **more):
        return {**self.stack.environment(), "DOCKER_CONFIG": str(self.config), **more}

    def run(self, *words, folder=None, check=True, **more):
        return run("docker", *words, cwd=folder or self.folder, env=self.environment(**more), check=check)

    def backup(self, *words, **options):
        return self.run("backup", *words, **options)

    @contextlib.contextmanager
    def on_terminal(self, *words):
        """The command on a terminal, and our end of that."""
        ours, theirs = pty.openpty()
        with subprocess.Popen(["docker", "backup", *words], cwd=self.folder, env=self.environment(), stdin=theirs,
                              stdout=theirs, stderr=theirs, start_new_session=True) as command:
            os.close(theirs)
            yield command, ours
        os.close(ours)


@pytest.fixture(scope="session")
def config(host, tmp_path_factory):
    """A DOCKER_CONFIG with the plugin beside those of the tests."""
    folder = tmp_path_factory.mktemp("docker-config")
    plugins = folder / "cli-plugins"
    plugins.mkdir()
    for plugin in (pathlib.Path(os.environ["DOCKER_CONFIG"]) / "cli-plugins").iterdir():
        (plugins / plugin.name).symlink_to(plugin.resolve())
    run("docker", "run", "--rm", "--volume", f"{plugins}:/plugins", "cofferdam:dev", "plugin", "install",
        env={**os.environ, "DOCKER_HOST": host})
    return folder


@pytest.fixture
def cli(stacks, host, config, tmp_path):
    """In the folder that a small stack was deployed from."""
    folder = tmp_path / "shop"
    folder.mkdir()
    shutil.copy(SMALL, folder / "compose.yml")
    stack = stacks(host, compose_file=folder / "compose.yml").up()
    fill(stack)
    return Cli(stack, config, folder)


@contextlib.contextmanager
def in_the_outage(cli, command):
    """While `command`, a context of a process, waits for a lock; what is in the block happens meanwhile."""
    with cli.stack.locked_table(), cli.stack.events("die") as events, command as process:
        events.wait_for("die files", "die reader")
        yield process


def states(cli):
    return [(job["kind"], job["state"]) for job in json.loads(cli.backup("jobs", "--json").stdout)]


def test_the_cli_knows_the_plugin(cli):
    (plugin,) = [one for one in json.loads(cli.run("info", "--format", "{{json .ClientInfo.Plugins}}").stdout)
                 if one["Name"] == "backup"]

    assert (plugin["Vendor"], plugin.get("Err")) == ("Cofferdam", None)
    assert "backup*" in cli.run("--help").stdout
    assert "docker backup [-p PROJECT] COMMAND" in cli.run("help", "backup").stdout
    assert cli.backup().stdout == cli.backup("--help").stdout == cli.run("help", "backup").stdout


def test_commands_run_in_the_sidecar_of_the_folder_s_stack(cli):
    inner = cli.folder / "config"
    inner.mkdir()

    made = cli.backup("create", "--name", "weekly", "--json")

    assert json.loads(made.stdout.splitlines()[-1])["type"] == "summary"
    assert [entry["name"] for entry in cli.stack.snapshots()] == ["weekly"]
    assert cli.backup("list", "--quiet", folder=inner).stdout == "weekly\n"
    assert cli.backup("create", "--name", "weekly", check=False).returncode == 4
    refused = cli.backup("show", "nothing", check=False)
    assert (refused.returncode, refused.stdout) == (10, "")
    assert "nothing" in refused.stderr


def test_the_project_can_be_named(cli, tmp_path):
    cli.stack.create("weekly")
    project = cli.stack.project
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    listed = dict(folder=elsewhere)

    assert cli.backup("--project", project, "list", "-q", **listed).stdout == "weekly\n"
    assert cli.backup("list", "-q", "-p", project, **listed).stdout == "weekly\n"
    assert cli.backup("list", "-q", COMPOSE_PROJECT_NAME=project, **listed).stdout == "weekly\n"
    (elsewhere / ".env").write_text(f"COMPOSE_PROJECT_NAME={project}\n")
    assert cli.backup("list", "-q", **listed).stdout == "weekly\n"
    (elsewhere / ".env").unlink()
    # A checkout on another machine than the one that deployed it: only Compose knows its project.
    (elsewhere / "compose.yml").write_text(f"name: {project}\nservices: {{web: {{image: web}}}}\n")
    assert cli.backup("list", "-q", **listed).stdout == "weekly\n"


def test_an_engine_is_chosen_as_for_every_docker_command(cli, tmp_path):
    cli.stack.create("weekly")
    environment = cli.environment()
    del environment["DOCKER_HOST"]

    def plain(*words, check=True):
        return run("docker", *words, cwd=cli.folder, env=environment, check=check)

    plain("context", "create", "far", "--docker", f"host={cli.stack.host}")
    try:
        assert plain("--context", "far", "backup", "list", "-q").stdout == "weekly\n"
        assert plain("-H", cli.stack.host, "backup", "list", "-q").stdout == "weekly\n"
        away = plain("--host", f"unix://{tmp_path}/none.sock", "backup", "list", check=False)
        assert away.returncode == 16
        assert f"{tmp_path}/none.sock" in away.stderr
        plain("context", "use", "far")
        assert plain("backup", "list", "-q").stdout == "weekly\n"
    finally:
        plain("context", "rm", "--force", "far")


def test_without_a_sidecar_it_says_what_to_do(cli, tmp_path):
    lost = cli.backup("list", folder=tmp_path, check=False)
    assert lost.returncode == 10
    assert f"deployed from {tmp_path}" in lost.stderr and cli.stack.project in lost.stderr

    other = cli.backup("list", "--project", "other", check=False)
    assert other.returncode == 10
    assert "the project other (--project) has no sidecar" in other.stderr and cli.stack.project in other.stderr

    cli.stack.compose("stop", "cofferdam")
    stopped = cli.backup("list", check=False)
    assert stopped.returncode == 10
    start = f"docker start {cli.stack.project}-cofferdam-1"
    assert start in stopped.stderr
    cli.run(*start.split()[1:])
    assert cli.backup("list").returncode == 0


def test_it_asks_on_the_terminal(cli):
    cli.stack.create("saved")

    with cli.on_terminal("delete", "saved") as (command, terminal):
        said = b""
        while b"[y/N]" not in said:
            said += os.read(terminal, 4096)
        os.write(terminal, b"y\n")
        assert command.wait(60) == 0

    assert cli.stack.snapshots() == []


def test_ctrl_c_on_the_terminal_cancels(cli):
    with in_the_outage(cli, cli.on_terminal("create", "--name", "cancelled")) as (command, terminal):
        os.write(terminal, b"\x03")
        assert command.wait(120) == 130

    assert states(cli) == [("create", "cancelled")]
    assert cli.stack.snapshots() == []


# Without a terminal the docker CLI passes no signal on: to its plugin it closes a socket, to an exec it does nothing.
@pytest.mark.parametrize("whom", ["the CLI", "all"])
def test_a_signal_cancels_where_there_is_no_terminal(cli, whom):
    command = subprocess.Popen(["docker", "backup", "create", "--name", "cancelled"], cwd=cli.folder,
                               env=cli.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, start_new_session=True)

    with in_the_outage(cli, command) as process:
        if whom == "all":  # as a terminal's Ctrl-C does
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.terminate()
        process.communicate(timeout=120)
        assert process.returncode == 130

    assert states(cli) == [("create", "cancelled")]
    assert cli.stack.running() == {"db", "files", "reader", "cofferdam"}


def test_words_are_completed_by_the_sidecar(cli):
    cli.stack.create("weekly")

    def offered(*words):
        return cli.run("__complete", "backup", *words).stdout.splitlines()

    assert [line.split("\t")[0] for line in offered("ver")] == ["verify", "version", ":4"]
    assert offered("restore", "we") == ["weekly", ":4"]
    assert "--name" in offered("create", "--")
    assert offered("-p", cli.stack.project, "restore", "we") == ["weekly", ":4"]
