"""What monitors read: /metrics as Prometheus parses it, and documents that speak of what is there."""
import json
import re

from prometheus_client.parser import text_string_to_metric_families

from stack import REPOSITORY, host_command, run
from test_serve import Serve

DOCUMENT = REPOSITORY / "docs/monitoring.md"
SETTINGS = {"COFFERDAM_METRICS": "true", "COFFERDAM_SCHEDULE": "0 2 1 1 *", "COFFERDAM_NOTIFY": "ntfy://127.0.0.1/topic",
            "COFFERDAM_KEEP_LAST": "1"}


def documented():
    """Names in the first column of the table of metrics."""
    rows = [line.split("|")[1] for line in DOCUMENT.read_text().splitlines() if line.startswith("| `")]
    return {"cofferdam_" + name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}


def samples(serve):
    status, text = serve.get("/metrics")
    assert status == 200, text
    families = list(text_string_to_metric_families(text))
    # The parser takes a counter's ending off its name.
    names = {family.name + ("_total" if family.type == "counter" else "") for family in families}
    values = {(sample.name, *sorted(sample.labels.items())): sample.value for family in families for sample in family.samples}
    return names, values


def test_metrics_tell_how_captures_went(small):
    small.compose("stop", "cofferdam")
    command, environment = host_command(small)
    stack = ("stack", small.project)
    with Serve(small, **SETTINGS) as serve:
        serve.wait_for(200)
        names, values = samples(serve)
        assert values[("cofferdam_backup_runs_total", stack, ("status", "failed"))] == 0
        assert "cofferdam_backup_last_success_timestamp_seconds" not in names
        for name, code in (("saved", 0), ("saved", 4)):
            assert run(*command, "create", "--name", name, env=environment, check=False).returncode == code
        run(*command, "verify", "saved", env=environment)
        names, values = samples(serve)
        assert values[("cofferdam_backup_runs_total", stack, ("status", "success"))] == 1
        assert values[("cofferdam_backup_runs_total", stack, ("status", "failed"))] == 1
        assert values[("cofferdam_backup_last_status", stack, ("status", "failed"))] == 1
        assert values[("cofferdam_backup_duration_seconds_count", stack)] == 2
        assert values[("cofferdam_backup_expected_interval_seconds", stack)] == 366 * 86400
        assert values[("cofferdam_snapshots", ("destination", "store"), stack)] == 1
        assert values[("cofferdam_verify_last_success_timestamp_seconds", ("level", "readable"), stack)] > 0
        assert values[("cofferdam_engine_up",)] == 1
        assert values[("cofferdam_notifications_waiting", ("target", "ntfy"))] >= 0
        assert {name: value for name, value in values.items() if name[0] == "cofferdam_retention_blocked"} == {
            ("cofferdam_retention_blocked", ("reason", reason), stack): 0 for reason in ("clock", "consent", "failed-run")}
        for name in ("second", "third"):
            run(*command, "create", "--name", name, env=environment)
        run(*command, "verify", "third", env=environment)
        _, values = samples(serve)
        assert values[("cofferdam_retention_blocked", ("reason", "consent"), stack)] == 1, "two of three would go"
        assert values[("cofferdam_retention_blocked", ("reason", "failed-run"), stack)] == 0
        assert names <= documented()
    assert run(*command, "notify", "ls", env={**environment, **SETTINGS}).returncode == 0


def test_nobody_reads_metrics_that_are_not_enabled(small):
    small.compose("stop", "cofferdam")
    with Serve(small) as serve:
        assert serve.get("/metrics")[0] == 404
        assert serve.get("/healthz") == (200, "ok\n")


def test_alerts_and_dashboard_speak_of_metrics_that_there_are():
    alerts = (REPOSITORY / "docs/monitoring/alerts.yml").read_text()
    dashboard = (REPOSITORY / "docs/monitoring/grafana-dashboard.json").read_text()
    json.loads(dashboard)
    spoken_of = set(re.findall(r"cofferdam_[a-z_]+", alerts + dashboard))
    families = {re.sub("_(sum|count|bucket)$", "", name) for name in spoken_of}
    assert families and families <= documented()
    source = (REPOSITORY / "controller/metrics/metrics_text.cc").read_text()
    assert {"cofferdam_" + name for name in re.findall(r'family\("([a-z_]+)"', source)} == documented()
