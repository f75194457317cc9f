"""What a user would pick instead, each as one `docker run` on the volume."""
import time

from engine import TOOLS_IMAGE
from trees import empty, stored_size


class Rival:
    """`prepare` is not timed. Paths: /volume, /store (empty before each backup)."""

    def __init__(self, name, backup, restore, prepare=None):
        self.name = name
        self.backup_words = backup
        self.restore_words = restore
        self.prepare_words = prepare

    def container(self, engine, volume, store, words):
        environment = ["RESTIC_PASSWORD=bench", "RESTIC_REPOSITORY=/store/repository", "BORG_REPO=/store/repository",
                       "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes"]
        options = [part for variable in environment for part in ("--env", variable)]
        began = time.monotonic()
        engine.docker("run", "--rm", "--network", "none", *options, "--volume", f"{volume}:/volume", "--volume",
                      f"{store}:/store", "--workdir", "/volume", TOOLS_IMAGE, "bash", "-o", "pipefail", "-c", words)
        return time.monotonic() - began

    def prepare(self, engine, volume, store):
        empty(store)
        if self.prepare_words:
            self.container(engine, volume, store, self.prepare_words)

    def backup(self, engine, volume, store):
        seconds = self.container(engine, volume, store, self.backup_words)
        return {"seconds": seconds, "bytes": stored_size(store)}

    def restore(self, engine, volume, store):
        return {"seconds": self.container(engine, volume, store, self.restore_words)}


VOLUME_RIVALS = [
    Rival("tar czf", "tar czf /store/volume.tar.gz .", "tar xzf /store/volume.tar.gz"),
    Rival("tar | zstd -3 -T2", "tar cf - . | zstd -q -3 -T2 -o /store/volume.tar.zst",
          "zstd -q -d -c /store/volume.tar.zst | tar xf -"),
    Rival("restic", "restic backup --quiet .", "restic restore latest --quiet --target /volume",
          prepare="restic init --quiet"),
    Rival("borg", "borg create ::volume .", "borg extract ::volume", prepare="borg init --encryption none"),
]
