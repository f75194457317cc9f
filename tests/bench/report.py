"""From records to medians, ratios, and a table."""
import statistics

import reaches
from reaches import at_least, at_most

COFFERDAM = "cofferdam"
COPYING = "copying volumes"  # the phase in which the agent archives


def median_of(records, key):
    values = [record[key] for record in records if key in record]
    return statistics.median(values) if values else None


def rows_of_race(name, race):
    """One row for each action and tool, Cofferdam first, the others with their ratio to it."""
    rows = []
    for action in dict.fromkeys(record["action"] for record in race["records"]):
        chosen = [record for record in race["records"] if record["action"] == action]
        tools = list(dict.fromkeys(record["tool"] for record in chosen))
        ours = [record for record in chosen if record["tool"] == COFFERDAM]
        for tool in tools:
            theirs = [record for record in chosen if record["tool"] == tool]
            rows.append(row(name, action, tool, race["bytes"], ours, theirs))
    return rows


def row(name, action, tool, size, ours, theirs):
    seconds, stored = median_of(theirs, "seconds"), median_of(theirs, "bytes")
    result = {"data": name, "action": action, "tool": tool, "seconds": seconds,
              "all_seconds": [round(record["seconds"], 3) for record in theirs],
              "mb_per_second": size / seconds / 1e6, "stored_bytes": stored, "reach": []}
    if tool != COFFERDAM:
        result["time_ratio"] = seconds / median_of(ours, "seconds")
        if stored:
            result["size_ratio"] = median_of(ours, "bytes") / stored
        if bound := reaches.TIME_RATIOS.get((name, action, tool)):
            result["reach"].append(at_least(result["time_ratio"], bound, f">= {bound}x"))
        if bound := reaches.SIZE_RATIOS.get((name, action, tool)):
            result["reach"].append(at_most(result.get("size_ratio"), bound, f"size <= {bound:.0%}"))
    elif (name, action) == ("incompressible", "capture"):
        copying = [size / record["phases"][COPYING] / 1e6 for record in theirs if COPYING in record["phases"]]
        rate = statistics.median(copying) if copying else None
        bound = reaches.INCOMPRESSIBLE_MB_PER_SECOND
        result["reach"].append(at_least(result["mb_per_second"], bound, f">= {bound} MB/s"))
        if rate:
            result["reach"].append(at_least(rate, bound, f"copying alone, {rate:.0f} MB/s"))
    return result


def table(rows):
    """Text columns, as wide as their widest cell."""
    heads = ["data", "action", "tool", "seconds", "MB/s", "stored MB", "time vs ours", "our size", "reach"]
    cells = [heads]
    for one in rows:
        cells.append([
            one["data"], one["action"], one["tool"], f"{one['seconds']:.2f}", f"{one['mb_per_second']:.0f}",
            f"{one['stored_bytes'] / 1e6:.0f}" if one["stored_bytes"] else "",
            f"{one['time_ratio']:.2f}x" if "time_ratio" in one else "",
            f"{one['size_ratio']:.0%}" if "size_ratio" in one else "", "; ".join(map(str, one["reach"]))])
    return aligned(cells, numeric=range(3, 8))


def aligned(cells, numeric):
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    lines = []
    for line in cells:
        padded = [cell.rjust(width) if column in numeric else cell.ljust(width)
                  for column, (cell, width) in enumerate(zip(line, widths))]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def peaks(races):
    """The highest peak of every process, over all data sets; and the two that are promised."""
    highest = {}
    for race in races.values():
        for record in race["records"]:
            for process, mebibytes in record["peak_mebibytes"].items():
                highest[process] = max(highest.get(process, 0), mebibytes)
    return highest


def peak_lines(highest):
    commands = [name for name in highest
                if name.startswith("cofferdam ") and "agent" not in name and "serve" not in name]
    sidecar = highest.get("cofferdam serve", 0) + max((highest[name] for name in commands), default=0)
    agents = [highest[name] for name in highest if name.startswith("cofferdam agent")]
    lines = [f"{name:28} {highest[name]:8.1f} MiB" for name in sorted(highest)]
    lines.append(f"{'sidecar: serve and a command':28} {sidecar:8.1f} MiB  "
                 f"{at_most(sidecar, reaches.SIDECAR_MEBIBYTES, '<= 64 MiB')}")
    if agents:
        lines.append(f"{'largest agent':28} {max(agents):8.1f} MiB  "
                     f"{at_most(max(agents), reaches.AGENT_MEBIBYTES, '<= 256 MiB')}")
    return "\n".join(lines)


def outage_lines(races):
    """Seconds down: what the summary says, what the engine's events say, and what went where."""
    lines = []
    for name, race in races.items():
        for record in race["records"]:
            if record["tool"] != COFFERDAM or record["action"] == "restore":
                continue
            for service, said in record["downtime_reported"].items():
                seen = record["downtime_observed"].get(service, 0)
                lines.append(f"{name:15} round {record['round'] + 1}  {service}: {said:.2f} s reported, "
                             f"{seen:.2f} s by the engine's events, of {record['seconds']:.2f} s in all")
    return "\n".join(lines)


def phase_lines(races):
    lines = []
    for name, race in races.items():
        for record in race["records"]:
            if record["tool"] == COFFERDAM:
                spent = ", ".join(f"{text} {seconds:.2f}" for text, seconds in record["phases"].items())
                lines.append(f"{name:15} {record['action']:8} round {record['round'] + 1}  {spent}")
    return "\n".join(lines)


def latency_lines(latencies):
    lines = []
    for key, text, bound in (("empty", "capture of an empty stack", reaches.EMPTY_STACK_SECONDS),
                             ("plan", "plan of 50 services", reaches.PLAN_SECONDS),
                             ("drill", "drill of the example stack", reaches.DRILL_SECONDS)):
        if key in latencies:
            seconds = statistics.median(one["seconds"] for one in latencies[key])
            bare = statistics.median(one["bare_exec_seconds"] for one in latencies[key])
            lines.append(f"{text:28} {seconds:6.2f} s  {at_most(seconds, bound, f'<= {bound} s')} "
                         f"(`docker exec … cofferdam version` alone: {bare:.2f} s)")
    return "\n".join(lines)


def service_lines(found):
    idle, scheduled, listing, streams = (found[name] for name in ("idle", "scheduled", "listing", "streams"))
    lines = [f"idle: {idle['mebibytes']:.1f} MiB {at_most(idle['mebibytes'], reaches.IDLE_MEBIBYTES, '<= 20 MiB')}, "
             f"{idle['percent']:.2f} % of a processor {at_most(idle['percent'], reaches.IDLE_PERCENT, '<= 0.1 %')}",
             f"idle with 200 schedules: {scheduled['mebibytes']:.1f} MiB, {scheduled['percent']:.2f} % of a processor"]
    bare = listing["bare_exec_seconds"]
    for key, text, seconds in (("list", "list", listing["list"] - bare), ("retention", "prune --dry-run", listing["retention"] - bare),
                               ("first_page", "the API's first page", listing["first_page"])):
        lines.append(f"{listing['snapshots']} snapshots, {text}: {seconds:.2f} s "
                     f"{at_most(seconds, reaches.LISTING_SECONDS, '<= 0.3 s')}")
    lines.append(f"{listing['snapshots']} snapshots, serve's peak: {listing['mebibytes']:.0f} MiB "
                 f"{at_most(listing['mebibytes'], reaches.LISTING_MEBIBYTES, '<= 128 MiB')}")
    lines.append(f"a request beside {streams['streams']} streams: {streams['beside'] * 1000:.1f} ms "
                 f"{at_most(streams['beside'], reaches.STREAMED_SECONDS, '<= 50 ms')} (alone {streams['alone'] * 1000:.1f} ms)")
    return "\n".join(lines)


def swap_lines(records):
    """How long the service was down, by size; a restore's beyond that of a restart, and against the smallest size."""
    def down(size, action):
        return statistics.median(one["seconds"] for one in records if (one["mebibytes"], one["action"]) == (size, action))

    sizes = sorted({one["mebibytes"] for one in records})
    lines = []
    for action in ("restart", "restore", "undo"):
        for size in sizes:
            seconds = down(size, action)
            line = f"{action:8} {size:5} MiB {seconds:6.2f} s down"
            if action != "restart":
                beyond = seconds - down(size, "restart")
                line += f"  {at_most(beyond, reaches.SWAP_SECONDS, f'restart + <= {reaches.SWAP_SECONDS} s')}"
            if action != "restart" and size != sizes[0]:
                ratio = seconds / down(sizes[0], action)
                line += f"  {at_most(ratio, reaches.SWAP_GROWTH, f'<= {reaches.SWAP_GROWTH}x of the smallest')} ({ratio:.2f}x)"
            lines.append(line)
    return "\n".join(lines)


def text_report(machine, races, latencies):
    parts = [f"{machine['processors']} processors, {machine['memory_gib']:.0f} GiB, kernel {machine['kernel']}, "
             f"load {machine['load']}, {machine['time']}"]
    for name, race in races.items():
        entries = f" in {race['entries']} entries" if race.get("entries") else " as COPY text"
        content = f"{race['bytes'] / 1e6:.0f} MB{entries}"
        parts.append(f"{name}: {content}, rounds: {race['rounds']}, load during it {race_load(race)}\n\n"
                     + table(rows_of_race(name, race)))
    if races:
        parts.append("Peak resident memory\n\n" + peak_lines(peaks(races)))
        parts.append("Outage\n\n" + outage_lines(races))
        parts.append("Where Cofferdam's seconds went\n\n" + phase_lines(races))
    if "swap" in latencies:
        parts.append("Down for a swap, by the engine's events\n\n" + swap_lines(latencies["swap"]))
    if "service" in latencies:
        parts.append("The sidecar by itself\n\n" + service_lines(latencies["service"]))
    if latencies.keys() - {"swap", "service"}:
        parts.append("Fixed costs\n\n" + latency_lines(latencies))
    return "\n\n".join(parts) + "\n"


def race_load(race):
    loads = [record["load_before"] for record in race["records"]]
    return f"{min(loads):.1f} to {max(loads):.1f}"
