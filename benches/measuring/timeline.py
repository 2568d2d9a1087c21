"""A picture of the system calls of one start: time flows down, each thread has a column.

Calls that follow each other on one thread and are about the same thing share a line.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from .strace import CALLER, Call

COLOURS = {
    "dbpath": "#c2410c",
    "host's files": "#4d7c0f",
    "network": "#1d4ed8",
    "threads": "#6b7280",
    "memory": "#a855f7",
    "randomness": "#0e7490",
    "waiting": "#d1d5db",
}
_THREADS = {
    *("clone3", "rseq", "set_robust_list", "prctl", "exit", "rt_sigprocmask", "rt_sigaction"),
    *("sched_getaffinity", "gettid", "sigaltstack"),
}
_MEMORY = {"mmap", "munmap", "mprotect", "madvise", "brk"}
_WAITING = {"futex", "poll", "sched_yield", "restart_syscall", "clock_gettime", "uname"}

LINE, TOP, BARS, BAR_WIDTH, WIDTH = 15, 112, 880, 130, 1060
CHARACTER = 6.35  # the width of one
COLUMNS = {CALLER: 60, "PsmdbTelemetry": 270, "PsmdbTelemetryS": 520}
HEADINGS = {CALLER: "the caller, in start()"}


@dataclass
class Step:
    """Calls that follow each other on one thread, about one thing."""

    thread: str
    kind: str
    about: str
    begin: float
    seconds: float = 0
    calls: Counter[str] = field(default_factory=Counter)

    @property
    def words(self) -> str:
        calls = [name if n == 1 else f"{name}×{n}" for name, n in self.calls.items()]
        text = (f"{self.about}: " if self.about else "") + " ".join(calls)
        room = int((BARS - COLUMNS[self.thread] - 15) / CHARACTER)
        return text if len(text) <= room else text[: room - 1] + "…"


def steps(calls: list[Call], dbpath: Path) -> list[Step]:
    opened: dict[int, tuple[str, str]] = {}
    last: dict[str, dict[str, Step]] = {thread: {} for thread in COLUMNS}
    found = []
    for call in calls:
        kind, about = _subject(call, dbpath, opened)
        # To ask for memory in the midst of reading a file is not to begin with something else.
        place = kind if kind == "memory" else "other"
        step = last[call.thread].get(place)
        if step is None or (step.kind, step.about) != (kind, about):
            step = Step(call.thread, kind, about, call.begin)
            if kind != "memory":
                last[call.thread].clear()
            last[call.thread][place] = step
            found.append(step)
        step.calls[call.name] += 1
        step.seconds += call.seconds
    return found


def _subject(
    call: Call, dbpath: Path, opened: dict[int, tuple[str, str]]
) -> tuple[str, str]:
    """Of which kind a call is, and what it is about."""
    if call.name in _THREADS:
        return "threads", ""
    if call.name in _MEMORY:
        return "memory", ""
    if call.name == "getrandom":
        return "randomness", ""
    if call.name == "socket":
        subject = ("network", "endpoint")
    elif call.path:
        inside = Path(call.path).is_relative_to(dbpath)
        name = Path(call.path).name
        is_the_host_s = call.path.startswith(("/etc/", "/usr/", "/proc/", "/sys/", "/."))
        if call.path == str(dbpath):
            name = "dbpath"
        elif is_the_host_s:
            name = call.path
        subject = ("dbpath" if inside else "host's files", name)
    else:
        descriptor = re.match(r"(\d+)\b", call.words)
        nothing = ("waiting", "") if call.name in _WAITING else ("threads", "")
        subject = opened.get(int(descriptor[1]), nothing) if descriptor else nothing
        named = re.match(r'\d+, "(telemetry_uuid[^"]*)"', call.words)
        if named and subject[0] == "dbpath":
            subject = ("dbpath", named[1])
    result = re.search(r"\) += (\d+)$", call.words)
    if call.name in ("openat", "socket") and result:
        opened[int(result[1])] = subject
    return subject


def draw(title: str, without_strace: str, calls: list[Call], dbpath: Path) -> str:
    lines = steps(calls, dbpath)
    longest = max(step.seconds for step in lines if step.kind != "waiting")
    height = TOP + LINE * len(lines) + 24
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="DejaVu Sans Mono, monospace" '
        f'font-size="10.5">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        _text(10, 22, title, size=15, weight="bold"),
        _text(10, 40, f"{len(calls)} system calls. strace makes each of them longer; order and "
              f"number are as without it. {without_strace}"),
    ]
    x = 10
    for kind, colour in COLOURS.items():
        of_kind = [step for step in lines if step.kind == kind]
        label = f"{kind}: {sum(s.calls.total() for s in of_kind)}"
        if kind != "waiting":
            label += f" ({1000 * sum(s.seconds for s in of_kind):.1f} ms)"
        out.append(f'<rect x="{x}" y="54" width="9" height="9" fill="{colour}"/>')
        out.append(_text(x + 13, 62, label))
        x += 27 + round(CHARACTER * len(label))
    out.append(_text(10, TOP - 16, "ms", weight="bold"))
    for thread, column in COLUMNS.items():
        out.append(_text(column, TOP - 16, HEADINGS.get(thread, thread), weight="bold"))
    out.append(_text(BARS, TOP - 16, "ms in the kernel", weight="bold"))
    for i, step in enumerate(lines):
        y = TOP + LINE * i
        column = COLUMNS[step.thread]
        colour = COLOURS[step.kind]
        if i % 2 == 0:
            out.append(f'<rect x="0" y="{y - 11}" width="{WIDTH}" height="{LINE}" fill="#f8fafc"/>')
        out.append(_text(10, y, f"{1000 * step.begin:.2f}", colour="#6b7280"))
        out.append(f'<rect x="{column}" y="{y - 8}" width="4" height="9" fill="{colour}"/>')
        out.append(_text(column + 9, y, step.words))
        if step.kind != "waiting":
            width = max(0.5, BAR_WIDTH * step.seconds / longest)
            out.append(
                f'<rect x="{BARS}" y="{y - 8}" width="{width:.1f}" height="9" fill="{colour}"/>'
            )
            if width > BAR_WIDTH / 20:
                out.append(_text(BARS + width + 4, y, f"{1000 * step.seconds:.2f}"[:4]))
    out.append("</svg>")
    return "\n".join(out) + "\n"


def _text(
    x: float, y: float, words: str, size: float = 10.5, weight: str = "normal", colour: str = "#111"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{colour}" '
        f'xml:space="preserve">{escape(words)}</text>'
    )
