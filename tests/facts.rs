//! What a report says of hosts of many kinds, and of the one that the tests run on.

mod support;

use std::process::Command;

use psmdb_telemetry::environment::{self, Environment, HostFiles, OsRelease, Text};
use psmdb_telemetry::report::InstallationInfo;
use serde_json::Value;
use support::World;

fn host(files: &[(&str, &str)]) -> World {
    let world = World::new();
    std::fs::remove_file(world.root.path().join("etc/os-release")).unwrap();
    for (path, content) in files {
        world.put(path, content);
    }
    world
}

fn operating_system(environment: &Environment) -> String {
    let host = HostFiles::of(environment);
    environment::operating_system(&host, OsRelease::read(&host).as_ref()).as_str().to_owned()
}

fn hardware_arch(environment: &Environment, machine: &str) -> String {
    let host = HostFiles::of(environment);
    let os_release = OsRelease::read(&host);
    environment::hardware_arch(&host, os_release.as_ref(), machine).as_str().to_owned()
}

fn deployment(environment: &Environment) -> String {
    environment::deployment(&HostFiles::of(environment)).as_str().to_owned()
}

fn os(files: &[(&str, &str)]) -> String {
    operating_system(&host(files).environment())
}

/// Name, `ID`, `ID_LIKE` and `VERSION_ID` as the distribution's os-release has them, and the
/// processor that its `uname -p` prints for a machine `x86_64`.
const DISTRIBUTIONS: [(&str, &str, &str, &str, &str); 22] = [
    ("Oracle Linux Server 7.9", "ol", "fedora", "7.9", "x86_64"),
    ("Oracle Linux Server 8.8", "ol", "fedora", "8.8", "x86_64"),
    ("Oracle Linux Server 9.4", "ol", "fedora", "9.4", "x86_64"),
    ("Rocky Linux 8.10 (Green Obsidian)", "rocky", "rhel centos fedora", "8.10", "x86_64"),
    ("Rocky Linux 9.4 (Blue Onyx)", "rocky", "rhel centos fedora", "9.4", "x86_64"),
    ("Rocky Linux 10.0 (Red Quartz)", "rocky", "rhel centos fedora", "10.0", "unknown"),
    ("AlmaLinux 9.3 (Shamrock Pampas Cat)", "almalinux", "rhel centos fedora", "9.3", "x86_64"),
    ("Red Hat Enterprise Linux 8.9 (Ootpa)", "rhel", "fedora", "8.9", "x86_64"),
    ("Red Hat Enterprise Linux 10.0 (Coughlan)", "rhel", "centos fedora", "10.0", "unknown"),
    ("CentOS Stream 10 (Coughlan)", "centos", "rhel fedora", "10", "unknown"),
    ("Fedora Linux 37 (Server Edition)", "fedora", "", "37", "x86_64"),
    ("Fedora Linux 38 (Server Edition)", "fedora", "", "38", "unknown"),
    ("Fedora Linux 40 (Server Edition)", "fedora", "", "40", "unknown"),
    ("Amazon Linux 2", "amzn", "centos rhel fedora", "2", "x86_64"),
    ("Amazon Linux 2023", "amzn", "fedora", "2023", "x86_64"),
    ("Debian GNU/Linux 12 (bookworm)", "debian", "", "12", "unknown"),
    ("Ubuntu 22.04.4 LTS", "ubuntu", "debian", "22.04", "x86_64"),
    ("Ubuntu 24.04 LTS", "ubuntu", "debian", "24.04", "x86_64"),
    ("Ubuntu 25.10", "ubuntu", "debian", "25.10", "unknown"),
    ("Alpine Linux v3.19", "alpine", "", "3.19.1", "unknown"),
    ("SUSE Linux Enterprise Server 15 SP5", "sles", "suse", "15.5", "x86_64"),
    ("openSUSE Leap 15.5", "opensuse-leap", "suse opensuse", "15.5", "x86_64"),
];

#[test]
fn each_distribution_is_named_as_it_names_itself() {
    for (name, id, like, version, processor) in DISTRIBUTIONS {
        let file = format!(
            "PRETTY_NAME=\"{name}\"\nID=\"{id}\"\nID_LIKE=\"{like}\"\nVERSION_ID=\"{version}\"\n"
        );
        let world = host(&[("etc/os-release", &file)]);
        assert_eq!(operating_system(&world.environment()), name);
        let arch = hardware_arch(&world.environment(), "x86_64");
        assert_eq!(arch, format!("x86_64 {processor}"), "{name}");
        assert_eq!(deployment(&world.environment()), "PACKAGE");
    }
}

#[test]
fn the_machine_is_what_the_kernel_says() {
    assert_eq!(hardware_arch(&World::new().environment(), "aarch64"), "aarch64 aarch64");
    assert_eq!(hardware_arch(&host(&[]).environment(), "aarch64"), "aarch64 unknown");
    // A system older than os-release still has its uname.
    let old = host(&[("etc/redhat-release", "CentOS release 6.10 (Final)\n")]);
    assert_eq!(hardware_arch(&old.environment(), "x86_64"), "x86_64 x86_64");
}

#[test]
fn the_first_file_that_gives_a_name_is_taken() {
    const VENDORS: (&str, &str) = ("usr/lib/os-release", "PRETTY_NAME=\"Vendor's\"\n");
    const OLD: (&str, &str) = ("etc/redhat-release", "CentOS release 6.10 (Final)\n");
    assert_eq!(os(&[VENDORS, OLD]), "Vendor's");
    let with_vendors = |file| os(&[("etc/os-release", file), VENDORS, OLD]);
    assert_eq!(with_vendors("NAME=A\nVERSION_ID=1\nPRETTY_NAME=One\n"), "One");
    assert_eq!(with_vendors("NAME=\"A B\"\nVERSION_ID=1.2\nVERSION=no\n"), "A B 1.2");
    assert_eq!(with_vendors("PRETTY_NAME=\"\t\"\nVERSION_ID=''\nNAME=A\n"), "A");
    assert_eq!(with_vendors("ID=x\nVERSION_ID=2\n"), "Vendor's");
    assert_eq!(os(&[("etc/os-release", "PRETTY_NAME=\"\"\n"), OLD]), "CentOS release 6.10 (Final)");
    assert_eq!(
        os(&[("etc/system-release", "Amazon Linux AMI release 2018.03\nmore\n"), OLD]),
        "Amazon Linux AMI release 2018.03"
    );
    assert_eq!(os(&[]), "unknown");
}

#[test]
fn an_administrator_s_own_words_are_not_taken() {
    for path in ["etc/issue", "etc/issue.net", "etc/motd", "etc/system-release", "etc/hostname"] {
        assert_eq!(os(&[(path, "db7.example.com, call Ann at 555\n")]), "unknown", "{path}");
    }
    let own = ("etc/system-release", "db7.example.com\n");
    assert_eq!(os(&[own, ("etc/redhat-release", "Fedora release 9 (X)")]), "Fedora release 9 (X)");
}

#[test]
fn a_fifo_in_the_place_of_a_file_blocks_nobody() {
    let world = host(&[]);
    let fifo = Command::new("mkfifo").arg(world.root.path().join("etc/os-release")).status();
    assert!(fifo.unwrap().success());
    assert_eq!(operating_system(&world.environment()), "unknown");
}

#[test]
fn the_environment_overrules_the_files() {
    let with = |variables: &[(&'static str, &str)]| {
        let world = World::new();
        let world = variables.iter().fold(world, |world, (name, value)| world.with(name, value));
        operating_system(&world.environment())
    };
    assert_eq!(with(&[("PERCONA_OPERATING_SYSTEM", "Said so 1")]), "Said so 1");
    assert_eq!(with(&[("PERCONA_OPERATING_SYSTEM", "")]), "Oracle Linux Server 8.8");
    assert_eq!(with(&[("OS_VER", "ol8")]), "Oracle Linux Server 8.8", "not in a container");
    assert_eq!(with(&[("OS_VER", "ol8"), ("container", "oci")]), "ol8");
}

#[test]
fn a_name_that_cannot_be_reported_does_not_reveal_the_real_one() {
    for unusable in [" ", "\t\n", "\u{1b}\0", "\u{200B}\u{202E}"] {
        let environment = World::new().environment();
        let said = environment.clone().with("PERCONA_OPERATING_SYSTEM", unusable);
        assert_eq!(operating_system(&said), "unknown", "{unusable:?}");
        let image = environment.with("OS_VER", unusable).with("container", "oci");
        assert_eq!(operating_system(&image), "unknown", "{unusable:?}");
        assert_eq!(operating_system(&image.with("PERCONA_OPERATING_SYSTEM", "Said")), "Said");
    }
}

#[test]
fn a_container_is_known_by_any_of_its_marks() {
    for name in ["FULL_PERCONA_VERSION", "container", "KUBERNETES_SERVICE_HOST"] {
        assert_eq!(deployment(&World::new().environment().with(name, "x")), "DOCKER", "{name}");
        assert_eq!(deployment(&World::new().environment().with(name, "")), "PACKAGE", "{name}");
    }
    for path in [".dockerenv", "run/.containerenv"] {
        let world = World::new();
        world.put(path, "");
        assert_eq!(deployment(&world.environment()), "DOCKER", "{path}");
    }
}

#[test]
fn the_image_or_package_may_say_how_it_was_deployed() {
    let deployed = |said: &str, mark: &str| {
        let environment = World::new().environment().with("container", mark);
        deployment(&environment.with("PERCONA_DEPLOYMENT_METHOD", said))
    };
    assert_eq!(deployed("PACKAGE", "oci"), "PACKAGE");
    assert_eq!(deployed("DOCKER", ""), "DOCKER");
    for other in ["", "docker", "TARBALL"] {
        assert_eq!(deployed(other, ""), "PACKAGE", "{other}");
        assert_eq!(deployed(other, "oci"), "DOCKER", "{other}");
    }
}

#[test]
fn the_schema_and_the_library_agree_on_every_character_of_a_text() {
    let schema: Value = serde_json::from_str(include_str!("../docs/payload.schema.json")).unwrap();
    let pattern = jsonschema::validator_for(&schema["$defs"]["text"]).unwrap();
    for character in '\0'..=char::MAX {
        let text = format!("a{character}b");
        let allowed = Text::verbatim(&text).is_some();
        assert_eq!(pattern.is_valid(&Value::from(text)), allowed, "{}", character.escape_unicode());
    }
}

#[test]
fn this_machine_is_described_as_its_own_tools_do() {
    let shell = |script: &str| {
        let output = Command::new("sh").args(["-c", script]).output().unwrap();
        assert!(output.status.success(), "{script}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    };
    let installation = InstallationInfo::collect(&Environment::at_root("/"), "4.4.26-25").unwrap();
    assert_eq!(installation.hardware_arch.as_str(), shell("uname -mp"));
    let name = shell(". /etc/os-release && printf '%s' \"$PRETTY_NAME\"");
    assert_eq!(installation.os.as_str(), name);
}
