"""No room: said before the outage, cleaned up after, and nothing lost."""
import contextlib
import os

from stack import SMALL, run


@contextlib.contextmanager
def small_disk(folder, megabytes):
    folder.mkdir(exist_ok=True)
    run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder)
    try:
        yield folder
    finally:
        run("umount", "--lazy", folder)


def test_too_little_room_is_known_before_anything_stops(stacks, host, tmp_path):
    with small_disk(tmp_path / "disk", 20) as disk:
        stack = stacks(host, compose_file=SMALL, backups=disk, env={"INDEX_MB": "64"}).up()
        started = {name: stack.inspect(name)["State"]["StartedAt"] for name in ("files", "reader", "db")}

        done = stack.cofferdam("create", check=False)

        assert done.returncode == 15, done.stderr
        assert {name: stack.inspect(name)["State"]["StartedAt"] for name in started} == started, "nothing was stopped"
        assert stack.snapshots() == []
        stack.close()


def test_the_store_fills_up_while_it_is_written(stacks, host, tmp_path):
    with small_disk(tmp_path / "disk", 100) as disk:
        stack = stacks(host, compose_file=SMALL, backups=disk, env={"INDEX_MB": "60"}).up()
        stack.create("good")
        # A second snapshot of the same size would fit by estimate, did somebody else not take the room meanwhile.
        with stack.locked_table(), stack.events("die") as events:
            command = stack.start_cofferdam("create", "--name", "full")
            events.wait_for("die files")
            with open(disk / "other", "wb") as other, contextlib.suppress(OSError):
                while True:
                    other.write(b"x" * (1 << 20))
                    other.flush()
        assert command.wait(timeout=120) == 15, command.stderr.read()
        assert stack.running() == {"db", "files", "reader", "cofferdam"}
        os.remove(disk / "other")
        assert [entry["name"] for entry in stack.snapshots()] == ["good"]
        stack.cofferdam("delete", "good", "--yes")
        assert stack.create("again")["status"] == "success"
        stack.close()


def test_without_a_byte_left_in_the_store_nothing_stops(stacks, host, tmp_path):
    with small_disk(tmp_path / "disk", 100) as disk:
        stack = stacks(host, compose_file=SMALL, backups=disk).up()
        stack.create("good")
        started = {name: stack.inspect(name)["State"]["StartedAt"] for name in ("files", "reader", "db")}
        with open(disk / "other", "wb", buffering=0) as other, contextlib.suppress(OSError):
            while other.write(b"x" * 4096):
                pass

        for words in (("create",), ("restore", "good", "--stop-running", "--yes")):
            done = stack.cofferdam(*words, check=False)
            assert done.returncode == 15, (words, done.stderr)
        assert {name: stack.inspect(name)["State"]["StartedAt"] for name in started} == started
        os.remove(disk / "other")
        stack.cofferdam("restore", "good", "--stop-running", "--yes")
        stack.close()


def test_no_room_to_restore_touches_nothing(small):
    small.create("saved")
    listing, name = sorted(os.listdir(small.mountpoint("files"))), small.project + "_tight"
    small.docker("volume", "create", "--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", "o=size=1m", name)
    try:
        done = small.cofferdam("restore", "saved", "--services", "files", "--map", f"files={name}", "--yes", check=False)

        assert done.returncode == 15, done.stderr
        assert small.running() == {"db", "files", "reader", "cofferdam"}
        assert sorted(os.listdir(small.mountpoint("files"))) == listing
    finally:
        small.docker("volume", "rm", name, check=False)
