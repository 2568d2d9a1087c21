//! What a report says of the machine that the tests run on, compared with its own tools.

mod support;

use std::process::Command;

use psmdb_telemetry::environment::Environment;
use psmdb_telemetry::report::InstallationInfo;

fn shell(script: &str) -> String {
    let output = Command::new("sh").args(["-c", script]).output().unwrap();
    assert!(output.status.success(), "{script}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

#[test]
fn hardware_arch_is_what_uname_prints() {
    let installation = InstallationInfo::collect(&Environment::at_root("/"), "4.4.26-25").unwrap();
    assert_eq!(installation.hardware_arch.as_str(), shell("uname -mp"));
}

#[test]
fn the_operating_system_is_what_os_release_says() {
    let expected = shell(". /etc/os-release && printf '%s' \"$PRETTY_NAME\"");
    let installation = InstallationInfo::collect(&Environment::at_root("/"), "4.4.26-25").unwrap();
    assert_eq!(installation.os.as_str(), expected);
}
