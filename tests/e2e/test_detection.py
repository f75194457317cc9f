"""A database in an image that nobody knows, found by what lies in its volume."""
import json

import pytest

from stack import run

COMPOSE = """
services:
  db:
    image: cofferdam-test/our-db:7
    entrypoint: [bash, -c, "export PGDATA=/srv/db/data; exec docker-entrypoint.sh postgres"]
    stop_signal: SIGINT
    environment: {ENVIRONMENT}
    volumes: [db:/srv/db]
    healthcheck:
      test: [CMD, pg_isready, --host, 127.0.0.1, --username, openmapx, --dbname, openmapx]
      interval: 1s
      retries: 60
  cofferdam:
    image: cofferdam:dev
    read_only: true
    cap_drop: [ALL]
    cap_add: [DAC_OVERRIDE]
    volumes: ["${COFFERDAM_DOCKER_SOCKET}:/var/run/docker.sock", "${COFFERDAM_BACKUPS}:/backups"]
volumes:
  db: {labels: {cofferdam.backup: "true"}}
"""
SERVER = '{POSTGRES_USER: openmapx, POSTGRES_DB: openmapx, POSTGRES_PASSWORD: "${POSTGRES_PASSWORD}"}'
NOTHING = "{}"


@pytest.fixture(scope="module")
def our_image(host):
    """PostgreSQL without a word that tells: no variables, no volume, another name."""
    path = "/usr/lib/postgresql/17/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    script = f"""set -euo pipefail
        container=$(docker --host {host} create cofferdam-test/postgres:17)
        docker --host {host} export "$container" |
          docker --host {host} import --change 'ENV PATH={path} LANG=en_US.utf8' - cofferdam-test/our-db:7
        docker --host {host} rm "$container"
    """
    run("bash", "-c", script)
    yield
    run("docker", "--host", host, "image", "rm", "--force", "cofferdam-test/our-db:7")


def stack_of(stacks, host, tmp_path, environment):
    (tmp_path / "ours.yml").write_text(COMPOSE.replace("{ENVIRONMENT}", environment))
    return stacks(host, compose_file=tmp_path / "ours.yml")


def plan_of(stack):
    return json.loads(stack.cofferdam("plan", "--json").stdout)


def test_an_unknown_image_with_a_cluster_is_dumped(stacks, host, our_image, tmp_path):
    stack = stack_of(stacks, host, tmp_path, SERVER).up()
    stack.sql("CREATE TABLE thing AS SELECT generate_series(1, 10) n")

    planned = plan_of(stack)
    summary = stack.create("ours")

    assert [database["service"] for database in planned["databases"]] == ["db"]
    assert "cluster in /srv/db/data" in planned["databases"][0]["evidence"]
    assert planned["volumes"] == [] and planned["stops"] == []
    assert [component["kind"] for component in summary["components"]] == ["database"]
    tables = {table["name"]: table["rows"] for table in stack.manifest("ours")["databases"][0]["tables"]}
    assert tables["thing"] == 10


def test_a_cluster_of_nobody_is_copied_cold_and_the_plan_says_so(stacks, host, our_image, tmp_path):
    stack = stack_of(stacks, host, tmp_path, SERVER).up()
    # The server is made again with its cluster, but without a word about PostgreSQL in its environment.
    (tmp_path / "ours.yml").write_text(COMPOSE.replace("{ENVIRONMENT}", NOTHING))
    stack.up()

    planned = plan_of(stack)
    done = stack.cofferdam("create", "--name", "cold")

    assert planned["databases"] == []
    assert [(volume["key"], volume["mode"]) for volume in planned["volumes"]] == [("db", "stop")]
    assert any("holds a PostgreSQL cluster" in warning for warning in planned["warnings"])
    assert done.stderr.count("holds a PostgreSQL cluster") == 1, "it is said once"
