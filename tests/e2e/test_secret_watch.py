"""The watch over secrets can fail: what it must find is put out on purpose, by something that is called like the product."""
import os
import pathlib
import subprocess
import sys

import pytest

from secret_watch import forms_of

HERE = pathlib.Path(__file__).parent
CONFTEST = f"""
import sys
sys.path.insert(0, {str(HERE)!r})
from secret_watch import pytest_configure, pytest_sessionfinish, pytest_terminal_summary, pytest_testnodedown
"""
PRELUDE = """
import base64, http.client, http.server, os, pathlib, subprocess, threading
import secret_watch
HUSH = secret_watch.secret("the key of the house")
PRODUCT = pathlib.Path(__file__).with_name("cofferdam")

def say(*words, **options):
    return subprocess.run([PRODUCT, *words], capture_output=True, text=True, env={**os.environ, "HUSH": HUSH}, **options)
"""
PRODUCT = """#!/usr/bin/python3
import base64, os, sys
hush = os.environ["HUSH"]
said = {"stdout": hush, "base64": base64.b64encode(b"me:" + hush.encode()).decode(), "token": "tk" + hush * 2}.get(sys.argv[1], "")
print(said, file=sys.stderr if "err" in sys.argv else sys.stdout)
"""
LEAKS = {
    "a_command_prints_it": ('say("stdout")', "stdout of `cofferdam stdout` holds the key of the house"),
    "a_command_complains_of_it": ('say("stdout", "err")', "stderr of `cofferdam stdout err` holds the key of the house"),
    "a_command_prints_it_in_base64": ('say("base64")', "stdout of `cofferdam base64` holds the key of the house"),
    "a_command_that_goes_on_prints_it": (
        'with subprocess.Popen([PRODUCT, "stdout"], stdout=subprocess.PIPE, env={"HUSH": HUSH}) as one: one.stdout.readline()',
        "stdout of `cofferdam stdout` holds the key of the house"),
    "it_is_on_a_command_line": ('say("x" + HUSH)', "the command line of `cofferdam x…` holds the key of the house"),
    "it_lies_in_the_store": ('(tmp_path / "state.db").write_bytes(b"\\0" + HUSH.encode()); secret_watch.record_store(tmp_path)',
                             "the store's file state.db holds the key of the house"),
    "a_log_holds_it": ('secret_watch.record("the sidecar\'s log", "at " + HUSH)', "the sidecar's log holds the key of the house"),
    "a_token_is_shown_again": ('say("token", "create"); say("token", "ls")', "stdout of `cofferdam token ls` holds a token that was made"),
    "an_answer_holds_it": ('answer(HUSH)', "an answer of HTTP holds the key of the house"),
}
QUIET = """
def test_what_is_meant_to_be(tmp_path):
    say("nothing")
    say("token", "create")
    (tmp_path / "volumes").mkdir()
    (tmp_path / "volumes/app.tar").write_text(HUSH)
    secret_watch.record_store(tmp_path)
    secret_watch.record("the log", "all is well")
"""
ANSWER = """
def answer(text):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port)
        connection.request("GET", "/")
        connection.getresponse().read()
        thread.join()
"""


@pytest.fixture
def session(tmp_path):
    """Runs a session of tests of its own; its exit code and what it said."""
    product = tmp_path / "cofferdam"
    product.write_text(PRODUCT)
    product.chmod(0o755)
    (tmp_path / "conftest.py").write_text(CONFTEST)

    def run(tests, *words):
        (tmp_path / "test_it.py").write_text(PRELUDE + ANSWER + tests)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COFFERDAM_"))}
        done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", tmp_path, *words, tmp_path],
                              env=environment, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout + done.stderr

    return run


def some_that(leaks):
    return "".join(f"def test_{name}(tmp_path):\n    {what}\n\n" for name, (what, _) in leaks.items())


@pytest.mark.parametrize("words", [(), ("--numprocesses", "2")], ids=["alone", "two processes"])
def test_every_leak_fails_a_session_whose_tests_pass(session, words):
    code, said = session(some_that(LEAKS), *words)

    assert f"{len(LEAKS)} passed" in said
    assert code == 1, said
    for name, (_, leak) in LEAKS.items():
        assert f"test_it.py::test_{name}: {leak}" in said, said


@pytest.mark.parametrize("words", [(), ("--numprocesses", "2")], ids=["alone", "two processes"])
def test_a_session_without_leaks_passes(session, words):
    code, said = session(QUIET, *words)

    assert (code, "1 passed" in said, "secrets in outputs" in said) == (0, True, False), said


def test_the_value_itself_is_not_shown(session):
    _, said = session(some_that(LEAKS) + "def test_tell():\n    print('value', HUSH); assert False\n")
    (value,) = {line.split()[1] for line in said.splitlines() if line.startswith("value ")}

    assert "holds the key of the house" in said
    assert said.count(value) == 1, "where the test itself prints it"


def test_base64_is_found_wherever_it_begins():
    import base64
    for before in (b"", b"a", b"ab", b"abc"):
        text = base64.b64encode(before + b"0123456789abcdef" + b"xyz").decode()
        assert any(form in text for form in forms_of("0123456789abcdef")), before
