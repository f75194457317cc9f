"""The API of a running sidecar: what it says it is, it is, and what the command line does, it does."""
import json
import re
import signal

import jsonschema
import pytest

from secret_watch import secret
from stack import REPOSITORY, host_command, run
from test_access import Client
from test_serve import Serve

SECRET = secret("a topic, and a key of storage")
SETTINGS = {"COFFERDAM_SCHEDULE": "0 2 1 1 *", "COFFERDAM_NOTIFY": f"ntfy://127.0.0.1/{SECRET}",
            "COFFERDAM_S3_BUCKET": "shop", "COFFERDAM_S3_ACCESS_KEY_ID": "id", "COFFERDAM_S3_SECRET_ACCESS_KEY": SECRET}


@pytest.fixture
def serve(small):
    small.compose("stop", "cofferdam")
    with Serve(small, **SETTINGS) as one:
        one.wait_for(200)
        yield one


def cofferdam(stack, *words, **options):
    command, environment = host_command(stack)
    return run(*command, *words, env={**environment, **SETTINGS}, **options)


def asking(serve, stack, scopes="admin"):
    token = json.loads(cofferdam(stack, "token", "create", "test", "--scopes", scopes, "--json").stdout)["token"]
    return Client(serve, Authorization="Bearer " + token)


def finished(stack, api, accepted):
    """The job once it is over."""
    cofferdam(stack, "logs", "-f", accepted["job"])
    return api.json("GET", f"/api/v1/jobs/{accepted['job']}")


def test_what_the_document_says_is_what_is_answered(serve, small):
    api = asking(serve, small)
    document = api.json("GET", "/api/v1/openapi.json")
    job = finished(small, api, api.json("POST", "/api/v1/snapshots", {"name": "saved"}, status=202))
    assert (job["state"], job["started_by"]) == ("success", "api token test"), job
    known = {"name": "saved", "id": job["id"]}
    looked_at = set()
    for path, operations in document["paths"].items():
        if "get" not in operations or path in ("/api/v1/stores/{name}/snapshots",):
            continue  # there is no bucket behind that one
        asked = re.sub("{([a-z]+)}", lambda match: known[match[1]], path)
        content = operations["get"]["responses"]["200"]["content"].get("application/json")
        if not content:
            continue  # test_api_streams.py
        schema = {**content["schema"], "components": document["components"]}
        answer = api.json("GET", asked)
        jsonschema.Draft202012Validator(schema).validate(answer)
        assert SECRET not in json.dumps(answer), path
        looked_at.add(path)
    assert len(looked_at) >= 17, looked_at
    problem = {"$ref": "#/components/schemas/Problem", "components": document["components"]}
    jsonschema.Draft202012Validator(problem).validate(api.json("GET", "/api/v1/snapshots/none", status=404))


def test_the_document_and_the_pages_speak_of_the_same_routes(serve, small):
    document = asking(serve, small).json("GET", "/api/v1/openapi.json")
    scopes = {f"{method.upper()} {path.removeprefix('/api/v1')}": operation.get("x-scope", "")
              for path, operations in document["paths"].items() for method, operation in operations.items()}
    written = {}
    for line in (REPOSITORY / "docs/api.md").read_text().splitlines():
        if re.match(r"\| `(GET|POST|PUT|DELETE) ", line):
            cells = line.split("|")
            for route in re.findall(r"`([A-Z]+ /[^`]*)`", cells[1]):
                written[route] = cells[2].strip().strip("`")
    assert written == scopes


def test_the_answers_are_what_commands_print(serve, small):
    api = asking(serve, small)
    finished(small, api, api.json("POST", "/api/v1/snapshots", {"name": "saved", "queue": True}, status=202))
    for path, words in (("snapshots", "list"), ("snapshots/saved", "show saved"), ("plan", "plan"), ("jobs", "jobs"),
                        ("schedules", "schedule ls"), ("retention", "prune --dry-run"), ("points", "points")):
        printed = json.loads(cofferdam(small, *words.split(), "--json").stdout)
        assert api.json("GET", f"/api/v1/{path}") == printed, path
    (made,) = [one for one in api.json("GET", "/api/v1/settings") if one["name"] == "COFFERDAM_S3_SECRET_ACCESS_KEY"]
    assert made == {"name": "COFFERDAM_S3_SECRET_ACCESS_KEY", "origin": "variable", "secret": True, "value": None}


def test_a_restore_does_what_its_preview_showed_and_can_be_undone(serve, small):
    api = asking(serve, small, "restore")
    small.sql("CREATE TABLE before_it (id int)")
    cofferdam(small, "create", "--name", "saved")
    small.sql("DROP TABLE before_it")
    words = {"stop_running": True}
    plan = api.json("POST", "/api/v1/snapshots/saved/restore/preview", words)
    refused = api.json("POST", "/api/v1/snapshots/saved/restore", {**words, "plan": "0" * 64}, status=409)
    assert refused["code"] == "plan-changed", refused
    assert api.json("POST", "/api/v1/snapshots/saved/restore", words, status=400)["code"] == "bad-request"
    accepted = api.json("POST", "/api/v1/snapshots/saved/restore", {**words, "plan": plan["hash"]}, status=202)
    assert finished(small, api, accepted)["state"] == "success"
    assert small.sql("SELECT count(*) FROM before_it") == "0"
    (point,) = api.json("GET", "/api/v1/points")
    undo = f"/api/v1/points/{point['point']}/undo"
    assert api.json("POST", undo, {"plan": "0" * 64}, status=409)["code"] == "plan-changed"
    shown = api.json("POST", undo + "/preview")
    accepted = api.json("POST", undo, {"plan": shown["hash"]}, status=202)
    assert finished(small, api, accepted)["state"] == "success"
    assert small.sql("SELECT to_regclass('before_it') IS NULL") == "t"
    assert small.running() >= {"db", "files", "reader"}


def test_a_corrupt_snapshot_is_not_restored(serve, small):
    api = asking(serve, small)
    for name in ("flipped", "headless"):
        cofferdam(small, "create", "--name", name)
    artifact = next((small.backups / "flipped/volumes").iterdir())
    damaged = bytearray(artifact.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    artifact.write_bytes(damaged)
    (small.backups / "headless/manifest.json").write_text("{")
    assert finished(small, api, api.json("POST", "/api/v1/snapshots/flipped/verify", status=202))["state"] == "failed"
    for name in ("flipped", "headless"):
        for ending in ("restore/preview", "restore"):
            body = {"plan": "0" * 64} if ending == "restore" else None
            problem = api.json("POST", f"/api/v1/snapshots/{name}/{ending}", body, status=409)
            assert problem["code"] == "corrupt", (name, ending)


def test_a_job_is_followed_and_cancelled_and_one_works_at_a_time(serve, small):
    api = asking(serve, small, "backup")
    with small.locked_table(), small.events("die") as events:
        accepted = api.json("POST", "/api/v1/snapshots", {"name": "unwanted"}, status=202)
        events.wait_for("die files", "die reader")
        locked = api.json("POST", "/api/v1/snapshots", {"name": "other"}, status=409)
        assert locked["code"] == "locked" and "create unwanted" in locked["detail"]
        waiting = api.json("POST", "/api/v1/snapshots", {"name": "other", "queue": True}, status=202)
        assert waiting["state"] == "queued"
        path = f"/api/v1/jobs/{accepted['job']}"
        lines = api.json("GET", path + "/log")
        assert lines and api.json("GET", f"{path}/log?after={lines[-1]['number']}") == []
        assert api.json("POST", f"/api/v1/jobs/{waiting['job']}/cancel", status=202)["job"] == waiting["job"]
        assert finished(small, api, waiting)["state"] == "cancelled"
        api.json("POST", path + "/cancel", status=202)
        assert finished(small, api, accepted)["state"] == "cancelled"
    assert api.json("POST", path + "/cancel", status=409)["code"] == "refused"
    small.wait_until_idle()
    assert api.json("GET", "/api/v1/snapshots") == []
    assert small.running() >= {"db", "files", "reader"}


def test_what_is_not_meant_is_refused_with_its_reason(serve, small):
    api = asking(serve, small)
    for method, path, body, status, code in (
            ("POST", "/snapshots", {"name": "one two"}, 400, "bad-request"),
            ("POST", "/snapshots", {"nmae": "one"}, 400, "bad-request"),
            ("DELETE", "/snapshots/--all", None, 400, "bad-request"),
            ("DELETE", "/snapshots/none", None, 404, "not-found"),
            ("POST", "/snapshots/none/restore/preview", None, 404, "not-found"),
            ("POST", "/points/none/undo/preview", None, 404, "not-found"),
            ("POST", "/schedules/none/run", None, 404, "not-found"),
            ("GET", "/jobs/none", None, 404, "not-found"),
            ("GET", "/jobs?limit=x", None, 400, "bad-request"),
            ("GET", "/stores/none/snapshots", None, 400, "bad-request")):
        assert api.json(method, "/api/v1" + path, body, status=status)["code"] == code, path
    reader = asking(serve, small, "read")
    assert reader.json("DELETE", "/api/v1/snapshots/none", status=403)["code"] == "scope-missing"


def test_what_is_outside_and_cannot_be_reached_is_told(serve, small):
    api = asking(serve, small)
    assert api.json("POST", "/api/v1/stores/none/test", status=400)["code"] == "bad-request"
    assert api.json("POST", "/api/v1/notifications/ntfy/test", status=502)["code"] == "destination-unreachable"
    job = finished(small, api, api.json("POST", "/api/v1/snapshots/none/copy", status=202))
    assert job["state"] == "failed" and SECRET not in json.dumps(job), job


def test_a_snapshot_is_pinned_and_deleted(serve, small):
    api = asking(serve, small)
    cofferdam(small, "create", "--name", "saved")
    assert api.ask("PUT", "/api/v1/snapshots/saved/pin")[0] == 204
    assert api.json("GET", "/api/v1/snapshots/saved")["pinned"] is True
    assert api.json("DELETE", "/api/v1/snapshots/saved", status=409)["code"] == "refused"
    assert api.ask("DELETE", "/api/v1/snapshots/saved/pin")[0] == 204
    assert finished(small, api, api.json("DELETE", "/api/v1/snapshots/saved", status=202))["state"] == "success"
    assert api.json("GET", "/api/v1/snapshots") == []
    trail = api.json("GET", "/api/v1/audit")
    assert [(one["action"], one["object"], one["result"]) for one in trail["entries"]][-2:] == [
        ("delete", "saved", "asked"), ("delete", "saved", "ok")]


def test_jobs_end_in_order_when_the_sidecar_ends(serve, small):
    api = asking(serve, small)
    with small.locked_table(), small.events("die") as events:
        accepted = api.json("POST", "/api/v1/snapshots", {"name": "cut-short"}, status=202)
        events.wait_for("die files", "die reader")
        serve.process.send_signal(signal.SIGTERM)
        assert serve.process.wait(30) == 0
    (job,) = [one for one in json.loads(cofferdam(small, "jobs", "--json").stdout) if one["id"] == accepted["job"]]
    assert job["state"] == "cancelled"
    assert small.running() >= {"db", "files", "reader"}
