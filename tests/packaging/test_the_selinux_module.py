"""The SELinux module: compiled, linked into Debian's own policy, and compared rule by rule."""

import shutil
import struct
import subprocess
from collections import Counter
from pathlib import Path

from support.places import PACKAGING, POLICY
from support.rights import need_policy, need_tool
from support.shells import outcome

NAME = "psmdb_telemetry"
SOURCE = PACKAGING / "selinux" / f"{NAME}.te"

# What el7 and el8 load is of this version at most.
VERSION = 19
COMPILE = ["checkmodule", "-M", "-m", "-c", str(VERSION)]

# All that a server gains, as the policy's own search tool prints it.
GAINED = {
    "mongod_t:tcp_socket { connect create getattr getopt read setopt shutdown write }",
    "http_port_t:tcp_socket name_connect",
    "net_conf_t:file { getattr open read }",
    "net_conf_t:lnk_file { getattr read }",
    "mongod_t:udp_socket { connect create getattr getopt read setopt write }",
    "dns_port_t:tcp_socket name_connect",
    "mongod_t:netlink_route_socket { bind create getattr nlmsg_read read write }",
    "cert_t:dir { getattr open read search }",
    "cert_t:file { getattr open read }",
    "cert_t:lnk_file { getattr read }",
}


def compiled(place: Path) -> Path:
    """The module as it is installed."""
    need_tool("checkmodule", "semodule_package")
    module, package = place / f"{NAME}.mod", place / f"{NAME}.pp"
    subprocess.run([*COMPILE, "-o", module, SOURCE], check=True)
    subprocess.run(["semodule_package", "-o", package, "-m", module], check=True)
    return package


def rules(policy: Path, *query: str) -> list[str]:
    status, found = outcome("sesearch", "-A", *query, policy)
    assert status == 0, found
    return found.splitlines()


def test_it_is_compiled_for_the_oldest_system_as_its_page_says(tmp_path: Path) -> None:
    compiled(tmp_path)
    module = (tmp_path / f"{NAME}.mod").read_bytes()
    name = b"SE Linux Module"
    # Behind the name: the kind of policy, and its version.
    assert struct.unpack_from("<II", module, module.index(name) + len(name)) == (2, VERSION)
    assert f"    {' '.join(COMPILE)} -o " in (PACKAGING / "selinux/README.md").read_text()


def test_it_allows_what_an_https_client_needs_and_nothing_more(tmp_path: Path) -> None:
    need_policy()
    store = tmp_path / "store"
    shutil.copytree(POLICY / "store", store, symlinks=True)
    module = compiled(tmp_path)
    status, said = outcome("semodule", "-p", store, "-s", "default", "-n", "-i", module)
    assert status == 0, said
    [policy] = (store / "etc/selinux/default/policy").iterdir()

    before = Counter((POLICY / "rules").read_text().splitlines())
    after = Counter(rules(policy))
    assert set(after - before) == {f"allow mongod_t {rule};" for rule in GAINED}
    assert before - after == Counter()


def test_the_host_s_file_is_seen_without_the_module() -> None:
    """Off means off also for a confined server: files made in /etc are etc_t."""
    need_policy()
    [policy] = (POLICY / "store/etc/selinux/default/policy").iterdir()
    assert rules(policy, "-s", "mongod_t", "-t", "etc_t", "-c", "dir", "-p", "search")
    assert rules(policy, "-s", "mongod_t", "-t", "etc_t", "-c", "file", "-p", "getattr,read")
