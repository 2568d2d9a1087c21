"""Which crate a function of the archive comes from.

Link-time optimization makes one object of all that is Rust, so there the name has to tell; for C and
assembler the object tells. A generic function counts for the crate that defines it, an inlined one
for the crate that it was inlined into.
"""

import re
import subprocess
from functools import cache

from .places import ARCHIVE

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
    command = ["nm", "--print-file-name", "--defined-only", str(ARCHIVE)]
    listed = subprocess.run(command, check=True, capture_output=True, text=True)
    origins = {}
    for line in listed.stdout.splitlines():
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
