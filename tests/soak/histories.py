"""The histories that the stack's writers go on with: read, checked to be whole, and recognised by a line of them.

Line n holds a digest over the line before it, n, and something that never comes again. So a history is whole if its
lines follow from each other, and it goes back to a state if it has that state's last line.
"""
import contextlib
import dataclasses
import hashlib
import pathlib
import subprocess
import tarfile

ROWS, FILE, TALLY, COUNTER = PARTS = ("rows", "file", "tally", "counter")
# Where each part lies: a database, or a volume and the file in it.
DATABASES = {ROWS: "openmapx", TALLY: "tally"}
VOLUMES = {FILE: ("app", "ledger.txt"), COUNTER: ("counter", "history.txt")}
BROKEN_ROWS = """
SELECT 'broken ' || count(*) FROM (
  SELECT n, sum, row_number() OVER w AS expected, encode(sha256(convert_to(
    coalesce(lag(sum) OVER w, '') || ':' || n || ':' || body, 'UTF8')), 'hex') AS follows
  FROM ledger WINDOW w AS (ORDER BY n)) AS link WHERE n <> expected OR sum <> follows"""
ROW_SUMS = "SELECT n || ' ' || sum FROM ledger ORDER BY n"
# A start that found rows and file of two states: the file is at most the one line behind that a kill costs.
SPLIT_STARTS = "SELECT 'split ' || count(*) FROM ledger_start WHERE file_last NOT IN (row_last, row_last - 1)"


@dataclasses.dataclass(frozen=True)
class Tip:
    """The last line of a history at some time."""
    n: int
    sum: str


class History:
    """Lines by number, from 1 on."""

    def __init__(self, sums, faults=()):
        self.sums = sums
        self.faults = list(faults)

    @property
    def tip(self):
        last = max(self.sums, default=0)
        return Tip(last, self.sums.get(last, ""))

    def goes_back_to(self, tip):
        return tip.n == 0 or self.sums.get(tip.n) == tip.sum


def of_database(stack, database):
    statements = [BROKEN_ROWS, ROW_SUMS] + ([SPLIT_STARTS] if database == DATABASES[ROWS] else [])
    lines = stack.sql(*statements, database=database).splitlines()
    found = [f"database {database}: {line}" for line in lines if line.startswith(("broken ", "split ")) and line[-2:] != " 0"]
    pairs = (line.split() for line in lines if not line.startswith(("broken ", "split ")))
    return History({int(n): total for n, total in pairs}, found)


def of_lines(text, what):
    """Of a file: `n … digest` each."""
    lines = [line.split() for line in text.splitlines()]
    faults = [] if [int(line[0]) for line in lines] == list(range(1, len(lines) + 1)) else [f"{what}: lines are missing"]
    if lines and len(lines[0]) == 3:
        faults += broken_lines(lines, what)
    return History({int(line[0]): line[-1] for line in lines}, faults)


def broken_lines(lines, what):
    previous = ""
    for n, stamp, total in lines:
        if total != hashlib.sha256(f"{previous}:{n}:{stamp}".encode()).hexdigest():
            return [f"{what}: line {n} does not follow from the one before it"]
        previous = total
    return []


def of_volume(stack, key, name):
    path = stack.mountpoint(key) / name
    return of_lines(path.read_text() if path.exists() else "", f"volume {key}")


@contextlib.contextmanager
def stored(stack, snapshot, record):
    """What a record of the manifest is stored as, decompressed."""
    artifact = stack.backups / snapshot / record["artifact"]["path"]
    with subprocess.Popen(["zstd", "-qdc", artifact], stdout=subprocess.PIPE) as reader:
        yield reader.stdout


@contextlib.contextmanager
def archive_of(stack, snapshot, key):
    [record] = [one for one in stack.manifest(snapshot)["volumes"] if one["key"] == key]
    with stored(stack, snapshot, record) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        yield archive


def of_archive(stack, snapshot, key, name):
    text = ""
    with archive_of(stack, snapshot, key) as archive:
        for member in archive:
            if pathlib.PurePath(member.name).name == name:
                text = archive.extractfile(member).read().decode()
    return of_lines(text, f"volume {key} in {snapshot}")


def files_of_archive(stack, snapshot, key):
    """Digests by name."""
    with archive_of(stack, snapshot, key) as archive:
        return {pathlib.PurePath(member.name).name: hashlib.sha256(archive.extractfile(member).read()).hexdigest()
                for member in archive if member.isfile()}


def files_of_volume(stack, key):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in stack.mountpoint(key).rglob("*") if path.is_file()}


def of_dump(stack, snapshot, database):
    """Its rows as pg_restore reads them, which the manifest counts."""
    what = f"database {database} in {snapshot}"
    [record] = [one for one in stack.manifest(snapshot)["databases"] if one["name"] == database]
    [counted] = [table["rows"] for table in record["tables"] if table["name"] == "ledger"]
    with stored(stack, snapshot, record) as stream:
        text = stack.execute("db", "pg_restore", "--data-only", "--table=ledger", "--file=-", stdin=stream).stdout
    rows = sorted((int(n), body, total) for n, body, total, *_ in
                  (line.split("\t") for line in text.splitlines() if line.count("\t") == 3))
    faults = [] if [n for n, *_ in rows] == list(range(1, len(rows) + 1)) else [f"{what}: rows are missing"]
    faults += [] if counted == len(rows) else [f"{what}: the manifest counts {counted} rows, the dump has {len(rows)}"]
    return History({n: total for n, _, total in rows}, faults + broken_lines(rows, what))


def live(stack):
    """By part. The rows first: the file may be ahead of them when it is read, never behind by more than a line."""
    found = {part: of_database(stack, database) for part, database in DATABASES.items()}
    found.update({part: of_volume(stack, *place) for part, place in VOLUMES.items()})
    rows, file = found[ROWS], found[FILE]
    differing = next((n for n, total in file.sums.items() if rows.sums.get(n, total) != total), None)
    if differing:
        file.faults.append(f"the file's line {differing} is not that row")
    if file.tip.n < rows.tip.n - 1:
        file.faults.append(f"the file ends at {file.tip.n}, the table at {rows.tip.n}")
    return found


def of_snapshot(stack, snapshot):
    """By part, read from what is stored."""
    found = {part: of_dump(stack, snapshot, database) for part, database in DATABASES.items()}
    found.update({part: of_archive(stack, snapshot, *place) for part, place in VOLUMES.items()})
    return found
