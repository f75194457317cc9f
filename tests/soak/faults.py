"""What goes wrong while a command runs. Each strikes once, at a moment that the dice choose."""
import json
import os
import signal
import subprocess

from stack import REPOSITORY, engine_name, run


class Fault:
    """`codes`: those that the command may end with; `telling`: those of them after which it is known what it did."""
    name = ""
    codes = set()
    telling = {0, 1, 11, 15, 130}

    def __init__(self, world, dice):
        self.world = world
        self.stack = world.stack
        self.dice = dice

    def strike(self, process, words):
        """Whether it came about: the command may be over already."""
        raise NotImplementedError

    def repair(self):
        """Once the command is over."""


class SignalToCommand(Fault):
    number = signal.SIGKILL

    def strike(self, process, words):
        try:
            os.kill(self.stack.process_id(*words), self.number)
        except (AssertionError, ProcessLookupError):
            return False
        return True


class KilledCommand(SignalToCommand):
    name = "kill -9 of the command"
    codes = {0, 137}


class CancelledCommand(SignalToCommand):
    name = "Ctrl-C"
    number = signal.SIGINT
    codes = {0, 130}


class KilledHelper(Fault):
    name = "kill -9 of a helper"
    codes = {0, 1, 3}

    def strike(self, process, words):
        """The next helper that starts, some way into its work."""
        with self.world.engine_events("label=cofferdam.role=helper", "event=start") as events:
            helper = (self.stack.helpers() or [None])[0]
            while helper is None and process.poll() is None:
                helper = events.next(timeout=0.5)
        if helper is None:
            return False
        end_of(process, self.dice.uniform(0, 0.5))
        return self.stack.docker("kill", helper, check=False).returncode == 0


class KilledSidecar(Fault):
    """Not by the engine, which would take that for the operator's wish."""
    name = "kill -9 of the sidecar"
    codes = {0, 1, 126, 137}  # 1 and 126: of docker, which finds no container to run it in

    def strike(self, process, words):
        sidecar = json.loads(self.stack.docker("inspect", self.world.ids["cofferdam"]).stdout)[0]
        os.kill(sidecar["State"]["Pid"], signal.SIGKILL)
        return True


class EngineFault(Fault):
    """The command fails without an engine, or docker does so before it, also with 1, while the command goes on."""
    codes = {0, 1, 3, 16, 137, 255}
    telling = {0}

    def script(self, *words):
        run(REPOSITORY / "scripts/engine", *words)

    @property
    def engine(self):
        return engine_name(self.stack.host)


class RestartedEngine(EngineFault):
    name = "restart of the engine"

    def strike(self, process, words):
        self.script("restart", self.engine)
        return True


class KilledEngine(EngineFault):
    name = "kill -9 of the engine"
    also = ()

    def strike(self, process, words):
        self.script("kill", self.engine, *self.also)
        self.script("up", self.engine)
        return True

    def repair(self):
        """An engine that finds containers of its former life running stops them, and does not start them again: the
        operator does. First what brings back the others."""
        if not self.also:
            self.stack.compose("up", "--detach", "--no-deps", "--wait", "db", "cofferdam")
            self.stack.wait_until_idle()
            self.stack.compose("up", "--detach", "--wait")


class PowerCut(KilledEngine):
    name = "kill -9 of everything"
    also = ("--all",)


class FullStore(Fault):
    name = "full store"
    codes = {0, 1, 11, 15}

    def __init__(self, world, dice):
        super().__init__(world, dice)
        self.filler = self.stack.backups / "of-somebody-else"

    def strike(self, process, words):
        """All of it, or all but some kilobytes."""
        left = self.dice.choice([0, 4096, 1 << 16, 1 << 20])
        with open(self.filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * (1 << 16))
            except OSError:
                file.truncate(max(0, file.tell() - left))
        return True

    def repair(self):
        self.filler.unlink(missing_ok=True)


def end_of(process, seconds):
    """Whether it ends within that time."""
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


# With their weights.
ALL = {KilledCommand: 5, CancelledCommand: 2, KilledHelper: 4, KilledSidecar: 3, RestartedEngine: 1, KilledEngine: 1,
       PowerCut: 1, FullStore: 3}
