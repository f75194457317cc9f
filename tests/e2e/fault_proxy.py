"""A proxy before a real server that understands HTTP: it breaks the requests that a rule chooses.

A rule is called with each request (`number` counts from 1) and returns None to let it through, or what to do:
Answer(…) in the server's place, Reset() before or after it was carried out, Cut(…) in the middle of the answer,
Altered(…) bytes of the request or the answer, Hold(event).
"""

import dataclasses
import http.client
import http.server
import socket
import struct
import threading


@dataclasses.dataclass
class Answer:
    """In place of the server's; with `carried_out` the request reaches the server nevertheless."""
    status: int
    body: bytes = b""
    headers: dict = dataclasses.field(default_factory=dict)
    carried_out: bool = False


@dataclasses.dataclass
class Reset:
    after: bool = False  # once the server has answered, without passing that on


@dataclasses.dataclass
class Cut:
    """The answer ends after so many bytes of its body."""
    after: int


@dataclasses.dataclass
class Altered:
    request: callable = None  # bytes -> bytes, of the same length
    answer: callable = None
    headers: callable = None  # of the answer: dict -> dict


@dataclasses.dataclass
class Hold:
    """The request waits until the event is set, or the proxy ends; `reached` says that it is here."""
    until: threading.Event
    reached: threading.Event


@dataclasses.dataclass
class Request:
    number: int
    method: str
    path: str
    size: int


def error(status, code):
    return Answer(status, f"<Error><Code>{code}</Code><Message>as told</Message></Error>".encode(), {"Content-Type": "application/xml"})


class FaultProxy:
    def __init__(self, port):
        self.target, self.rule, self.requests, self.lock = port, lambda request: None, [], threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self):
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True

            def log_message(self, *_):
                pass

            def pass_on(self):
                outer.pass_on(self)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = pass_on

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def break_with(self, rule):
        """From now on; requests are counted anew."""
        with self.lock:
            self.rule, self.requests = rule, []

    def heal(self):
        self.break_with(lambda request: None)

    def pass_on(self, handler):
        size = int(handler.headers.get("Content-Length") or 0)
        with self.lock:
            request = Request(len(self.requests) + 1, handler.command, handler.path, size)
            self.requests.append(request)
            fault = self.rule(request)
        if isinstance(fault, Reset) and not fault.after:
            return reset(handler)
        body = handler.rfile.read(size)
        if isinstance(fault, Hold):
            fault.reached.set()
            fault.until.wait()
            return reset(handler)
        if isinstance(fault, Altered) and fault.request:
            body = fault.request(body)
        if isinstance(fault, Answer) and not fault.carried_out:
            return reply(handler, fault.status, fault.headers, fault.body, len(fault.body))
        status, headers, answer = self.ask(handler, body)
        length = int(headers.get("Content-Length", len(answer))) if handler.command == "HEAD" else len(answer)
        if isinstance(fault, Answer):
            return reply(handler, fault.status, fault.headers, fault.body, len(fault.body))
        if isinstance(fault, Reset):
            return reset(handler)
        if isinstance(fault, Cut):
            reply(handler, status, headers, answer[: fault.after], max(length, fault.after + 1))
            return reset(handler)
        if isinstance(fault, Altered):
            answer = fault.answer(answer) if fault.answer else answer
            headers = fault.headers(headers) if fault.headers else headers
        return reply(handler, status, headers, answer, length)

    def ask(self, handler, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.target, timeout=120)
        try:
            connection.putrequest(handler.command, handler.path, skip_host=True, skip_accept_encoding=True)
            for name, value in handler.headers.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()


def reply(handler, status, headers, body, length):
    handler.send_response_only(status)
    for name, value in headers.items():
        if name.lower() not in ("content-length", "transfer-encoding", "connection"):
            handler.send_header(name, value)
    if status != 204:
        handler.send_header("Content-Length", str(length))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)
    handler.wfile.flush()


def reset(handler):
    """The connection ends with RST, as after a crash."""
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
