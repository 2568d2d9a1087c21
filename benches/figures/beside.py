"""This library beside other ways to send one event from a C++ program: well-known telemetry clients
(others/), the shell script and the floor. Nothing is tuned for or against any."""

import json
import os
import socket
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from figures.first_start import Script
from measuring.dependencies import crates
from measuring.instance import FLOOR, Figures
from measuring.places import ARCHIVE, BUILD, ROOT
from measuring.scene import Scene

ROUNDS = 20
PATIENCE = 30  # seconds
OTHERS = ROOT / "benches/others"
# What a client is called in others/Cargo.toml.
CLIENTS = {"sentry (with ureq)": "sentry", "OpenTelemetry (OTLP over http)": "opentelemetry"}
HEAD = "| | growth of a stripped program | crates | CPU | threads left | stop while the endpoint hangs |"


@dataclass(frozen=True)
class Table:
    name: str
    title: str
    lines: list[str]

    def markdown(self) -> str:
        return "\n".join([HEAD, "| --- " + "| ---: " * 5 + "|", *self.lines]) + "\n"


def section(here: Scene) -> Table:
    bare = _program("none", "-DNONE")
    programs = {"this library": _program("ours", "-DOURS", f"-I{ROOT}/dist/include", str(ARCHIVE))}
    counts = {"this library": len(crates())}
    lines = []
    for name, client in CLIENTS.items():
        try:
            programs[name] = _program(client, str(_archive(client)))
            tree = crates("--manifest-path", str(OTHERS / "Cargo.toml"), "--features", client)
            counts[name] = len(tree) - 1
        except subprocess.CalledProcessError as failed:
            said = (failed.stderr or "").strip().splitlines()
            lines.append(f"| {name} | SKIPPED: {said[-1] if said else failed} | | | | |")
    cpu: dict[str, list[float]] = {}
    left: dict[str, int] = {}
    for _ in range(ROUNDS):
        for name, program in programs.items():
            figures = _run(here, program, here.http.url)
            cpu.setdefault(name, []).append(figures["cpu_us"])
            left[name] = int(figures["threads"])
        for name, start in {
            "the shell script": Script(str(here.dbpath()), here.http.url, ()),
            "the floor": replace(here.http_start(), program=FLOOR),
        }.items():
            cpu.setdefault(name, []).append(start.measured()["cpu_us"])
    for name in cpu:
        cells = ["", "", f"{median(cpu[name]):,.0f} µs", "", ""]
        if name in programs:
            with socket.create_server(("127.0.0.1", 0)) as hangs:
                url = f"http://127.0.0.1:{hangs.getsockname()[1]}"
                stop = _stop(here, programs[name], url)
            growth = programs[name].stat().st_size - bare.stat().st_size
            cells = [f"{growth:,} bytes", f"{counts[name]}", cells[2], f"{left[name]}", stop]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return Table("beside", "beside others", lines)


def _archive(client: str) -> Path:
    target = BUILD / "others" / client
    subprocess.run(
        [os.environ.get("CARGO", "cargo"), "build", "--release", "--locked", "--quiet"]
        + ["--manifest-path", str(OTHERS / "Cargo.toml"), "--features", client]
        + ["--target-dir", str(target)],
        check=True, stderr=subprocess.PIPE, text=True,
    )
    return target / "release/libothers.a"


def _program(name: str, *words: str) -> Path:
    program = BUILD / f"beside-{name}"
    subprocess.run(
        ["g++", "-std=c++17", "-O2", "-pthread", "-s", "-z", "now", "-o", str(program)]
        + [str(OTHERS / "beside.cc"), *words, "-ldl", "-lm"],
        check=True, stderr=subprocess.PIPE, text=True,
    )
    return program


def _stop(here: Scene, program: Path, url: str) -> str:
    try:
        return f"{_run(here, program, url, 'HANGS')['stop_ms']:,.1f} ms"
    except subprocess.TimeoutExpired:
        return f"not within {PATIENCE} s"


def _run(here: Scene, program: Path, *words: str) -> Figures:
    run = subprocess.run(
        [str(program), *words], env={"TMPDIR": str(here.folder)}, check=True, stdout=subprocess.PIPE,
        timeout=PATIENCE,
    )
    figures: Figures = json.loads(run.stdout)
    return figures
