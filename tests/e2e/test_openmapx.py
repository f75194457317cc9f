"""The main job: a live stack is backed up, destroyed and brought back identical."""
import glob
import hashlib
import json
import subprocess

from secret_watch import secret
from stack import REPOSITORY, run

MINIMUM_BYTES = 200 << 20


def package_index():
    """Debian's own package index, as the machine has it: the fixture's real rows."""
    script = f". {REPOSITORY}/scripts/lib/places.sh; . {REPOSITORY}/scripts/lib/toolchain.sh; echo $toolchain_dir"
    folder = run("bash", "-c", script).stdout.strip()
    found = glob.glob(f"{folder}/apt/lists/*Packages*")
    assert found, f"no package index below {folder}"
    return found


def load_rows(stack):
    for suite in ("bookworm", "trixie"):
        files = [name for name in package_index() if f"_dists_{suite}_main_" in name]
        with subprocess.Popen(["/usr/lib/apt/apt-helper", "cat-file", *files], stdout=subprocess.PIPE) as source:
            stack.execute("app-api", "load-rows", "packages", suite, stdin=source.stdout, timeout=600)
    stack.execute("app-api", "load-rows", "shores")


def fingerprint(stack):
    """Of what nobody writes to."""
    return stack.fingerprint(except_for="^ledger")


def history(stack):
    return stack.sql("SELECT n, sum FROM ledger ORDER BY n").splitlines()


def starts(stack):
    lines = stack.execute("app-api", "cat", "/var/lib/openmapx/starts.log").stdout.splitlines()
    return [json.loads(line) for line in lines]


def test_a_stack_under_load_comes_back_identical(openmapx):
    stack = openmapx
    load_rows(stack)
    assert int(stack.sql("SELECT pg_database_size('openmapx')")) > MINIMUM_BYTES
    stack.execute("redis", "valkey-cli", "set", "region", "monaco")
    before, running = fingerprint(stack), stack.running()
    acme = hashlib.sha256((stack.mountpoint("traefik") / "acme.json").read_bytes()).hexdigest()
    committed, started = len(history(stack)), len(starts(stack))

    summary = stack.create("flood")
    lost = history(stack)

    assert summary["status"] == "success"
    assert stack.running() == running
    assert stack.helpers() == []
    assert set(summary["downtime_seconds"]) == {"app-api", "redis", "traefik"}, "the database stays up"
    stack.cofferdam("verify", "flood")

    stack.destroy()
    stack.up()
    stack.cofferdam("restore", "flood", "--stop-running", "--yes", timeout=600)
    stack.up()

    assert fingerprint(stack) == before
    assert stack.running() == running
    assert stack.helpers() == []
    assert hashlib.sha256((stack.mountpoint("traefik") / "acme.json").read_bytes()).hexdigest() == acme
    assert stack.execute("redis", "valkey-cli", "get", "region").stdout.strip() == "monaco"
    # What the application found when it was started on the restored state.
    found = starts(stack)[started]
    assert found["file_last"] == found["row_last"], "volume and database show the same instant"
    assert found["row_last"] >= committed
    assert history(stack)[: found["row_last"]] == lost[: found["row_last"]], "a prefix of what was committed"
    assert stack.ledger()["ok"]


def test_the_manifest_holds_no_secret(openmapx):
    openmapx.create("secrets")

    stored = b"".join((openmapx.backups / "secrets" / name).read_bytes() for name in ("manifest.json", "RECOVERY.txt"))
    for name in ("POSTGRES_PASSWORD", "BETTER_AUTH_SECRET", "OPENMAPX_SECRETS_KEY"):
        assert secret(name).encode() not in stored
