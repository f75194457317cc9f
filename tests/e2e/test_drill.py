"""A snapshot is proven by booting the stack from it: isolated, compared, removed, reported."""
import json
import os
import pathlib
import signal

import pytest

from secret_watch import secret
from stack import SMALL, fill

DRILL = pathlib.Path(__file__).with_name("drill.yml")
PROBE = """
import json, socket, sys
def reach(host, port):
    try:
        socket.create_connection((host, int(port)), 2).close()
        return "reached"
    except ConnectionRefusedError:
        return "reached"  # somebody was there to refuse
    except OSError as error:
        return type(error).__name__ + " " + str(error.errno)
print(json.dumps({target: reach(*target.rsplit(":", 1)) for target in sys.argv[1:]}))
"""


@pytest.fixture
def shop(stacks, host):
    stack = stacks(host, compose_file=DRILL)
    (stack.folder / "app.conf").write_text("wanted=1\n")
    stack.compose("up", "--detach", "--wait", "db", "web", "watcher", "cofferdam")
    fill(stack)
    stack.create("nightly")
    return stack


def drill(stack, *words, check=True):
    done = stack.cofferdam("drill", "nightly", "--json", *words, check=check, timeout=400)
    summary = json.loads(done.stdout.splitlines()[-1])
    assert summary["type"] == "summary", done.stdout
    return done.returncode, summary, {item["name"]: item for item in summary["items"]}


def leftovers(stack, label="cofferdam.role=drill"):
    found = []
    for words in (["ps", "--all"], ["network", "ls"], ["volume", "ls"]):
        found += stack.docker(*words, "--quiet", "--filter", f"label={label}").stdout.split()
    return found


def live_state(stack):
    """What must be the same afterwards: every container with its start, every volume."""
    containers = [json.loads(line) for line in stack.docker(
        "ps", "--all", "--no-trunc", "--format", "{{json .}}", "--filter",
        f"label=com.docker.compose.project={stack.project}").stdout.splitlines()]
    ids = sorted(one["ID"] for one in containers)
    starts = stack.docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}} {{.State.Status}}", *ids).stdout
    volumes = stack.docker("volume", "ls", "--quiet", "--filter", f"label=com.docker.compose.project={stack.project}").stdout
    return starts, volumes, sorted(os.listdir(stack.mountpoint("files")))


def standing(stack):
    return next(one for one in stack.snapshots() if one["name"] == "nightly")["checked"]


def test_a_good_snapshot_passes_and_nothing_live_is_touched(shop):
    before = live_state(shop)

    code, summary, items = drill(shop)

    assert code == 0, summary
    assert summary["passed"] and summary["level"] == "drilled"
    assert items["files"]["result"] == "passed" and "as recorded" in items["files"]["text"]
    assert items["spare"]["text"] == "empty, not in the snapshot"
    assert items["db/openmapx"]["result"] == "passed"
    assert items["migrate"]["text"].startswith("ended with exit code 0; with a copy of the host's")
    assert items["web"]["text"].startswith("is healthy")
    assert "without capabilities NET_ADMIN" in items["web"]["text"]
    assert items["watcher"]["result"] == items["cofferdam"]["result"] == "skipped"
    assert set(summary["seconds"]) == {"verify", "volumes", "databases", "boot", "total"}
    assert live_state(shop) == before
    assert leftovers(shop) == [] and shop.helpers() == []
    assert standing(shop)["level"] == "drilled" and standing(shop)["failed"] is None
    assert "drilled" in shop.cofferdam("list").stdout
    shown = json.loads(shop.cofferdam("show", "nightly", "--json").stdout)
    assert shown["checks"]["reports"][-1]["kind"] == "drill"
    assert secret("POSTGRES_PASSWORD") not in (shop.backups / ".cofferdam/reports/nightly.jsonl").read_text()


def test_a_drill_reaches_nobody_and_nobody_adopts_it(shop):
    code, summary, _ = drill(shop, "--keep")
    assert code == 0, summary
    prefix = summary["kept"]
    made = json.loads(shop.docker("inspect", *shop.docker(
        "ps", "--all", "--quiet", "--filter", "label=cofferdam.role=drill").stdout.split()).stdout)
    live = json.loads(shop.docker("inspect", shop.container("db")).stdout)[0]["NetworkSettings"]["Networks"]
    address = next(iter(live.values()))
    bridge = json.loads(shop.docker("network", "inspect", prefix).stdout)[0]

    targets = [f"{address['IPAddress']}:5432", f"{address['Gateway']}:22", "198.51.100.7:80", "db:5432",
               f"{bridge['IPAM']['Config'][0]['Gateway']}:22", "example.org:80"]
    probed = json.loads(shop.docker("exec", f"{prefix}-web", "python3", "-c", PROBE, *targets).stdout)

    assert probed.pop("db:5432") == "reached", "services of a drill find each other"
    assert all(result != "reached" for result in probed.values()), probed
    assert bridge["Internal"]
    assert {one["Name"].removeprefix("/" + prefix + "-") for one in made} == {"db", "migrate", "web"}
    for one in made:
        host_config = one["HostConfig"]
        assert not host_config["PortBindings"] and not host_config["PublishAllPorts"]
        assert not host_config["Privileged"] and not host_config["Devices"]
        assert list(one["NetworkSettings"]["Networks"]) == [prefix]
        assert host_config["RestartPolicy"]["Name"] == "no"
        assert host_config["LogConfig"]["Config"]["max-size"]
        for mount in one["Mounts"]:
            assert f"/{prefix}-" in mount["Source"], f"of the host: {mount}"
        assert not [label for label in one["Config"]["Labels"] if label.startswith("com.docker.compose.")]
    assert leftovers(shop, f"com.docker.compose.project={shop.project}") and prefix not in shop.compose("ps", "--all").stdout

    # A drill that was kept stays through other jobs, until somebody wants it gone.
    shop.create("another")
    assert shop.docker("ps", "--quiet", "--filter", f"name={prefix}-web").stdout
    shop.cofferdam("drill", "--clean", "nightly")
    assert leftovers(shop) == []
    assert shop.cofferdam("drill", "--clean", "nightly", check=False).returncode == 10


def test_a_flipped_byte_marks_the_snapshot(shop):
    archive = shop.backups / "nightly/volumes/files.tar.zst"
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 1
    archive.write_bytes(data)

    code, summary, items = drill(shop, check=False)

    assert code == 13 and not summary["passed"]
    assert items["volumes/files.tar.zst"]["result"] == "differs"
    assert standing(shop)["failed"]["kind"] == "drill"
    assert "FAILED drill" in shop.cofferdam("list").stdout
    assert leftovers(shop) == []


def test_a_service_that_does_not_come_up_marks_the_snapshot(shop):
    (shop.mountpoint("files") / "picky").write_text("")
    (shop.mountpoint("spare") / "by-hand").write_text("")
    shop.cofferdam("delete", "nightly", "--yes")
    shop.create("nightly")
    before = live_state(shop)

    code, summary, items = drill(shop, check=False)

    assert code == 1 and summary["reason"] == "service web: is unhealthy; without capabilities NET_ADMIN"
    assert items["files"]["result"] == "passed"
    assert standing(shop) == {"level": "stored", "at": None, "failed": {"kind": "drill", "at": summary["at"]}}
    assert live_state(shop) == before
    assert leftovers(shop) == []
    # A verify that passes proves less than the drill that did not.
    shop.cofferdam("verify", "nightly")
    assert standing(shop)["level"] == "readable" and standing(shop)["failed"]["kind"] == "drill"


def test_a_changed_report_is_noticed(shop):
    shop.cofferdam("verify", "nightly")
    assert standing(shop)["level"] == "readable"
    path = shop.backups / ".cofferdam/reports/nightly.jsonl"
    path.write_text(path.read_text().replace('"readable"', '"drilled"'))

    assert "cannot be trusted" in standing(shop)["problem"]
    assert "REPORTS CHANGED" in shop.cofferdam("list").stdout


def test_a_missing_image_is_refused_and_nothing_is_made(shop):
    image = f"cofferdam-test/{shop.project}:1"
    shop.docker("commit", shop.container("web"), image)
    settings = shop.folder / "env"
    usual = settings.read_text()
    settings.write_text(usual + f"WEB_IMAGE={image}\n")
    shop.compose("up", "--detach", "--wait", "web")
    shop.create("with-it")
    settings.write_text(usual)
    shop.compose("up", "--detach", "--wait", "web")
    shop.docker("rmi", image)

    done = shop.cofferdam("drill", "with-it", check=False)

    assert done.returncode == 4
    assert f"image {image} (sha256:" in done.stderr and "of service web is not on this engine" in done.stderr
    assert leftovers(shop) == []
    assert drill(shop)[0] == 0, "the snapshot on the usual image can be drilled"


@pytest.mark.parametrize("victim", ["command", "sidecar"])
def test_kill_9_in_the_middle_leaves_nothing(small, victim):
    small.create("nightly")
    before = live_state(small)
    with small.drill_events("start") as events:
        command = small.start_cofferdam("drill", "nightly")
        events.wait_for("start db")
        if victim == "command":
            os.kill(small.process_id("drill", "nightly"), signal.SIGKILL)
        else:
            small.docker("kill", small.container("cofferdam"))
    command.wait(timeout=60)
    small.compose("start", "cofferdam")
    small.wait_until_idle()

    assert leftovers(small) == [] and small.helpers() == []
    if victim == "command":
        assert live_state(small) == before
    assert standing(small)["level"] == "stored" and standing(small)["failed"] is None
    assert drill(small)[0] == 0


def test_ctrl_c_removes_everything_at_once(small):
    small.create("nightly")
    with small.drill_events("start") as events:
        command = small.start_cofferdam("drill", "nightly")
        events.wait_for("start db")
        os.kill(small.process_id("drill", "nightly"), signal.SIGINT)
    assert command.wait(timeout=120) == 130
    assert leftovers(small) == [] and small.helpers() == []
    assert SMALL.exists()


def test_the_example_stack_comes_up_in_a_drill(openmapx):
    openmapx.create("nightly")

    code, summary, items = drill(openmapx)

    assert code == 0, summary
    assert {name for name, item in items.items() if item["kind"] == "service" and item["result"] == "passed"} == {
        "traefik", "postgis", "redis", "app-api", "nominatim", "valhalla", "tileserver"}
    assert leftovers(openmapx) == []
    print(json.dumps(summary["seconds"]))
