"""psmdb-telemetry.cdx.json: the crates of THIRD-PARTY-NOTICES, for programs."""

import json
import re

from support.places import DOCUMENTS, REPOSITORY

BILL = json.loads((DOCUMENTS / "psmdb-telemetry.cdx.json").read_text())
NOTICES = (DOCUMENTS / "THIRD-PARTY-NOTICES").read_text()
LOCK = (REPOSITORY / "Cargo.lock").read_text()


def test_it_lists_what_the_notices_list_and_the_standard_library() -> None:
    named = re.findall(r"^(\S+) (\d\S*): (.+)$", NOTICES.split("=" * 80)[0], re.MULTILINE)
    *crates, standard_library = BILL["components"]
    listed = [
        (crate["name"], crate["version"], crate["licenses"][0]["expression"]) for crate in crates
    ]
    assert listed == [(*crate, licence.replace("/", " OR ")) for *crate, licence in named]
    assert len(listed) > 20
    assert standard_library["name"] == "rust-standard-library"


def test_each_crate_can_be_found_and_verified() -> None:
    for crate in BILL["components"][:-1]:
        assert crate["purl"] == f"pkg:cargo/{crate['name']}@{crate['version']}"
        assert f'checksum = "{crate["hashes"][0]["content"]}"' in LOCK


def test_it_is_about_this_version() -> None:
    ours = BILL["metadata"]["component"]
    assert f'name = "{ours["name"]}"\nversion = "{ours["version"]}"' in LOCK
    assert (BILL["bomFormat"], BILL["specVersion"]) == ("CycloneDX", "1.5")
