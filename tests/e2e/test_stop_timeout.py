"""How long a container is given to stop."""
import time

COMPOSE = """
services:
  stubborn:
    image: debian:trixie-slim
    command: [bash, -c, "trap '' TERM; touch /files/ready; while :; do read -rt 1 <> <(:) || :; done"]
    stop_grace_period: 3m
    volumes: [files:/files]
    healthcheck: {test: [CMD, test, -e, /files/ready], interval: 1s}
  cofferdam:
    image: cofferdam:dev
    read_only: true
    cap_drop: [ALL]
    cap_add: [DAC_OVERRIDE]
    environment: {COFFERDAM_STOP_TIMEOUT: "2"}
    volumes: ["${COFFERDAM_DOCKER_SOCKET}:/var/run/docker.sock", "${COFFERDAM_BACKUPS}:/backups"]
volumes:
  files: {labels: {cofferdam.backup: "true"}}
"""


def test_a_container_that_does_not_stop_is_killed_after_the_time_that_was_set(stacks, host, tmp_path):
    (tmp_path / "stubborn.yml").write_text(COMPOSE)
    stack = stacks(host, compose_file=tmp_path / "stubborn.yml").up()
    words = ["docker", "events", "--since", str(int(time.time())), "--filter", "event=die", "--filter",
             f"container={stack.container('stubborn')}", "--format", "{{.Actor.Attributes.exitCode}}"]

    began = time.monotonic()
    summary = stack.create("impatient")
    took = time.monotonic() - began
    died = stack.docker(*words[1:], "--until", str(int(time.time()) + 1)).stdout.split()

    assert summary["status"] == "success"
    assert died == ["137"], "it was killed"
    assert 2 <= took < 60, "after the two seconds that were set, not the three minutes of the container"
    assert stack.running() == {"stubborn", "cofferdam"}
