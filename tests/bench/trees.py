"""The trees that are backed up: made the same way every time from what a Debian system has."""
import os
import pathlib
import random
import shutil
import stat
import subprocess

from engine import run

MEBIBYTE = 1 << 20
LARGEST_FILE = 64 * MEBIBYTE  # of /usr; one huge file would make the tree say little about trees


def system_files():
    """Regular files and symbolic links of /usr, in an order that mixes text and programs but never changes."""
    found = []
    for folder, _, names in os.walk("/usr"):
        for name in names:
            path = pathlib.Path(folder, name)
            status = path.lstat()
            if stat.S_ISLNK(status.st_mode) or (stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST_FILE):
                found.append(path)
    found.sort()
    random.Random(1).shuffle(found)
    return found


def varied(content, generator):
    """The same pieces in another order: no longer the same file for whoever deduplicates."""
    pieces = [content[at:at + 16384] for at in range(0, len(content), 16384)]
    generator.shuffle(pieces)
    return b"".join(pieces)


def make_mixed(root, mebibytes):
    """Text, programs, libraries, links: a part of /usr; on a small system further copies of it, varied."""
    left = mebibytes * MEBIBYTE
    files = system_files()
    generator = random.Random(2)
    turn = 0
    while left > 0:
        for source in files:
            target = root / f"copy{turn}" / source.relative_to("/usr")
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_symlink():
                target.symlink_to(os.readlink(source))
                continue
            if turn == 0:
                shutil.copy2(source, target)
            else:
                target.write_bytes(varied(source.read_bytes(), generator))
            left -= target.stat().st_size
            if left <= 0:
                break
        turn += 1


def make_small(root, count, folders=2000):
    """Pieces of 0.2 to 8 KB out of 64 MiB of text and programs."""
    pool = bytearray()
    for source in system_files():
        if not source.is_symlink():
            pool += source.read_bytes()[:MEBIBYTE]
        if len(pool) >= 64 * MEBIBYTE:
            break
    generator = random.Random(3)
    per_folder = -(-count // folders)
    made = 0
    for number in range(folders):
        folder = root / f"d{number // 100:02}" / f"d{number:04}"
        folder.mkdir(parents=True)
        for _ in range(min(per_folder, count - made)):
            size = generator.randrange(200, 8192)
            start = generator.randrange(len(pool) - size)
            (folder / f"file{made:06}").write_bytes(pool[start:start + size])
            made += 1


def make_incompressible(root, mebibytes):
    generator = random.Random(4)
    for number in range(-(-mebibytes // 100)):
        with open(root / f"random{number:03}", "wb") as file:
            for _ in range(min(100, mebibytes - 100 * number)):
                file.write(generator.randbytes(MEBIBYTE))


def warm(root):
    """Reads everything once, so that every tool finds it in the page cache."""
    words = "find . -type f -print0 | xargs -0r cat >/dev/null && find . -printf '%s %U %p' >/dev/null"
    run("bash", "-o", "pipefail", "-c", words, cwd=root)


def fingerprint(root):
    """Names, types, modes, owners, sizes, link targets: to see that a restore brought back the tree."""
    words = (r"find . \( -type d -printf '%P %y %m %U:%G\n' -o -printf '%P %y %m %U:%G %s %l\n' \) |"
             " LC_ALL=C sort | sha256sum")
    return run("bash", "-o", "pipefail", "-c", words, cwd=root).stdout.split()[0]


def content_size(root):
    """Entries, and bytes in regular files."""
    said = run("bash", "-o", "pipefail", "-c",
               "find . -printf '%y %s\n' | awk '{n++} $1 == \"f\" {b += $2} END {printf \"%d %d\", n, b}'", cwd=root)
    return tuple(map(int, said.stdout.split()))


def empty(folder):
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["find", str(folder), "-mindepth", "1", "-delete"], check=True)


def stored_size(folder):
    return sum(path.lstat().st_size for path in pathlib.Path(folder).rglob("*") if path.is_file())
