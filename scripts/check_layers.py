#!/usr/bin/env python3
"""The layer rule: a folder may include itself and what lies below it, never above.

Two checks: no #include points up the arrow, and no header of ours includes a third-party header.
"""
import pathlib
import re
import sys

LAYERS = ["dockerapi", "compose", "controller", "plugin"]  # lowest first
EXEMPT = {"controller/main.cc"}  # the one place that knows every layer
# Inside controller/: each folder with what it may include, lowest first.
CONTROLLER = {
    "archive": set(),
    "snapshot": {"archive"},
    "agent": {"archive", "snapshot"},
    "database": {"agent", "archive", "snapshot"},
    "plan": {"database", "snapshot"},
    "outage": {"plan"},
    "capture": {"agent", "archive", "database", "outage", "plan", "snapshot"},
    "restore": {"agent", "archive", "capture", "database", "outage", "plan", "snapshot"},
    "recovery": {"agent", "archive", "database", "outage", "plan", "restore", "snapshot"},
    "cli": {
        "agent", "archive", "capture", "database", "outage", "plan", "recovery", "restore", "snapshot",
    },
}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')
OWN_ANGLE = re.compile(r"^(?:[a-z_0-9]+|sys/[a-z_0-9]+\.h|[a-z_0-9]+\.h|linux/[a-z_0-9]+\.h|netinet/[a-z_0-9]+\.h)$")
THIRD_PARTY_FLAT = {
    "archive.h", "archive_entry.h", "zstd.h", "zlib.h", "sqlite3.h", "libpq-fe.h", "httplib.h", "yaml.h",
}


def violations(root):
    for layer_rank, layer in enumerate(LAYERS):
        above = set(LAYERS[layer_rank + 1:]) | {"tests"}
        for path in sorted((root / layer).rglob("*")):
            if path.suffix not in {".cc", ".h"}:
                continue
            name = path.relative_to(root).as_posix()
            if name in EXEMPT:
                continue
            yield from check_file(name, path, above)


def check_file(name, path, above):
    parts = name.split("/")
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        kind, target = found.groups()
        first = target.split("/")[0]
        if kind == '"' and first in above:
            yield f"{name}:{number}: includes {target}, which lies above it"
        if kind == '"' and parts[0] == "controller" and len(parts) > 2 and first == "controller":
            inner = target.split("/")[1] if target.count("/") > 1 else None
            if inner and inner != parts[1] and inner not in CONTROLLER.get(parts[1], set()):
                yield f"{name}:{number}: controller/{parts[1]} may not include {target}"
        if path.suffix == ".h" and kind == "<":
            if target in THIRD_PARTY_FLAT or not OWN_ANGLE.match(target):
                yield f"{name}:{number}: a header of ours includes third-party <{target}>"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    found = list(violations(root))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
