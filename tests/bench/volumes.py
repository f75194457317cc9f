"""Volumes: the same tree through every tool, in turn."""
import os
import shutil

import trees
from engine import Project, create, idle_service, restore
from peak_memory import PeakMemory
from rivals import VOLUME_RIVALS

COFFERDAM = "cofferdam"


class VolumeRace:
    """One data set. Every round: each tool saves the volume and restores what it saved.

    Nothing is removed before the end: for minutes after many inodes were deleted, ext4 searches long for one it may
    use (recently_deleted() in fs/ext4/ialloc.c), and whoever restores next would pay for it.
    """

    def __init__(self, engine, name, fill, store):
        self.engine = engine
        self.store = store
        self.restored = []
        files = idle_service(volumes=["tree:/tree"])
        self.project = Project(engine, f"bench-{name}", {"files": files}, ["tree"], store / "cofferdam")
        fill(self.project.folder_of("tree"))
        self.entries, self.bytes = trees.content_size(self.project.folder_of("tree"))
        self.fingerprint = trees.fingerprint(self.project.folder_of("tree"))

    def close(self):
        self.project.cofferdam("commit", "--yes")
        self.project.close()
        for volume in self.restored:
            self.engine.docker("volume", "rm", "--force", volume)

    def ready(self):
        """Everybody starts with the tree in the page cache and nothing left to write from before."""
        trees.warm(self.project.folder_of("tree"))
        os.sync()

    def measured(self, action):
        load = os.getloadavg()[0]
        with PeakMemory(self.engine) as peak:
            result = action()
        return {**result, "peak_mebibytes": peak.mebibytes, "load_before": load}

    def race(self, rounds, tell):
        """A list of records {tool, action, round, seconds, …}."""
        records = []
        for turn in range(rounds):
            for tool in [COFFERDAM, *(rival.name for rival in VOLUME_RIVALS)]:
                self.ready()
                for action, result in self.turn(tool, turn):
                    records.append({"tool": tool, "action": action, "round": turn, **result})
                    tell(f"{tool}: {action} {result['seconds']:.2f} s")
        return records

    def turn(self, tool, turn):
        if tool == COFFERDAM:
            return self.cofferdam_turn(f"round{turn}")
        return self.rival_turn(next(rival for rival in VOLUME_RIVALS if rival.name == tool))

    def cofferdam_turn(self, snapshot):
        yield "capture", self.measured(lambda: create(self.project, snapshot))
        os.sync()
        yield "restore", self.measured(lambda: restore(self.project, snapshot))
        self.expect(self.project.folder_of("tree"))
        self.project.cofferdam("delete", snapshot, "--yes")

    def rival_turn(self, rival):
        volume, store = self.project.volume("tree"), self.store / "rival"
        target = self.project.volume(f"restored{len(self.restored)}")
        rival.prepare(self.engine, volume, store)
        yield "capture", self.measured(lambda: rival.backup(self.engine, volume, store))
        self.restored.append(target)
        self.engine.docker("volume", "create", target)
        os.sync()
        try:
            yield "restore", self.measured(lambda: rival.restore(self.engine, target, store))
            self.expect(self.engine.mountpoint(target))
        finally:
            shutil.rmtree(store)

    def expect(self, folder):
        if trees.fingerprint(folder) != self.fingerprint:
            raise RuntimeError(f"what was restored into {folder} is not what was saved")
