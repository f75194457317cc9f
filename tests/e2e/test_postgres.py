"""The database stays live, whatever is asked of it."""
import re
import subprocess


def test_a_snapshot_under_pgbench_fails_no_transaction(small):
    small.execute("db", "pgbench", "-U", "openmapx", "-q", "-i", "-s", "5", "openmapx")
    words = ["docker", "compose", "--env-file", small.folder / "env", "--project-name", small.project, "--file",
             small.compose_file, "exec", "-T", "db", "pgbench", "-U", "openmapx", "-c", "4", "-T", "25", "-P", "1",
             "openmapx"]
    load = subprocess.Popen(words, env=small.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in load.stderr:
        if line.startswith("progress"):
            break  # it is under way
    summary = small.create("busy")
    out, err = load.communicate(timeout=120)

    assert summary["status"] == "success"
    assert load.returncode == 0, err
    assert re.search(r"number of failed transactions: 0 ", out), out
    assert "db" not in summary["downtime_seconds"]
    # The books balance in what was restored: one instant.
    small.cofferdam("restore", "busy", "--services", "db", "--yes", timeout=600)
    assert small.sql("SELECT (SELECT sum(abalance) FROM pgbench_accounts) = (SELECT sum(delta) FROM pgbench_history) "
                     "AND (SELECT sum(bbalance) FROM pgbench_branches) = (SELECT sum(delta) FROM pgbench_history)") == "t"


def test_a_database_is_replaced_while_clients_go_on(small):
    small.create("before")
    small.sql("INSERT INTO thing VALUES (999, 'since then')")
    started = small.inspect("db")["State"]["StartedAt"]

    small.cofferdam("restore", "before", "--services", "db", "--yes")

    assert small.sql("SELECT max(n) FROM thing") == "10"
    assert small.inspect("db")["State"]["StartedAt"] == started, "the server was never stopped"
    small.cofferdam("commit", "--yes")
    left = small.sql("SELECT string_agg(datname, ' ') FROM pg_database WHERE NOT datistemplate")
    assert sorted(left.split()) == ["openmapx", "postgres"], "nothing of ours is left on the server"


def test_a_restore_needs_its_server(small):
    small.create("saved")
    small.compose("stop", "db")

    done = small.cofferdam("restore", "saved", "--stop-running", "--yes", check=False)

    assert done.returncode == 4
    assert "db" in done.stderr


def test_plain_dumps_for_psql(stacks, host, tmp_path):
    from stack import SMALL, fill
    text = SMALL.read_text().replace("    volumes:\n      - ${COFFERDAM_DOCKER_SOCKET}",
                                     "    environment: {COFFERDAM_DUMP_FORMAT: plain, COFFERDAM_COMPRESSION: 'gzip:6'}\n"
                                     "    volumes:\n      - ${COFFERDAM_DOCKER_SOCKET}")
    (tmp_path / "plain.yml").write_text(text)
    stack = stacks(host, compose_file=tmp_path / "plain.yml").up()
    fill(stack)
    stack.create("plain")
    dump = stack.backups / "plain/databases/db/openmapx.sql.gz"
    assert b"thing 10" in subprocess.run(["gzip", "-dc", dump], capture_output=True, check=True).stdout
    stack.sql("DELETE FROM thing")

    stack.cofferdam("restore", "plain", "--stop-running", "--yes")

    assert stack.sql("SELECT count(*) FROM thing") == "10"
