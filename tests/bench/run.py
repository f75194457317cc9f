#!/usr/bin/env python3
"""Cofferdam measured against what a user would pick instead, on the same data, in turn.

  run.py [--quick] [--rounds N] [--only NAME]... [--from-build DIR] [--keep] [--report]

Writes build/bench/NAME.json for each part (mixed, small, incompressible, postgres, upload, swap, empty, plan, drill,
service) and
build/bench/table.txt over all parts measured so far. Needs root, as private engines do.
"""
import argparse
import contextlib
import datetime
import json
import os
import platform
import subprocess
import sys

import report
from databases import DatabaseRace
from drills import drill_of_the_example
from engine import REPOSITORY, Engine
from latencies import empty_stack, plan_of_many
from trees import make_incompressible, make_mixed, make_small
from service import service
from swaps import swap_outages
from uploads import uploads
from volumes import VolumeRace

RESULTS = REPOSITORY / "build/bench"
TREES = {"mixed": (make_mixed, 2000, 100), "small": (make_small, 200_000, 10_000),
         "incompressible": (make_incompressible, 2000, 100)}  # fill, its amount, the amount of --quick
LATENCIES = ("swap", "empty", "plan", "drill", "service")
PARTS = (*TREES, "postgres", "upload", *LATENCIES)


def tell(text):
    print(text, file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="little data, one round: to see that it works")
    parser.add_argument("--rounds", type=int, help="default 3; with --quick 1")
    parser.add_argument("--only", action="append", choices=PARTS, help="this part; may be repeated")
    parser.add_argument("--from-build", help="measure the program in this build folder, not one compiled in an image")
    parser.add_argument("--keep", action="store_true", help="leave the private engine up")
    parser.add_argument("--report", action="store_true", help="only print the table of what was measured before")
    chosen = parser.parse_args()
    chosen.rounds = chosen.rounds or (1 if chosen.quick else 3)
    return chosen


@contextlib.contextmanager
def memory_folder(path, size):
    """Where every tool stores what it saved: in memory, so that tools are compared and not the disk."""
    path.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "cofferdam-bench", str(path)], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def race_trees(engine, store, name, chosen):
    fill, full, little = TREES[name]
    amount = little if chosen.quick else full
    race = VolumeRace(engine, name, lambda folder: fill(folder, amount), store)
    with contextlib.closing(race):
        return {"bytes": race.bytes, "entries": race.entries, "records": race.race(chosen.rounds, tell)}


def race_postgres(engine, store, chosen):
    race = DatabaseRace(engine, store, *((1, 1) if chosen.quick else (50, 3)))
    with contextlib.closing(race):
        return {"bytes": race.copy_bytes(), "records": race.race(chosen.rounds, tell)}


def measure(engine, store, name, chosen):
    if name in TREES:
        return race_trees(engine, store, name, chosen)
    if name == "postgres":
        return race_postgres(engine, store, chosen)
    if name == "upload":
        return uploads(engine, store, 100 if chosen.quick else 1000, chosen.rounds, tell)
    if name == "drill":
        return {"records": drill_of_the_example(engine, chosen.rounds)}
    if name == "swap":
        sizes = (50, 500) if chosen.quick else (50, 5000)
        return {"records": swap_outages(engine, store / "cofferdam", sizes, chosen.rounds)}
    rounds = max(chosen.rounds, 5)
    if name == "service":
        return {"records": service(engine, store / "cofferdam", 100 if chosen.quick else 10_000, rounds)}
    if name == "empty":
        return {"records": empty_stack(engine, store / "cofferdam", rounds)}
    return {"records": plan_of_many(engine, store / "cofferdam", 50, rounds)}


def measure_parts(chosen):
    RESULTS.mkdir(parents=True, exist_ok=True)
    engine = Engine()
    try:
        engine.prepare_images(chosen.from_build)
        with memory_folder(engine.folder / "store", "8g") as store:
            for name in chosen.only or PARTS:
                tell(f"== {name}")
                result = {**measure(engine, store, name, chosen), "rounds": chosen.rounds, "quick": chosen.quick,
                          "machine": machine()}
                (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
    finally:
        if not chosen.keep:
            engine.close()


def machine():
    pages, page = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {"processors": os.cpu_count(), "memory_gib": pages * page / 2**30, "kernel": platform.release(),
            "load": " ".join(f"{load:.1f}" for load in os.getloadavg()),
            "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")}


def measured_before():
    return {name: json.loads((RESULTS / f"{name}.json").read_text())
            for name in PARTS if (RESULTS / f"{name}.json").exists()}


def main():
    chosen = arguments()
    if os.geteuid() != 0:
        os.execvp("sudo", ["sudo", sys.executable, *sys.argv])
    if not chosen.report:
        measure_parts(chosen)
    parts = measured_before()
    races = {name: part for name, part in parts.items() if name not in LATENCIES}
    latencies = {name: part["records"] for name, part in parts.items() if name in LATENCIES}
    text = report.text_report(machine(), races, latencies)
    (RESULTS / "table.txt").write_text(text)
    print(text, end="")


if __name__ == "__main__":
    main()
