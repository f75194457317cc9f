"""What a volume holds comes back to the last attribute, and nothing else stays."""
import os

import tree
from stack import run


def test_the_torture_tree_comes_back_attribute_by_attribute(small):
    root = os.fsencode(small.mountpoint("files"))
    small.compose("stop", "files", "reader")
    run("find", small.mountpoint("files"), "-mindepth", "1", "-delete")
    tree.build(root)
    before = tree.walk(root)
    summary = small.create("torture", "--services", "files")
    assert summary["status"] == "success"

    os.chmod(root, 0o755)
    run("find", small.mountpoint("files"), "-mindepth", "1", "-delete")
    with open(os.path.join(root, b"not in the snapshot"), "w") as file:
        file.write("must be gone afterwards")
    small.cofferdam("restore", "torture", "--services", "files", "--yes")

    assert tree.differences(before, tree.walk(root)) == []


def test_containers_that_did_not_run_stay_down(small):
    small.compose("stop", "reader")
    small.create("one-down")
    assert small.running() == {"db", "files", "cofferdam"}

    small.cofferdam("restore", "one-down", "--stop-running", "--yes")

    assert small.running() == {"db", "files", "cofferdam"}


def test_a_paused_container_is_paused_again(small):
    small.compose("pause", "reader")
    small.create("paused")

    assert small.inspect("reader")["State"]["Status"] == "paused"


def test_restart_policies_are_put_back(small):
    policies = {name: small.inspect(name)["HostConfig"]["RestartPolicy"] for name in ("files", "reader", "db")}
    small.create("policies")
    small.cofferdam("restore", "policies", "--stop-running", "--yes")

    assert {name: small.inspect(name)["HostConfig"]["RestartPolicy"] for name in policies} == policies


def test_a_volume_can_be_mapped_to_another_name(small):
    small.create("mapped")
    other = small.project + "_elsewhere"
    try:
        small.cofferdam("restore", "mapped", "--services", "files", "--map", f"files={other}", "--yes")
        listing = small.docker("volume", "inspect", "--format", "{{.Mountpoint}}", other).stdout.strip()
        assert sorted(os.listdir(listing)) == sorted(os.listdir(small.mountpoint("files")))
    finally:
        small.docker("volume", "rm", other, check=False)


def test_a_missing_volume_is_made_with_its_labels(small):
    small.create("labels")
    labels = small.docker("volume", "inspect", "--format", "{{json .Labels}}", small.volume("files")).stdout
    small.compose("rm", "--stop", "--force", "files", "reader")
    small.docker("volume", "rm", small.volume("files"))

    small.cofferdam("restore", "labels", "--services", "files", "--yes")

    assert small.docker("volume", "inspect", "--format", "{{json .Labels}}", small.volume("files")).stdout == labels
    assert os.listdir(small.mountpoint("files"))
