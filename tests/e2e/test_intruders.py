"""What somebody without a right to it tries on the API of a sidecar whose engine is away: it answers all the same."""
import contextlib
import http.client
import socket

import pytest

from secret_watch import record, record_store
from test_access import PASSWORD, Client, log_in
from test_serve import Serve

SLOW = 200
LOGIN = "/api/v1/login"


class Lonely:
    """Stands in for a stack: a store, and an engine that is away."""

    def __init__(self, folder):
        self.backups = folder
        self.project = "shop"

    def environment(self):
        return {"PATH": "/usr/bin:/bin", "DOCKER_HOST": "unix:///var/empty/docker.sock"}


@pytest.fixture
def serve(tmp_path):
    with Serve(Lonely(tmp_path), COFFERDAM_ADMIN_PASSWORD=PASSWORD) as one:
        yield one
    record("the log of serve", "".join(one.seen))
    record_store(tmp_path)


def raw(serve, text):
    """A connection that has sent this."""
    connection = socket.create_connection(("127.0.0.1", serve.port), timeout=120)
    connection.sendall(text.encode("latin-1"))
    return connection


def status_line(connection):
    return connection.makefile("rb").readline().decode("latin-1").strip()


def test_two_hundred_that_never_finish_asking_hold_up_nobody_for_good(serve):
    with contextlib.ExitStack() as open_ones:
        slow = [open_ones.enter_context(raw(serve, f"POST {LOGIN} HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")) for _ in range(SLOW)]

        answer = raw(serve, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")

        assert status_line(answer) == "HTTP/1.1 200 OK"
        answer.close()
        admin = log_in(serve)
        assert admin.json("GET", "/api/v1/me")["who"] == "user admin"
        for one in slow:
            while one.recv(4096):  # until the other end has closed it
                pass


@pytest.mark.parametrize("body", ["Content-Length: 1048577\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\nffffffff\r\n",
                                  "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", "Content-Length: -1\r\n\r\n{}",
                                  "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} "],
                         ids=["large", "chunked", "packed", "negative", "two lengths"])
def test_bodies_that_would_cost_too_much_are_refused_unread(serve, body):
    with raw(serve, f"POST {LOGIN} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{body}") as connection:
        assert status_line(connection).split()[1] in ("400", "411", "413", "415")
    assert serve.get("/healthz") == (200, "ok\n")


def test_headers_without_end_are_refused(serve):
    for headers in ("X: " + "x" * (1 << 20), "".join(f"X-{number}: x\r\n" for number in range(101))):
        with raw(serve, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n") as connection:
            with contextlib.suppress(ConnectionError):  # it did not care to hear the end
                connection.sendall(headers.encode() + b"\r\n\r\n")
                line = status_line(connection)
                assert not line or line.split()[1] in ("400", "431"), line
    assert serve.get("/healthz") == (200, "ok\n")


@pytest.mark.parametrize("name", ["..", "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f.cofferdam%2faccess.db", ".cofferdam",
                                  "a%00b", "a%0d%0aX-Evil:%201"])
def test_a_name_is_no_path(serve, name):
    admin = log_in(serve)
    connection = http.client.HTTPConnection("127.0.0.1", serve.port, timeout=60)
    connection.request("GET", f"/api/v1/snapshots/{name}", headers=admin.headers)
    answer = connection.getresponse()
    body = answer.read()

    assert answer.status in (400, 404), body
    assert b"root:" not in body and b"SQLite" not in body
    assert answer.getheader("X-Evil") is None


def test_a_session_is_not_chosen_by_who_logs_in(serve):
    chosen = "0" * 64
    planted = Client(serve, Cookie=f"__Host-cofferdam={chosen}; cofferdam={chosen}")
    status, headers, _ = planted.ask("POST", LOGIN, {"user": "admin", "password": PASSWORD})

    assert status == 200
    cookie = headers["Set-Cookie"]
    assert chosen not in cookie and "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert planted.ask("GET", "/api/v1/me")[0] == 401, "what was planted is nobody's"
    name = cookie.partition("=")[0]
    assert Client(serve, Cookie=f"{name}={chosen}").ask("GET", "/api/v1/me")[0] == 401


def test_a_made_up_address_is_held_up_as_its_own(serve):
    statuses = [Client(serve, **{"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": f"for=198.51.100.{number}"})
                .ask("POST", LOGIN, {"user": f"somebody{number}", "password": "not the password"})[0] for number in range(6)]

    assert statuses == [401] * 5 + [429]


def test_nothing_changes_by_asking_for_it_with_get(serve):
    admin = log_in(serve)
    for path in ("/api/v1/logout", "/api/v1/prune", "/api/v1/verify"):
        assert admin.ask("GET", path)[0] in (404, 405)
    assert admin.ask("GET", "/api/v1/me")[0] == 200
