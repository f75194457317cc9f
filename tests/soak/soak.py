#!/usr/bin/env python3
"""Random actions and faults on a small stack; after each, everything that must hold is looked at.

  soak.py [--seed N] [--minutes M] [--actions K]

DOCKER_HOST names a private engine of its own, which is restarted and killed. Called by scripts/soak.
"""
import argparse
import collections
import contextlib
import dataclasses
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

import faults
import histories
from secret_watch import secret
from stack import run
from world import COPIED_DATABASES, COPIED_VOLUMES, STILL, Copy, Point, World

STORE_MEBIBYTES = 256
FAULTY = 0.65            # of the actions
MOST_SNAPSHOTS = 5
ENDS_WITHIN = 300        # seconds, any command
SECRET = secret("POSTGRES_PASSWORD")
FIRST_GUESSES = {"create": 6, "restore": 8, "undo": 6, "drill": 25, "verify": 3}  # seconds a command takes


@dataclasses.dataclass
class Action:
    """A command, and what it is to have done once it returned success."""
    kind: str
    words: list
    # Histories that it sets back, with the tips they go back to.
    tips: dict = dataclasses.field(default_factory=dict)
    creates: str = ""
    deletes: str = ""
    copies: str = ""      # a suffix
    takes_away: str = ""  # a suffix
    drops: tuple = ()     # points that are not kept any more
    code: int = 0


@dataclasses.dataclass
class Outcome:
    code: int
    struck: bool
    output: str
    seconds: float
    timed_out: bool
    unknown: bool  # whether it was done: it could not say


class Soak:
    def __init__(self, world, dice):
        self.world = world
        self.stack = world.stack
        self.dice = dice
        self.number = 0
        self.took = dict(FIRST_GUESSES)
        self.actions, self.faults = collections.Counter(), collections.Counter()
        self.violations = []

    # --- choosing ----------------------------------------------------------------------------------

    def chosen(self):
        """An action that the world as it is allows for."""
        snapshots, points = list(self.world.snapshots), list(self.world.points)
        weights = {self.create: 5 if len(snapshots) < MOST_SNAPSHOTS else 0}
        if snapshots:
            weights |= {self.restore: 6, self.restore_as_planned: 1, self.restore_part: 4, self.copy: 2, self.drill: 1,
                        self.verify: 1, self.delete: 3 if len(snapshots) > 2 else 0}
        if points:
            weights |= {self.undo: 4, self.undo_named: 2, self.commit: 1 + len(points) // 2}
        return self.dice.choices(list(weights), list(weights.values()))[0]()

    def some_snapshot(self):
        return self.dice.choice(list(self.world.snapshots))

    def create(self):
        name = f"s{self.number}"
        return Action("create", ["create", "--json", "--name", name], creates=name)

    def restore(self):
        name = self.some_snapshot()
        return Action("restore", ["restore", name, "--stop-running", "--yes"], tips=self.world.snapshots[name])

    def restore_as_planned(self):
        name = self.some_snapshot()
        shown = self.stack.cofferdam("restore", name, "--stop-running", "--dry-run").stdout
        return Action("restore", ["restore", name, "--stop-running", "--plan", shown.split()[-1]],
                      tips=self.world.snapshots[name])

    def restore_part(self):
        """Of histories that nothing else has to agree with."""
        name = self.some_snapshot()
        part, words = self.dice.choice([
            (histories.TALLY, ["--database", "db/tally"]), (histories.TALLY, ["--database", "tally", "--only-databases"]),
            (histories.COUNTER, ["--volume", "counter"]), (histories.COUNTER, ["--services", "counter"]),
            (histories.COUNTER, ["--volume", "counter,files", "--only-volumes"])])
        return Action("restore", ["restore", name, *words, "--stop-running", "--yes"],
                      tips={part: self.world.snapshots[name][part]})

    def copy(self):
        name, suffix = self.some_snapshot(), f"c{self.number}"
        narrowing, parts = self.dice.choice([([], COPIED_DATABASES | COPIED_VOLUMES), (["--only-volumes"], COPIED_VOLUMES),
                                             (["--only-databases"], COPIED_DATABASES)])
        self.world.copies[suffix] = Copy(self.world.snapshots[name], parts,
                                         histories.files_of_archive(self.stack, name, STILL))
        return Action("copy", ["restore", name, "--as-copy", suffix, *narrowing, "--yes"], copies=suffix)

    def undone(self, job, words):
        point = self.world.points[job]
        return Action("undo", words, tips=point.tips, takes_away=point.suffix, drops=(job,))

    def undo(self):
        """The newest one that a restore made."""
        newest = next((job for job, one in reversed(self.stack_points().items()) if one["kind"] == "restore"), None)
        if newest is None:
            return Action("undo", ["undo", "--yes"], code=10)
        return self.undone(newest, ["undo", "--yes"])

    def undo_named(self):
        usable = [job for job, point in self.world.points.items() if point.tips or point.suffix]
        if not usable:
            return self.undo()
        job = self.dice.choice(usable)
        return self.undone(job, ["undo", job, "--yes"])

    def stack_points(self):
        listed = self.world.points_listed()
        return {job: one for job, one in listed.items() if job in self.world.points}

    def commit(self):
        some = [job for job in self.world.points if self.dice.random() < 0.5]
        return Action("commit", ["commit", *some, "--yes"], drops=tuple(some or self.world.points))

    def drill(self):
        return Action("drill", ["drill", self.some_snapshot()])

    def verify(self):
        return Action("verify", ["verify", "--all"])

    def delete(self):
        name = self.some_snapshot()
        return Action("delete", ["delete", name, "--yes"], deletes=name)

    def fault(self, action):
        if self.dice.random() >= FAULTY:
            return None
        kind = self.dice.choices(list(faults.ALL), list(faults.ALL.values()))[0]
        return kind(self.world, self.dice)

    # --- doing -------------------------------------------------------------------------------------

    def step(self):
        self.number += 1
        before = histories.live(self.stack)
        action = self.chosen()
        fault = self.fault(action)
        self.actions[action.kind] += 1
        outcome = self.carried_out(action, fault)
        wrong = self.world.settle()
        wrong += self.judged(action, fault, outcome, before)
        self.tell(action, fault, outcome, wrong)
        if wrong:
            self.begin_anew()

    def carried_out(self, action, fault):
        usual = self.took.get(action.kind, 2)
        began = time.monotonic()
        process = self.stack.start_cofferdam(*action.words)
        struck = False
        if fault:
            struck = not faults.end_of(process, self.dice.uniform(0, 1.1 * usual)) and fault.strike(process, action.words)
        timed_out = False
        try:
            said = process.communicate(timeout=ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            timed_out = True
            process.kill()
            said = process.communicate()
        finally:
            if struck or isinstance(fault, faults.FullStore):
                fault.repair()
        seconds = time.monotonic() - began
        if struck:
            self.faults[fault.name] += 1
        elif process.returncode == 0:
            self.took[action.kind] = (usual + seconds) / 2
        unknown = timed_out or (struck and process.returncode not in fault.telling)
        return Outcome(process.returncode, struck, "".join(said), seconds, timed_out, unknown)

    # --- judging -----------------------------------------------------------------------------------

    def judged(self, action, fault, outcome, before):
        wrong = []
        codes = fault.codes if outcome.struck else set()
        if outcome.timed_out:
            wrong.append(f"it did not end within {ENDS_WITHIN} s")
        elif outcome.code not in codes | {action.code}:
            wrong.append(f"exit code {outcome.code}")
        if SECRET in outcome.output:
            wrong.append("the password is in the output")
        now = histories.live(self.stack)
        wrong += [fault_found for history in now.values() for fault_found in history.faults]
        done, found = self.side_of(action, outcome, before, now)
        wrong += found
        points = self.world.points_listed()
        wrong += self.judge_snapshots(action, outcome, now)
        wrong += self.judge_points(action, fault, outcome, done, before, points)
        wrong += self.judge_copies(action, outcome, points)
        return wrong + self.world.changed_containers() + self.world.leftovers(points) + self.world.sidecar_is_modest()

    def side_of(self, action, outcome, before, now):
        """Whether the histories were set back (None: nothing tells), and what is wrong with that."""
        wrong, sides = [], set()
        for part, history in now.items():
            was, wanted = before[part], action.tips.get(part)
            old = history.goes_back_to(was.tip)
            new = wanted is not None and history.goes_back_to(wanted)
            if not old and not new:
                wrong.append(f"{part} is neither what it was nor what was restored")
            elif wanted is None or was.tip.n == 0 or was.tip == wanted:
                pass  # it is what it was; or both states look alike
            elif was.goes_back_to(wanted):
                sides.add(not old)  # what went on untouched goes back to there too
            else:
                sides.add(new)
        if len(sides) > 1:
            return None, wrong + ["half of the histories was set back, half not"]
        done = sides.pop() if sides else None
        if done is not None and not outcome.unknown and done != (outcome.code == 0):
            wrong.append(f"the histories were {'' if done else 'not '}set back, and the exit code is {outcome.code}")
        return done, wrong

    def judge_snapshots(self, action, outcome, now):
        listed, wrong = self.world.listed_snapshots(), []
        expected = dict(self.world.snapshots)
        if action.creates in listed and (outcome.code == 0 or outcome.unknown):
            held = histories.of_snapshot(self.stack, action.creates)
            wrong += [fault for history in held.values() for fault in history.faults]
            expected[action.creates] = tips = {part: history.tip for part, history in held.items()}
            if tips[histories.ROWS] != tips[histories.FILE]:
                wrong.append(f"{action.creates} holds rows up to {tips[histories.ROWS].n}, and a file up to "
                             f"{tips[histories.FILE].n}")
            wrong += [f"{action.creates} holds another history of {part}" for part, tip in tips.items()
                      if not now[part].goes_back_to(tip)]
        elif action.creates and outcome.code == 0:
            wrong.append(f"{action.creates} is not listed")
        if action.deletes and (outcome.code == 0 or (outcome.struck and action.deletes not in listed)):
            del expected[action.deletes]
        if set(listed) != set(expected):
            wrong.append(f"listed are {sorted(listed)}, expected were {sorted(expected)}")
        self.world.snapshots = expected
        return wrong

    def judge_points(self, action, fault, outcome, done, before, points):
        """Those that were there are there, but for what the action consumed or a full store pushed out."""
        wrong, known = [], self.world.points
        made = [job for job in points if job not in known]
        gone = [job for job in known if job not in points]
        if outcome.code == 0:
            wrong += [f"point {job} is still listed" for job in action.drops if job in points]
        excused = set(action.drops) if outcome.code == 0 or outcome.unknown else set()
        if outcome.struck and isinstance(fault, faults.FullStore):
            excused |= set(known)
            if gone != list(known)[:len(gone)] and not set(gone) & set(action.drops):
                wrong.append("a full store drops points that are not the oldest")
        wrong += [f"point {job} is gone" for job in gone if job not in excused]
        if action.tips and outcome.code == 0 and not made:
            wrong.append("nothing is kept of what was replaced")
        if len(made) > (1 if action.tips or action.copies or action.takes_away else 0):
            wrong.append(f"new points: {made}")
        if made and done is False:
            wrong.append("a point is kept of what was not replaced")
        self.world.points = {job: known[job] for job in points if job in known}
        for job in made:
            self.world.points[job] = Point({part: before[part].tip for part in action.tips}, action.copies)
        return wrong

    def judge_copies(self, action, outcome, points):
        beside, wrong = self.world.copies_found(points)
        listed = {point.suffix for point in self.world.points.values() if point.suffix}
        if action.copies and outcome.code == 0 and action.copies not in listed:
            wrong.append("no point takes the copy away")
        if action.takes_away and outcome.code == 0 and action.takes_away in beside:
            wrong.append(f"the copy {action.takes_away} is still there: {sorted(beside[action.takes_away])}")
        for suffix in list(beside):
            if suffix in listed:
                wrong += self.world.copy_of(suffix, beside[suffix])
            elif suffix == action.copies or suffix not in self.world.copies:
                wrong.append(f"left of the copy {suffix}: {sorted(beside[suffix])}")
            elif suffix != action.takes_away:
                self.world.drop_copy(suffix)  # it was committed
        wrong += [f"the copy {suffix} is gone" for suffix in listed - set(beside)]
        self.world.copies = {suffix: copy for suffix, copy in self.world.copies.items() if suffix in listed}
        return wrong

    # --- telling -----------------------------------------------------------------------------------

    def tell(self, action, fault, outcome, wrong):
        what = f"{fault.name}{'' if outcome.struck else ' (came too late)'}" if fault else ""
        print(f"{self.number:4} {time.strftime('%H:%M:%S')}  {' '.join(action.words):56} {what:32} "
              f"-> {outcome.code:3}  {outcome.seconds:5.1f} s", flush=True)
        for one in wrong:
            self.violations.append((self.number, one))
            print(f"     VIOLATION: {one}", flush=True)
        if wrong:
            print("".join(f"     | {line}\n" for line in outcome.output.splitlines()[-30:]), end="")
            log = self.stack.docker("logs", "--tail", "20", self.world.ids["cofferdam"], check=False)
            print("".join(f"     sidecar | {line}\n" for line in (log.stdout + log.stderr).splitlines()), flush=True)

    def begin_anew(self):
        """After a violation: as the operator would go on, so that each is counted once."""
        self.stack.up()
        points = self.world.points_listed()
        self.world.containers = self.world.inspected()
        self.world.points = {job: point for job, point in self.world.points.items() if job in points}
        self.world.snapshots = {name: tips for name, tips in self.world.snapshots.items()
                                if name in self.world.listed_snapshots()}

    def end(self):
        """Everything that is said to be good is good, and gives back what it holds."""
        for action in (self.verify(), self.restore() if self.world.snapshots else self.verify(),
                       Action("commit", ["commit", "--yes"], drops=tuple(self.world.points))):
            self.number += 1
            self.actions[action.kind] += 1
            before = histories.live(self.stack)
            if action.kind == "commit":
                action.drops = tuple(self.world.points)
            outcome = self.carried_out(action, None)
            self.tell(action, None, outcome, self.world.settle() + self.judged(action, None, outcome, before))

    def summary(self, seed, seconds):
        counted = "\n".join(f"  {count:4} {name}" for name, count in
                            [*sorted(self.actions.items()), *sorted(self.faults.items())])
        text = f"\nseed {seed}: {sum(self.actions.values())} actions, {sum(self.faults.values())} faults in " \
               f"{seconds / 60:.0f} min, {len(self.violations)} violations\n{counted}\n"
        text += "".join(f"  action {number}: {one}\n" for number, one in self.violations)
        return text + f"again: scripts/soak --seed {seed} --actions {self.number}\n"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--actions", type=int, default=sys.maxsize, help="at most so many")
    return parser.parse_args()


@contextlib.contextmanager
def small_store():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cofferdam-soak-"))
    run("mount", "-t", "tmpfs", "-o", f"size={STORE_MEBIBYTES}m,mode=755", "cofferdam-soak", folder)
    try:
        yield folder
    finally:
        run("umount", "--lazy", folder)
        folder.rmdir()


def soak(chosen, store):
    world = World(os.environ["DOCKER_HOST"], store)
    run_of_it = Soak(world, random.Random(chosen.seed))
    began = time.monotonic()
    try:
        world.up()
        print(f"seed {chosen.seed}", flush=True)
        while run_of_it.number < chosen.actions and time.monotonic() - began < chosen.minutes * 60:
            run_of_it.step()
        run_of_it.end()
    finally:
        print(run_of_it.summary(chosen.seed, time.monotonic() - began), flush=True)
        world.stack.close()
    return 1 if run_of_it.violations else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with small_store() as store:
        code = soak(arguments(), store)
    sys.exit(code)
