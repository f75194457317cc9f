"""A snapshot comes back under another project name, and on another host."""
import os
import shutil

from stack import SMALL, fill


def things(stack):
    return stack.sql("SELECT count(*), sum(n) FROM thing")


def files_of(stack):
    return sorted(os.listdir(stack.mountpoint("files")))


def test_into_a_renamed_project(small, stacks, host):
    small.create("moving")
    expected, listing = things(small), files_of(small)
    small.destroy()
    renamed = stacks(host, compose_file=SMALL, backups=small.backups).up()

    renamed.cofferdam("restore", "moving", "--stop-running", "--yes")

    assert things(renamed) == expected
    assert files_of(renamed) == listing
    assert renamed.running() == {"db", "files", "reader", "cofferdam"}
    assert small.docker("volume", "ls", "--quiet", "--filter", f"name={small.project}_").stdout == ""


def test_onto_another_host_with_an_older_engine(small, stacks, other_host):
    small.sql("INSERT INTO thing VALUES (1000, 'moved')")
    small.create("moving")
    expected, listing = things(small), files_of(small)
    there = stacks(other_host, compose_file=SMALL).up()
    fill(there)
    shutil.copytree(small.backups / "moving", there.backups / "moving")

    there.cofferdam("restore", "moving", "--stop-running", "--yes")

    assert things(there) == expected
    assert files_of(there) == listing
    assert there.create("made-there")["status"] == "success"
