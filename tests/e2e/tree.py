"""The metadata torture tree, and a walker that shares no code with the product."""
import ctypes
import hashlib
import os
import stat
import struct

_libc = ctypes.CDLL(None, use_errno=True)


def acl(*entries):
    """The kernel's form of a POSIX ACL: (tag, permissions, id) each."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", tag, rights, who) for tag, rights, who in entries)


NOBODY = 0xFFFFFFFF
ACCESS = acl((0x01, 6, NOBODY), (0x02, 4, 1234), (0x04, 4, NOBODY), (0x08, 2, 567), (0x10, 6, NOBODY), (0x20, 0, NOBODY))
DEFAULT = acl((0x01, 7, NOBODY), (0x04, 5, NOBODY), (0x08, 7, 99), (0x10, 7, NOBODY), (0x20, 0, NOBODY))
# cap_net_raw+ep, revision 2
CAPABILITY = struct.pack("<IIIII", 0x02000001, 1 << 13, 0, 0, 0)


def build(root):
    """Everything a volume may hold, in `root` (bytes), which exists."""
    def path(name):
        return os.path.join(root, name)

    def write(name, content=b"", mode=0o644, owner=(0, 0), times=None):
        with open(path(name), "wb") as file:
            file.write(content)
        os.chown(path(name), *owner)
        os.chmod(path(name), mode)
        if times:
            os.utime(path(name), ns=(times, times))

    os.makedirs(path(b"deep/er"))
    os.mkdir(path(b"empty"), 0o700)
    write(b"plain", b"text\n" * 1000, owner=(1000, 1000), times=1_600_000_000_123_456_789)
    write(b"negative time", times=-86_400_000_000_001)
    write(b"far future", times=10_413_792_000_000_000_007)  # the year 2300
    write(b"nothing")
    write(b"setuid", b"#!/bin/sh\n", mode=0o4711, owner=(33, 44))
    write(b"setgid of another group", mode=0o2755, owner=(1, 54321))
    write(b"\xff\xfe not utf-8 \n newline", b"bytes")
    write(b"n" * 255, b"long name")
    os.link(path(b"plain"), path(b"deep/er/hard link"))
    os.link(path(b"plain"), path(b"empty/another"))
    os.symlink(b"../outside/of/it", path(b"symlink"))
    os.symlink(b"/etc/passwd", path(b"absolute symlink"))
    os.symlink(b"x" * 1000, path(b"long symlink"))
    os.lchown(path(b"symlink"), 7, 8)
    os.mkfifo(path(b"fifo"), 0o620)
    os.mknod(path(b"null"), stat.S_IFCHR | 0o666, os.makedev(1, 3))
    os.mknod(path(b"disk"), stat.S_IFBLK | 0o660, os.makedev(7, 200))
    with open(path(b"sparse"), "wb") as file:
        file.truncate(1 << 40)
        file.seek(1 << 30)
        file.write(b"island" * 1000)
    write(b"with attributes", b"x")
    os.setxattr(path(b"with attributes"), "user.colour", b"blue\0green")
    os.setxattr(path(b"with attributes"), "user.empty", b"")
    os.setxattr(path(b"with attributes"), "system.posix_acl_access", ACCESS)
    write(b"with capability", b"x", mode=0o755)
    os.setxattr(path(b"with capability"), "security.capability", CAPABILITY)
    os.mkdir(path(b"with default acl"))
    os.setxattr(path(b"with default acl"), "system.posix_acl_default", DEFAULT)
    os.mkdir(path(b"sticky"))
    os.chmod(path(b"sticky"), 0o1777)
    os.mkdir(path(b"many"))
    for number in range(2000):
        write(b"many/%05d" % number, b"%d" % number)
    here = os.open(root, os.O_RDONLY)
    for _ in range(25):  # more than PATH_MAX, step by step
        os.mkdir(b"d" * 200, dir_fd=here)
        below = os.open(b"d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open(b"bottom", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
    for name in (b"deep/er", b"deep", b"many", b"sticky"):
        os.utime(path(name), ns=(1_500_000_000_000_000_001, 1_500_000_000_987_654_321))
    os.chown(root, 999, 999)
    os.chmod(root, 0o700)
    os.utime(root, ns=(1, 1_400_000_000_111_222_333))


def attributes(where):
    return {name: os.getxattr(where, name, follow_symlinks=False)
            for name in os.listxattr(where, follow_symlinks=False)}


def content(where, size):
    """A hash of where the bytes are and what they are; holes cost nothing."""
    digest = hashlib.sha256(str(size).encode())
    fd = os.open(where, os.O_RDONLY)
    try:
        offset = 0
        while offset < size:
            try:
                start = os.lseek(fd, offset, os.SEEK_DATA)
            except OSError:
                break
            end = os.lseek(fd, start, os.SEEK_HOLE)
            while start < end:
                piece = os.pread(fd, min(1 << 20, end - start), start)
                if piece.strip(b"\0"):
                    digest.update(b"%d:" % start + piece)
                start += len(piece)
            offset = end
    finally:
        os.close(fd)
    return digest.hexdigest()


def walk(root):
    """Each entry's attributes by its path relative to root; times to the nanosecond."""
    found, links = {}, {}

    def visit(fd, name, shown):
        where = f"/proc/self/fd/{fd}/".encode() + name if name else f"/proc/self/fd/{fd}".encode()
        seen = os.stat(where) if not name else os.lstat(where)
        entry = dict(mode=seen.st_mode, owner=(seen.st_uid, seen.st_gid), time=seen.st_mtime_ns, xattrs=attributes(where))
        if stat.S_ISREG(seen.st_mode):
            entry.update(size=seen.st_size, content=content(where, seen.st_size), blocks=seen.st_blocks,
                         same_as=links.setdefault((seen.st_dev, seen.st_ino), shown))
        elif stat.S_ISLNK(seen.st_mode):
            entry.update(target=os.readlink(where))
        elif stat.S_ISCHR(seen.st_mode) or stat.S_ISBLK(seen.st_mode):
            entry.update(device=seen.st_rdev)
        found[shown] = entry
        if stat.S_ISDIR(seen.st_mode):
            below = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=fd) if name else os.dup(fd)
            for child in sorted(os.listdir(f"/proc/self/fd/{below}".encode())):
                visit(below, child, shown + b"/" + child)
            os.close(below)

    top = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    visit(top, b"", b".")
    os.close(top)
    return found


def differences(before, after):
    """What is not as it was; allocation may grow by a tenth, no more."""
    found = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            found.append((name[:100], "missing" if new is None else "was not there"))
            continue
        old, new = dict(old), dict(new)
        if new.get("blocks", 0) > old.get("blocks", 0) * 1.1 + 64:
            found.append((name[:100], f"blocks {old['blocks']} -> {new['blocks']}"))
        old.pop("blocks", None), new.pop("blocks", None)
        found += [(name[:100], key, old.get(key), new.get(key)) for key in old.keys() | new.keys()
                  if old.get(key) != new.get(key)]
    return found
