"""A real S3 server on loopback: OpenStack Swift with its s3api, all of its services in one process.

    python3 s3_server.py FOLDER SKEW [CERTIFICATE]      serves until it is ended; prints one line of JSON once it is ready

It checks signatures, refuses requests whose clock is off by more than SKEW seconds, and has multipart uploads, listings in pages and the minimum size of a part.
Nothing of it is installed as a service; it writes below FOLDER alone, which needs extended attributes.
"""

import json
import os
import socket
import subprocess
import sys

from secret_watch import secret

ACCESS_KEY = "test:tester"
SECRET_KEY = os.environ.get("S3_SERVER_SECRET") or secret("the secret key of the storage")
REGION = "us-east-1"


class S3Server:
    """The server as a process of its own; `with` ends it."""

    def __init__(self, folder, skew=900, certificate=None):
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "log"), "ab") as log:
            self.process = subprocess.Popen([sys.executable, os.path.abspath(__file__), str(folder), str(skew),
                                             *([str(certificate)] if certificate else [])],
                                            env={**os.environ, "S3_SERVER_SECRET": SECRET_KEY},
                                            stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL)
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            with open(os.path.join(folder, "log"), errors="replace") as log:
                raise RuntimeError("the S3 server did not start:\n" + log.read()[-4000:])
        self.port = json.loads(line)["port"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


# --- inside the process ------------------------------------------------------------------------------

STORAGE = """[DEFAULT]
devices = {folder}/node
mount_check = false
swift_dir = {folder}
log_level = ERROR
fallocate_reserve = 0
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""

PROXY = """[DEFAULT]
swift_dir = {folder}
log_level = ERROR
[pipeline:main]
pipeline = catch_errors gatekeeper listing_formats cache s3api tempauth bulk slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = {secret} .admin
[filter:s3api]
use = egg:swift#s3api
location = {region}
max_bucket_listing = 1000
allowable_clock_skew = {skew}
[filter:cache]
paste.filter_factory = s3_server:cache_factory
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
"""


class Cache:
    """In place of a memcached."""

    def __init__(self):
        self.kept = {}

    def get(self, key, **_):
        return self.kept.get(key)

    def set(self, key, value, **_):
        self.kept[key] = json.loads(json.dumps(value))

    def delete(self, key, **_):
        self.kept.pop(key, None)


def cache_factory(_, **__):
    cache = Cache()

    def filtered(application):
        def call(environment, respond):
            environment["swift.cache"] = cache
            return application(environment, respond)

        return call

    return filtered


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def bound():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    return listener


def make_ring(folder, name, port):
    from swift.common.ring import RingBuilder

    builder = RingBuilder(4, 1, 0)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1, "ip": "127.0.0.1", "port": port, "device": "d1"})
    builder.rebalance()
    builder.get_ring().save(os.path.join(folder, name + ".ring.gz"))


def serve(folder, skew, certificate=None):
    """With a certificate, whose key is beside it, over TLS."""
    import eventlet

    eventlet.monkey_patch()
    from swift.common import utils

    utils.SWIFT_CONF_FILE = write(folder, "swift.conf", "[swift-hash]\nswift_hash_path_suffix = tests\n[storage-policy:0]\nname = only\ndefault = yes\n")
    utils.HASH_PATH_SUFFIX = b"tests"
    from eventlet import wsgi
    from swift.common.wsgi import SwiftHttpProtocol, loadapp

    os.makedirs(os.path.join(folder, "node", "d1"), exist_ok=True)
    listeners = {kind: bound() for kind in ("account", "container", "object")}
    for kind, listener in listeners.items():
        make_ring(folder, kind, listener.getsockname()[1])
    logger = utils.get_logger({"log_level": "ERROR"}, "s3")

    def start(listener, config):
        eventlet.spawn(wsgi.server, listener, loadapp(config), logger, protocol=SwiftHttpProtocol, log_output=False,
                       minimum_chunk_size=65536)

    for kind, listener in listeners.items():
        start(listener, write(folder, kind + ".conf", STORAGE.format(folder=folder, kind=kind)))
    front = bound()
    port = front.getsockname()[1]
    served = eventlet.wrap_ssl(front, certfile=certificate, keyfile=os.path.splitext(certificate)[0] + ".key",
                               server_side=True) if certificate else front
    start(served, write(folder, "proxy.conf", PROXY.format(folder=folder, secret=SECRET_KEY, region=REGION, skew=skew)))
    print(json.dumps({"port": port}), flush=True)
    while True:
        eventlet.sleep(3600)


if __name__ == "__main__":
    serve(os.path.abspath(sys.argv[1]), *sys.argv[2:])
