"""What Cofferdam promises to reach, and whether it did."""
from dataclasses import dataclass


@dataclass
class Reach:
    text: str
    met: bool | None  # None: not measured

    def __str__(self):
        if self.met is None:
            return self.text
        return f"{self.text}: {'met' if self.met else 'MISSED'}"


def at_least(value, bound, text):
    return Reach(text, None if value is None else value >= bound)


def at_most(value, bound, text):
    return Reach(text, None if value is None else value <= bound)


# (data set, action, rival): the rival's time divided by Cofferdam's must be at least so much.
TIME_RATIOS = {("incompressible", "capture", "tar czf"): 10}
for tree in ("mixed", "small"):
    TIME_RATIOS |= {(tree, "capture", "tar czf"): 10, (tree, "capture", "tar | zstd -3 -T2"): 1,
                    (tree, "capture", "restic"): 2, (tree, "restore", "tar czf"): 3, (tree, "restore", "restic"): 1.5}
TIME_RATIOS |= {("upload", "upload", "curl -T"): 0.9}
TIME_RATIOS |= {("postgres", "dump", "pg_dump -Fc"): 3, ("postgres", "restore", "pg_dump -Fc"): 1.5}

# Cofferdam's size divided by the rival's must be at most so much.
SIZE_RATIOS = {("postgres", "dump", "pg_dump -Fc"): 0.6}

INCOMPRESSIBLE_MB_PER_SECOND = 800
SIDECAR_MEBIBYTES = 64
AGENT_MEBIBYTES = 256
EMPTY_STACK_SECONDS = 1.5
PLAN_SECONDS = 0.3
DRILL_SECONDS = 60
IDLE_MEBIBYTES = 20
IDLE_PERCENT = 0.1  # of one processor
LISTING_SECONDS = 0.3  # of 10,000 snapshots
LISTING_MEBIBYTES = 128
STREAMED_SECONDS = 0.05  # of a request beside 64 open streams of events
SWAP_SECONDS = 1.0  # beyond what stopping and starting the service takes
SWAP_GROWTH = 1.1  # the largest volume's outage by the smallest's
