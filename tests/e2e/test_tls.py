"""An engine that is reached over TCP with TLS, both sides with a certificate."""
import json
import shutil

import pytest

from stack import REPOSITORY, engine_name, host_command, run


@pytest.fixture
def tls(host):
    """What an operator would set for the same engine."""
    exports = run(REPOSITORY / "scripts/engine", "tls", engine_name(host)).stdout.split()[1:]
    return dict(word.split("=", 1) for word in exports)


def cofferdam(stack, tls, *words, **options):
    command, environment = host_command(stack, *words)
    return run(*command, env={**environment, **tls}, **options)


def test_a_snapshot_and_a_restore_over_tls(tls, small):
    small.compose("stop", "cofferdam")

    said = cofferdam(small, tls, "create", "--json", "--name", "far")
    small.sql("DELETE FROM thing")
    (small.mountpoint("files") / "since").write_text("since")
    cofferdam(small, tls, "restore", "far", "--stop-running", "--yes")

    assert json.loads(said.stdout.splitlines()[-1])["status"] == "success"
    assert small.sql("SELECT count(*) FROM thing") == "10"
    assert not (small.mountpoint("files") / "since").exists()
    assert small.running() == {"db", "files", "reader"}
    assert small.helpers() == []


@pytest.fixture
def nothing(stacks, host):
    """A project without containers: what is asked fails before that matters."""
    return stacks(host)


def another_authority(folder):
    folder.mkdir()
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
        "-subj", "/CN=somebody else", "-keyout", folder / "key.pem", "-out", folder / "cert.pem")
    return folder


def refusal(stack, tls, **changes):
    done = cofferdam(stack, {**tls, **changes}, "plan", check=False)
    assert done.returncode == 16, done.stderr
    assert done.stdout == ""
    assert tls["DOCKER_HOST"] in done.stderr
    return done.stderr


def test_an_engine_with_another_authority_is_not_believed(tls, nothing, tmp_path):
    other = another_authority(tmp_path / "other")
    ours = tmp_path / "certificates"
    shutil.copytree(tls["DOCKER_CERT_PATH"], ours)
    shutil.copy(other / "cert.pem", ours / "ca.pem")

    assert "its certificate is not to be believed" in refusal(nothing, tls, DOCKER_CERT_PATH=str(ours))


def test_an_engine_that_does_not_believe_us_says_so(tls, nothing, tmp_path):
    other = another_authority(tmp_path / "other")
    shutil.copy(f"{tls['DOCKER_CERT_PATH']}/ca.pem", other / "ca.pem")

    text = refusal(nothing, tls, DOCKER_CERT_PATH=str(other))
    assert "it refuses us" in text and "alert unknown ca" in text


def test_missing_certificates_are_named(tls, nothing, tmp_path):
    assert f"{tmp_path}/ca.pem" in refusal(nothing, tls, DOCKER_CERT_PATH=str(tmp_path))


def test_without_tls_the_engine_says_what_it_speaks(tls, nothing):
    done = cofferdam(nothing, {**tls, "DOCKER_TLS_VERIFY": ""}, "plan", check=False)

    assert done.returncode != 0
    assert "HTTPS" in done.stderr
