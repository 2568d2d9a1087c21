"""Which crate a function of the archive comes from.

Link-time optimization makes one object of all that is Rust, so there the name has to tell; for C and
assembler the object tells. A generic function counts for the crate that defines it, an inlined one
for the crate that it was inlined into.
"""

import re
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path

from .places import ARCHIVE, BUILD, ROOT

OURS = "psmdb_telemetry"
STANDARD = {"core", "alloc", "std", "hashbrown", "compiler_builtins"}
# What std links to print backtraces.
BACKTRACE = {"gimli", "addr2line", "object", "miniz_oxide", "adler2", "rustc_demangle"}

# The first crate in a name, in each of the ways in which Rust mangles: with its length before it
# (_RNvCs1a_4core…, _ZN4core…17h…E), or, for what implements a trait, in words (_ZN50_$LT$core..…).
_WORDS_BEFORE = r"(?:\$?[A-Z]{2,3}\$|\$u[0-9a-f]+\$|mut |dyn |_)*"
_MANGLED = (
    re.compile(r"_R.*?C(?:s[0-9a-zA-Z]*_)?(?P<length>\d+)_?(?P<name>[a-zA-Z]\w*)"),
    re.compile(rf"_ZN\d+_\$LT\${_WORDS_BEFORE}(?P<name>[a-z]\w*)\.\..*17h\w{{16}}E"),
    re.compile(r"_ZN(?P<length>\d+)(?P<name>[a-zA-Z]\w*).*17h\w{16}E"),
)


def crate_of(symbol: str) -> str | None:
    """None for what is not the library's, such as the C library's functions."""
    name = symbol.removeprefix("psmdb$telemetry$")
    found = next(filter(None, (pattern.match(name) for pattern in _MANGLED)), None)
    if found:
        length = found.groupdict().get("length")
        crate = found["name"][: int(length)] if length else found["name"]
    elif "psmdb9telemetry" in name or "psmdb$telemetry$" in name:
        crate = OURS
    else:
        crate = _objects().get(symbol, "")
    if crate in STANDARD:
        return "Rust's standard library"
    if crate in BACKTRACE:
        return "backtraces (std)"
    return crate or None


@cache
def _objects() -> dict[str, str]:
    """What each function that is not Rust's comes from."""
    listed = _run("nm", "--print-file-name", "--defined-only", str(ARCHIVE))
    origins = {}
    for line in listed.splitlines():
        found = re.match(r".*?:([^:]+):[0-9a-f]* \w (\S+)", line)
        if found:
            origins.setdefault(found[2], _origin(found[1]))
    return origins


def _origin(member: str) -> str:
    if "compiler_builtins" in member or re.match(r"[0-9a-f]+-\w+i\d?\.o", member):
        return "compiler_builtins"
    if member.endswith(("telemetry.o", "ffi.rs.o")):
        return OURS
    if member.endswith("-cxx.o"):
        return "cxx"
    return "" if ".rcgu." in member else "ring"


def growth_by_crate() -> tuple[Counter[str], int]:
    """The bytes of code that a program with the library has of each crate, and what a program
    without the library lacks beside code: constants, tables, relocations, unwinding."""
    with_library, bare = (_link(name, *flags) for name, flags in _VARIANTS.items())
    code: Counter[str] = Counter()
    for line in _run("nm", "--print-size", "--defined-only", str(with_library)).splitlines():
        found = re.match(r"[0-9a-f]+ ([0-9a-f]+) [tTwWiV] (\S+)", line)
        crate = crate_of(found[2]) if found else None
        if found and crate:
            code[crate] += int(found[1], 16)
    grown = _stripped_size(with_library) - _stripped_size(bare)
    return code, grown - sum(code.values())


_VARIANTS: dict[str, tuple[str, ...]] = {"telemetry": (), "bare": ("-DBARE",)}


def _link(name: str, *flags: str) -> Path:
    """As tests/link/support/size.sh does."""
    program = BUILD / f"size-{name}"
    _run(
        *("g++", "-std=c++17", "-O2", "-ffunction-sections", "-fdata-sections", "-pthread"),
        *flags,
        *("-Wl,--gc-sections", f"-I{ROOT}/include", "-o", str(program)),
        *(f"{ROOT}/tests/link/programs/size.cc", str(ARCHIVE)),
    )
    return program


def _stripped_size(program: Path) -> int:
    stripped = program.with_suffix(".stripped")
    _run("strip", "-o", str(stripped), str(program))
    return stripped.stat().st_size


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
