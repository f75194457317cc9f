"""Peak memory of the processes in an engine's containers, while something runs."""
import os
import pathlib
import threading

IDLE = ("", "docker-init", "sleep")


class PeakMemory:
    """`with PeakMemory(engine) as peak:`, then peak.mebibytes: {"cofferdam agent capture": 93.1, …}.

    The kernel keeps each process's high-water mark of resident memory (VmHWM); it is read ten times a
    second, so what is missed is growth in a process's last tenth. A container's memory.peak would not
    do: it counts the page cache of every file the container has read.
    """

    interval = 0.1

    def __init__(self, engine):
        self.engine = engine
        self.mebibytes = {}
        self.strangers = set()  # processes that are none of the engine's
        self.ended = threading.Event()
        self.sampler = threading.Thread(target=self.sample, daemon=True)

    def __enter__(self):
        self.sampler.start()
        return self

    def __exit__(self, *failure):
        self.ended.set()
        self.sampler.join()

    def sample(self):
        while not self.ended.wait(self.interval):
            for process in os.listdir("/proc"):
                if process.isdigit():
                    self.look_at(int(process))

    def look_at(self, process):
        if process in self.strangers:
            return
        folder = pathlib.Path("/proc") / str(process)
        try:
            program = os.readlink(folder / "exe")
            if "runc" in program or os.path.basename(program) in IDLE:
                return  # not yet the container's program, or one that only waits
            groups = (folder / "cgroup").read_text().splitlines()
            if not any(self.engine.owns(group) for group in groups):
                self.strangers.add(process)
                return
            self.note(self.name_of(folder, os.path.basename(program)), (folder / "status").read_text())
        except OSError:
            pass  # gone meanwhile, or a thread of the kernel

    @staticmethod
    def name_of(folder, program):
        if program != "cofferdam":
            return program
        words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")[1:]
        return " ".join(["cofferdam"] + words[:2 if words[0] == "agent" else 1])

    def note(self, name, status):
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                self.mebibytes[name] = max(self.mebibytes.get(name, 0), int(line.split()[1]) / 1024)
