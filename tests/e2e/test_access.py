"""Who may reach the API: nobody until somebody is set up, and then those who are."""
import json
import urllib.error
import urllib.request

from secret_watch import secret
from stack import host_command, run
from test_serve import Serve

PASSWORD = secret("the password of admin")


class Client:
    """Asks one sidecar, with a token, a cookie, or nothing."""

    def __init__(self, serve, **headers):
        self.base = f"http://127.0.0.1:{serve.port}"
        self.headers = headers

    def ask(self, method, path, body=None, **headers):
        """Status, headers and body."""
        data = None if body is None else json.dumps(body).encode()
        sent = {**self.headers, **headers, **({"Content-Type": "application/json"} if data else {})}
        request = urllib.request.Request(self.base + path, data=data, method=method, headers=sent)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def json(self, method, path, body=None, status=200):
        found, headers, text = self.ask(method, path, body)
        assert found == status, (found, text)
        kind = "application/json" if found < 400 else "application/problem+json"
        assert not text or headers["Content-Type"] == kind, headers
        return json.loads(text) if text else None


def log_in(serve, password=PASSWORD):
    status, headers, text = Client(serve).ask("POST", "/api/v1/login", {"user": "admin", "password": password})
    assert status == 200, text
    return Client(serve, Cookie=headers["Set-Cookie"].split(";")[0], **{"X-Cofferdam": "1"})


def test_nobody_gets_in_until_somebody_is_set_up(small, tmp_path):
    (tmp_path / "password").write_text(PASSWORD + "\n")
    small.compose("stop", "cofferdam")
    with Serve(small) as serve:
        stranger = Client(serve)
        for method, path in (("GET", "/api/v1/me"), ("POST", "/api/v1/login"), ("GET", "/")):
            assert stranger.json(method, path, status=404)["code"] == "not-set-up"
        assert serve.get("/healthz") == (200, "ok\n")
        words, environment = host_command(small)
        with (tmp_path / "password").open() as password:
            run(*words, "user", "set", "admin", env=environment, stdin=password)
        assert stranger.json("GET", "/api/v1/me", status=401)["code"] == "not-logged-in"
        assert log_in(serve).json("GET", "/api/v1/me") == {"who": "user admin", "scopes": ["admin"]}
        run(*words, "user", "rm", "admin", env=environment)
        assert stranger.json("GET", "/api/v1/me", status=404)["code"] == "not-set-up"


def test_a_token_is_shown_once_and_kept_nowhere(small):
    small.compose("stop", "cofferdam")
    with Serve(small) as serve:
        words, environment = host_command(small)
        made = json.loads(run(*words, "token", "create", "ci", "--scopes", "backup", "--json", env=environment).stdout)
        client = Client(serve, Authorization="Bearer " + made["token"])
        assert client.json("GET", "/api/v1/me") == {"who": "token ci", "scopes": ["backup"]}
        assert client.json("GET", "/api/v1/tokens", status=403)["code"] == "scope-missing"
        (listed,) = json.loads(run(*words, "token", "ls", "--json", env=environment).stdout)
        assert listed["id"] == made["id"] and listed["used_at"] and "token" not in listed
        kept = b"".join(file.read_bytes() for file in (small.backups / ".cofferdam").iterdir() if file.is_file())
        assert made["token"].encode() not in kept
        run(*words, "token", "revoke", made["id"], env=environment)
        assert client.json("GET", "/api/v1/me", status=404)["code"] == "not-set-up"
        assert run(*words, "token", "revoke", made["id"], env=environment, check=False).returncode == 10


def test_the_first_password_comes_from_a_file_and_the_log_has_what_was_done(small, tmp_path):
    small.compose("stop", "cofferdam")
    (tmp_path / "password").write_text(PASSWORD + "\n")
    with Serve(small, COFFERDAM_ADMIN_PASSWORD_FILE=str(tmp_path / "password")) as serve:
        status, *_ = Client(serve).ask("POST", "/api/v1/login", {"user": "admin", "password": "a wrong password"})
        assert status == 401
        admin = log_in(serve)
        made = admin.json("POST", "/api/v1/tokens", {"name": "ci", "scopes": ["read"]}, status=201)
        assert admin.ask("POST", "/api/v1/logout")[0] == 204
        assert admin.json("GET", "/api/v1/me", status=401)["code"] == "not-logged-in"
        words, environment = host_command(small)
        trail = json.loads(run(*words, "audit", "--json", env=environment).stdout)
        assert [(one["who"], one["action"], one["object"], one["result"]) for one in trail["entries"]] == [
            ("setting", "user set", "admin", "ok"),
            ("", "login", "admin", "refused 401"),
            ("", "login", "admin", "ok"),
            ("user admin", "token create", "ci", "asked"),
            ("user admin", "token create", "ci", "ok"),
            ("user admin", "logout", "", "asked"),
            ("user admin", "logout", "", "ok"),
        ]
        assert {one["source"] for one in trail["entries"][1:]} == {"127.0.0.1"} and trail["problem"] is None
        printed = "".join(serve.seen) + json.dumps(trail)
        assert PASSWORD not in printed and made["token"] not in printed
    short = run(*host_command(small)[0], "serve", env={**serve.environment, "COFFERDAM_ADMIN_PASSWORD_FILE": "",
                                                              "COFFERDAM_ADMIN_PASSWORD": "short"}, check=False)
    assert short.returncode == 2


def test_other_sites_and_other_names_are_turned_away(small):
    small.compose("stop", "cofferdam")
    with Serve(small, COFFERDAM_ADMIN_PASSWORD=PASSWORD) as serve:
        admin = log_in(serve)
        assert admin.ask("GET", "/api/v1/me", Host="evil.example")[0] == 421
        assert admin.ask("GET", "/api/v1/me", Origin="https://evil.example")[0] == 403
        assert admin.ask("GET", "/api/v1/me", **{"Sec-Fetch-Site": "cross-site"})[0] == 403
        status, headers, _ = admin.ask("GET", "/api/v1/me", **{"Sec-Fetch-Site": "same-origin"})
        assert status == 200
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["Cache-Control"] == "no-store"
        bare = Client(serve, Cookie=admin.headers["Cookie"])
        assert bare.ask("POST", "/api/v1/logout")[0] == 403
        for wrong in range(5):
            assert Client(serve).ask("POST", "/api/v1/login", {"user": "admin", "password": "wrong"})[0] == 401, wrong
        status, headers, _ = Client(serve).ask("POST", "/api/v1/login", {"user": "admin", "password": PASSWORD})
        assert status == 429 and int(headers["Retry-After"]) >= 1
        assert admin.ask("GET", "/api/v1/me")[0] == 200
