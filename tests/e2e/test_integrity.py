"""One byte that changed is found, named, and restores nothing."""
import os
import subprocess

import pytest

from stack import run


@pytest.fixture
def saved(small):
    small.create("saved")
    return small


def stored_files(stack):
    folder = stack.backups / "saved"
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_every_stored_file_damaged_by_one_byte(saved):
    rows, listing = saved.sql("SELECT sum(n) FROM thing"), sorted(os.listdir(saved.mountpoint("files")))
    saved.sql("INSERT INTO thing VALUES (999, 'since the snapshot')")
    for path in stored_files(saved):
        good = path.read_bytes()
        middle = len(good) // 2
        path.write_bytes(good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1:])
        name = str(path.relative_to(saved.backups / "saved"))

        verified = saved.cofferdam("verify", "saved", check=False)
        restored = saved.cofferdam("restore", "saved", "--stop-running", "--yes", check=False)

        assert verified.returncode == 13, name
        assert name in verified.stdout, verified.stdout
        if name != "RECOVERY.txt":
            assert restored.returncode == 13, f"{name}: {restored.stderr}"
        path.write_bytes(good)
        assert saved.sql("SELECT max(n) FROM thing") == "999", f"{name}: nothing live was touched"
    saved.cofferdam("verify", "saved")
    saved.cofferdam("restore", "saved", "--stop-running", "--yes")
    assert saved.sql("SELECT sum(n) FROM thing") == rows
    assert sorted(os.listdir(saved.mountpoint("files"))) == listing


def test_recovery_by_hand_with_stock_tools(saved, tmp_path):
    """RECOVERY.txt's own commands for the volume, run in a bare container."""
    saved.compose("stop", "files", "reader")
    before = run("bash", "-c", f"cd {saved.mountpoint('files')} && find . -printf '%P %y %m %U:%G %T@\\n' | sort").stdout
    text = (saved.backups / "saved" / "RECOVERY.txt").read_text()
    commands = [line.strip() for line in text.splitlines() if line.startswith("    ")]
    extracts = [line for line in commands if "tar" in line and "zst" in line]
    assert extracts, text
    assert "pg_restore" in text and "sha256sum" in text
    out = tmp_path / "out"
    out.mkdir()
    saved.docker("run", "--rm", "--volume", f"{saved.backups}/saved:/snapshot:ro", "--volume", f"{out}:/out",
                 "--entrypoint", "bash", "cofferdam-test/postgis:15", "-c",
                 "set -eo pipefail; zstd -dc /snapshot/volumes/files.tar.zst | tar --extract --numeric-owner "
                 "--same-permissions --xattrs --xattrs-include='*' --acls --directory /out")
    assert run("bash", "-c", f"cd {out} && find . -printf '%P %y %m %U:%G %T@\\n' | sort").stdout == before
    assert os.listdir(out)
    saved.sql("CREATE DATABASE by_hand TEMPLATE template0", database="postgres")
    dump = saved.backups / "saved/databases/db/openmapx.dump.zst"
    with subprocess.Popen(["zstd", "-dc", dump], stdout=subprocess.PIPE) as source:
        saved.execute("db", "pg_restore", "--exit-on-error", "-U", "openmapx", "-d", "by_hand", stdin=source.stdout)
    assert source.returncode == 0
    assert saved.sql("SELECT sum(n) FROM thing", database="by_hand") == saved.sql("SELECT sum(n) FROM thing")
