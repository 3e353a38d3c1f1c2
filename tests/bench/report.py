# SPDX-License-Identifier: GPL-2.0
"""The benchmark's table as text, and its ratios as a picture."""
import math

# What each mode is to reach, as a multiple of the host (rows that have a goal).
GOALS = {
    "getppid": (60, 25, 0.8),
    "clock_gettime": (1.5, 1.5, 1.5),
    "anon_fault": (3, 2, 1.0),
    "file_fault": (4, 3, 2),
    "fork_wait": (6, 5, 3),
    "fork_exec": (6, 5, 2.5),
    "gcc_file": (1.8, 1.4, 1.2),
    "true_500": (6, 5, 2),
    "find_usr": (8, 4, 1.3),
    "tar_usr": (8, 4, 1.3),
    "python_start": (3, 2.2, 1.3),
}
GOAL_MODES = ("skas/ptrace", "skas/seccomp", "tt/dispatch")
COLORS = ("#3465a4", "#cc6600", "#4e9a06", "#75507b")


def goal(row, mode):
    """The goal of a row in a mode, or None."""
    if row not in GOALS or mode not in GOAL_MODES:
        return None
    return GOALS[row][GOAL_MODES.index(mode)]


def duration(nanoseconds):
    """Three digits and a unit."""
    for limit, unit in ((1e3, "ns"), (1e6, "us"), (1e9, "ms")):
        if nanoseconds < limit:
            return f"{nanoseconds / limit * 1e3:.3g} {unit}"
    return f"{nanoseconds / 1e9:.3g} s"


def spread(sample):
    """The distance of the quartiles as a part of the median."""
    return (sample["high"] - sample["low"]) / sample["median"]


def table(results):
    """Rows by modes: median, spread, ratio to the host, and the goal if missed."""
    modes = list(results["modes"])
    lines = [f"{'':28}{'host':>10} {'±':>4}" +
             "".join(f"  {mode:>12} {'±':>4} {'x':>6} {'goal':>5}" for mode in modes)]
    for row, native in results["native"].items():
        line = f"{row:28}{duration(native['median']):>10} {spread(native):4.0%}"
        for mode in modes:
            sample = results["modes"][mode]["rows"].get(row)
            if not sample:
                line += f"  {'-':>12} {'':4} {'':6} {'':5}"
                continue
            ratio = sample["median"] / native["median"]
            wanted = goal(row, mode)
            missed = f"{wanted:g}" if wanted and ratio > wanted else "ok" if wanted else ""
            line += (f"  {duration(sample['median']):>12} {spread(sample):4.0%} "
                     f"{ratio:6.3g} {missed:>5}")
        lines.append(line.rstrip())
    for mode in modes:
        for name, value in results["modes"][mode]["facts"].items():
            lines.append(f"{mode}: {name}: {value}")
    lines += [f"{mode}: not measured: {why}" for mode, why in results["absent"].items()]
    lines += [f"host: {name}: {value}" for name, value in results["noise"].items()]
    return "\n".join(lines) + "\n"


def picture(results):
    """An SVG: for each row a bar a mode, the ratio to the host, logarithmic."""
    modes = list(results["modes"])
    rows = [row for row in results["native"]
            if any(row in results["modes"][m]["rows"] for m in modes)]
    bar, gap, left, width = 9, 8, 210, 620
    height = len(rows) * (bar * len(modes) + gap) + 60
    top = max([2.0] + [results["modes"][m]["rows"][r]["median"] / results["native"][r]["median"]
                       for r in rows for m in modes if r in results["modes"][m]["rows"]])
    low, high = math.log10(0.5), math.log10(top * 1.2)

    def place(ratio):
        return left + (math.log10(max(ratio, 0.5)) - low) / (high - low) * width

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 60}" '
           f'height="{height}" font-family="sans-serif" font-size="11">',
           '<rect width="100%" height="100%" fill="white"/>']
    for ratio in (0.5, 1, 2, 5, 10, 20, 50, 100):
        if ratio <= top * 1.2:
            x = place(ratio)
            out.append(f'<line x1="{x:.1f}" y1="30" x2="{x:.1f}" y2="{height - 20}" '
                       f'stroke="{"black" if ratio == 1 else "#cccccc"}"/>'
                       f'<text x="{x:.1f}" y="{height - 6}" text-anchor="middle">{ratio:g}</text>')
    for i, mode in enumerate(modes):
        out.append(f'<rect x="{left + i * 130}" y="8" width="10" height="10" '
                   f'fill="{COLORS[i % len(COLORS)]}"/>'
                   f'<text x="{left + i * 130 + 14}" y="17">{mode}, x host</text>')
    y = 34
    for row in rows:
        out.append(f'<text x="{left - 6}" y="{y + bar * len(modes) / 2 + 4:.1f}" '
                   f'text-anchor="end">{row}</text>')
        for i, mode in enumerate(modes):
            sample = results["modes"][mode]["rows"].get(row)
            if sample:
                ratio = sample["median"] / results["native"][row]["median"]
                x = place(ratio)
                out.append(f'<rect x="{place(0.5):.1f}" y="{y}" '
                           f'width="{x - place(0.5):.1f}" height="{bar - 1}" '
                           f'fill="{COLORS[i % len(COLORS)]}"/>'
                           f'<text x="{x + 3:.1f}" y="{y + bar - 1}" '
                           f'font-size="9">{ratio:.3g}</text>')
            y += bar
        y += gap
    return "\n".join(out + ["</svg>"]) + "\n"
