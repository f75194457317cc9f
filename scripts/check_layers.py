#!/usr/bin/python3
"""Checks the direction of includes: plugin -> controller -> compose -> dockerapi, never back, and
inside controller from each concept only to those before it in CONCEPTS.

check_layers.py ROOT    prints every violation as file:line and exits 1 if there is one

A header of ours includes nothing but the standard library, the system's C headers and our own
headers, so that a third-party library can be replaced without touching more than the .cc files.
No two headers of a layer define a type of the same name: the layer has one namespace, and the linker would
take the members of either for those of the other without a word.
"""
import pathlib
import re
import sys

LAYERS = ["dockerapi", "compose", "controller", "plugin"]  # lowest first
CONCEPTS = [  # of controller, lowest first
    "calendar", "archive", "snapshot", "remote", "agent", "database", "plan", "outage", "schedule", "hooks", "capture", "restore", "drill",
    "recovery", "retention", "jobs", "notify", "metrics", "access", "api", "cli",
]
EXEMPT = {"controller/main.cc"}  # the one place that knows every layer
OWN = re.compile(r'\s*#\s*include\s+"([^"]+)"')
FOREIGN = re.compile(r"\s*#\s*include\s+<([^>]+)>")
TYPE = re.compile(r"(?:struct|class|enum class) (\w+)[^;]*\{")  # not within another
SYSTEM = re.compile(
    r"[a-z_0-9]+"  # C++
    r"|(sys|linux)/[a-z_0-9]+\.h"
    r"|(dirent|errno|fcntl|poll|pthread|sched|signal|stdint|stddef|time|unistd)\.h"
)


def violations(root):
    for rank, layer in enumerate(LAYERS):
        above = LAYERS[rank + 1 :] + ["tests"]
        for path in sorted((root / layer).rglob("*.cc")) + sorted((root / layer).rglob("*.h")):
            name = path.relative_to(root).as_posix()
            for number, line in enumerate(path.read_text().splitlines(), start=1):
                yield from violations_of_line(name, number, line, above)


def doubled_types(root):
    for layer in LAYERS:
        seen = {}
        for path in sorted((root / layer).rglob("*.h")):
            name = path.relative_to(root).as_posix()
            for number, line in enumerate(path.read_text().splitlines(), start=1):
                found = TYPE.match(line)
                if found and found[1] in seen:
                    yield f"{name}:{number}: defines {found[1]}, as does {seen[found[1]]}"
                elif found:
                    seen[found[1]] = f"{name}:{number}"


def concept_rank(name):
    """Where in CONCEPTS a file of controller belongs; files beside the folders are below them all."""
    folders = name.split("/")[1:-1]
    return CONCEPTS.index(folders[0]) if folders else -1


def climbs(name, included):
    both = name.startswith("controller/") and included.startswith("controller/")
    return both and concept_rank(included) > concept_rank(name)


def violations_of_line(name, number, line, above):
    own, foreign = OWN.match(line), FOREIGN.match(line)
    if own and name not in EXEMPT and climbs(name, own[1]):
        yield f"{name}:{number}: includes {own[1]}, a concept above its own"
    if own and own[1].split("/")[0] in above and name not in EXEMPT:
        yield f"{name}:{number}: includes {own[1]} of a layer above"
    if own and "/" not in own[1]:
        yield f"{name}:{number}: includes {own[1]}, not written from the repository's root"
    if foreign and name.endswith(".h") and not SYSTEM.fullmatch(foreign[1]):
        yield f"{name}:{number}: a header includes the third-party header {foreign[1]}"


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1])
    found = [*violations(root), *doubled_types(root)]
    print("\n".join(found) or "includes point down")
    sys.exit(1 if found else 0)
