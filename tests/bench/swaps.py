"""How long a service is down for a restore and an undo, at two sizes of its volume."""
import os
import time

from engine import Project, create, idle_service

MEBIBYTE = 1 << 20
FILE = 64 * MEBIBYTE


def fill(folder, mebibytes):
    """Each file repeats a random piece of its own: large on the disk, small in the store."""
    for number in range(0, mebibytes * MEBIBYTE, FILE):
        piece = os.urandom(MEBIBYTE)
        with open(folder / f"file{number}", "wb") as file:
            for _ in range(min(FILE, mebibytes * MEBIBYTE - number) // MEBIBYTE):
                file.write(piece)


def seconds_down(project, action):
    """By the engine's own events."""
    since = time.time()
    action()
    return project.stopped_seconds(since)["files"]


def restart(project):
    project.engine.docker("restart", project.container("files"))


def outages(engine, store, mebibytes, rounds):
    project = Project(engine, f"bench-swap-{mebibytes}", {"files": idle_service(volumes=["tree:/tree"])}, ["tree"], store)
    try:
        fill(project.folder_of("tree"), mebibytes)
        create(project, "saved")
        actions = {"restart": lambda: restart(project),
                   "restore": lambda: project.cofferdam("restore", "saved", "--stop-running", "--yes"),
                   "undo": lambda: project.cofferdam("undo", "--yes")}
        records = []
        for _ in range(rounds):
            for name, action in actions.items():
                records.append({"mebibytes": mebibytes, "action": name, "seconds": seconds_down(project, action)})
            project.cofferdam("commit", "--yes")
        return records
    finally:
        project.close()


def swap_outages(engine, store, sizes, rounds):
    return [record for size in sizes for record in outages(engine, store, size, rounds)]
