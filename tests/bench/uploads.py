"""A copy to S3 storage, and curl sending the same bytes to the same server: over TLS, in turn."""
import contextlib
import datetime
import os
import sys
import time

from engine import REPOSITORY, Project, create, idle_service, run
from trees import make_incompressible

sys.path.insert(0, str(REPOSITORY / "tests/e2e"))
import s3_server  # noqa: E402
from s3_bucket import Bucket, authorization  # noqa: E402

COFFERDAM, CURL = "cofferdam", "curl -T"


def certificate(folder):
    """For 127.0.0.1, with its key beside it."""
    made = folder / "server.pem"
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
        "-subj", "/CN=storage", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "server.key", "-out", made)
    return made


def send_with_curl(bucket, file, authority):
    """Signed as curl itself signs what it uploads: without a digest of the bytes."""
    unsigned = "UNSIGNED-PAYLOAD"
    headers = {"host": f"127.0.0.1:{bucket.port}", "x-amz-content-sha256": unsigned,
               "x-amz-date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")}
    path = f"/{bucket.name}/curl"
    headers["authorization"] = authorization("PUT", path, "", headers, unsigned)
    words = [word for name, value in headers.items() for word in ("--header", f"{name}: {value}")]
    run("curl", "--silent", "--show-error", "--fail", "--cacert", authority, "--upload-file", file, *words,
        f"https://127.0.0.1:{bucket.port}{path}")


def timed(action):
    began = time.monotonic()
    action()
    return time.monotonic() - began


def race(bucket, copy, file, authority, rounds, tell):
    """Each round both send `file`, to a bucket that is empty; `copy` sends it as all but all of a snapshot."""
    records = []
    for turn in range(rounds):
        for tool, send in ((CURL, lambda: send_with_curl(bucket, file, authority)), (COFFERDAM, copy)):
            load = os.getloadavg()[0]
            seconds = timed(send)
            bucket.empty()
            records.append({"tool": tool, "action": "upload", "round": turn, "seconds": seconds, "load_before": load})
            tell(f"{tool}: upload {seconds:.2f} s")
    return records


def sidecar_for(server, bucket, authority):
    return {"network_mode": "host", "environment": {
        "COFFERDAM_S3_ENDPOINT": f"https://127.0.0.1:{server.port}", "COFFERDAM_S3_BUCKET": bucket.name,
        "COFFERDAM_S3_ACCESS_KEY_ID": s3_server.ACCESS_KEY, "COFFERDAM_S3_SECRET_ACCESS_KEY": s3_server.SECRET_KEY,
        "COFFERDAM_S3_CA": authority.read_text(), "COFFERDAM_LISTEN": "127.0.0.1:18080"}}


def uploads(engine, store, mebibytes, rounds, tell):
    folder = store / "s3"
    folder.mkdir()
    authority = certificate(folder)
    with s3_server.S3Server(folder / "data", certificate=authority) as server, contextlib.ExitStack() as ends:
        bucket = Bucket(server.port, "bench", authority).create()
        project = Project(engine, "bench-upload", {"files": idle_service(volumes=["tree:/tree"])}, ["tree"],
                          store / "cofferdam", sidecar_for(server, bucket, authority))
        ends.callback(project.close)
        make_incompressible(project.folder_of("tree"), mebibytes)
        create(project, "n")
        file = max((project.store / "n").rglob("*"), key=lambda path: path.stat().st_size)
        return {"bytes": file.stat().st_size,
                "records": race(bucket, lambda: project.cofferdam("copy", "n"), file, authority, rounds, tell)}
