"""compose/cofferdam.yml, the sidecar as people deploy it."""
import json

import pytest

from secret_watch import secret
from stack import REPOSITORY, run

SIDECAR = REPOSITORY / "compose/cofferdam.yml"
S3 = {"COFFERDAM_S3_BUCKET": "far", "COFFERDAM_S3_ENDPOINT": "http://127.0.0.1:1"}  # where nobody listens


@pytest.fixture
def deploy(stacks, host, tmp_path):
    """Starts a stack that includes the file; `said` is what its .env says."""
    def start(**said):
        compose_file = tmp_path / "compose.yml"
        compose_file.write_text(f"include: [{{path: {SIDECAR}, project_directory: {tmp_path}}}]\n"
                                "services: {web: {image: 'cofferdam-test/index:1', environment: {INDEX_MB: '1'}, volumes: ['files:/files']}}\n"
                                "volumes: {files: {labels: {cofferdam.backup: 'true'}}}\n")
        return stacks(host, compose_file=compose_file, env={"COMPOSE_PROFILES": "backup", **said}).up()

    return start


def test_the_sidecar_starts_with_its_profile_only(tmp_path):
    def services(*options):
        words = ["docker", "compose", "--project-directory", tmp_path, "--file", SIDECAR, *options, "config", "--services"]
        return run(*words).stdout.split()

    assert services() == []
    assert services("--profile", "backup") == ["cofferdam"]


def test_the_sidecar_is_locked_down_and_healthy(deploy):
    stack = deploy(COFFERDAM_SCHEDULE="30 2 * * *", TZ="Europe/Berlin")

    container = stack.inspect("cofferdam")
    limits = container["HostConfig"]
    assert container["State"]["Health"]["Status"] == "healthy"
    assert limits["ReadonlyRootfs"] and limits["CapDrop"] == ["ALL"] and limits["CapAdd"] == ["DAC_OVERRIDE"]
    assert (limits["Memory"], limits["NanoCpus"], limits["PidsLimit"]) == (512 << 20, 2_000_000_000, 256)
    assert "Europe/Berlin" in stack.cofferdam("schedule", "next").stdout
    assert stack.create("nightly")["status"] == "success"
    none = stack.cofferdam("store", "test", check=False)
    assert "no destination" in none.stderr, "without a bucket nothing is copied anywhere"


def test_keys_of_the_storage_are_docker_secrets(deploy, tmp_path):
    keys = [secret("the id of a key of storage"), secret("a Docker secret")]
    for name, key in zip(("id", "secret"), keys):
        (tmp_path / name).write_text(key + "\n")
    stack = deploy(**S3, COFFERDAM_S3_ACCESS_KEY_ID_FILE=tmp_path / "id",
                   COFFERDAM_S3_SECRET_ACCESS_KEY_FILE=tmp_path / "secret")

    tried = stack.cofferdam("store", "test", check=False)

    assert tried.returncode == 14, f"the keys are there, the storage is not: {tried.stderr}"
    for text in (tried.stdout, tried.stderr, json.dumps(stack.inspect("cofferdam"))):
        assert not any(key in text for key in keys)


def test_a_bucket_without_keys_is_a_clear_error(deploy):
    tried = deploy(**S3).cofferdam("store", "test", check=False)

    assert tried.returncode == 2
    assert "access_key_id" in tried.stderr.lower()
