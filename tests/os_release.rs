//! os-release is read as a shell reads it.

mod support;

use std::io::ErrorKind;
use std::process::Command;

use psmdb_telemetry::environment::{HostFiles, OsRelease, Text, operating_system};
use support::{World, skipped};

/// Assignments of `PRETTY_NAME` as nobody should write them.
const AWKWARD: [&str; 41] = [
    "PRETTY_NAME=Plain",
    "PRETTY_NAME=\"In double quotes\"\n",
    "PRETTY_NAME='In single quotes'\n",
    "  \tPRETTY_NAME=Indented",
    "export PRETTY_NAME=\"Exported 1\"\n",
    "\texport\tA=1 PRETTY_NAME='Exported 2'  B=3\n",
    "export\nPRETTY_NAME=On_the_next_line\n",
    "export 'x' PRETTY_NAME=y",
    "A=1 PRETTY_NAME=Two_of_a_line B=2\n",
    "A=1;PRETTY_NAME=After_a_semicolon;B=2\n",
    "PRETTY_NAME=\"Con\"'cat 'e\\ na\"ted\"\n",
    "PRETTY_NAME=''\"\"Empty''ness\n",
    "PRETTY_NAME=\"A \\\"B\\\" \\$C \\` \\\\ \\d '\"\n",
    "PRETTY_NAME='A \\ \" $B `'\n",
    "PRETTY_NAME=A\\ \\\"\\'\\$\\\\\\B\n",
    "PRETTY_NAME=\"One \\\nline\"\n",
    "PRETTY_NAME=One\\\nword\n",
    "A=1 \\\n PRETTY_NAME=Continued \\\n\nB=1\n",
    "PRETTY_NAME='Two\nlines'\nA=1\n",
    "A='\nPRETTY_NAME=Not_this\n'\nB=\"\nPRETTY_NAME=Nor_this\"\n",
    "PRETTY_NAME=Before # and a comment\n",
    "PRETTY_NAME=No#comment\n",
    "#PRETTY_NAME=Comment\n # PRETTY_NAME=Comment",
    "PRETTY_NAME= # a comment",
    "PRETTY_NAME=One\nPRETTY_NAME=Two\n",
    "PRETTY_NAME=One\nPRETTY_NAME=\n",
    "PRETTY_NAME=One\nPRETTY_NAME=\"Open\nA=1\n",
    "PRETTY_NAME=One\nPRETTY_NAME='Open",
    "PRETTY_NAME=For a-command\n",
    "PRETTY_NAME=One\necho PRETTY_NAME=Two\n'PRETTY_NAME'=Three\n\\PRETTY_NAME=Four\n",
    "PRETTY_NAME =Spaced\n",
    "PRETTY_NAME = Spaced\n",
    "pretty_name=Lower\nXPRETTY_NAME=X\nPRETTY_NAMEX=X\n",
    "1PRETTY_NAME=x PRETTY_NAME=y\n",
    "A-B=x PRETTY_NAME=y\n",
    "PRETTY_NAME=A=B=C\n",
    "PRETTY_NAME=12~rc1/*?[a]{b,c}!%@:,.-_+^\n",
    "PRETTY_NAME=One\nPRETTY_NAME=Two | cat\nPRETTY_NAME=Three & \n",
    "PRETTY_NAME=\"Carriage return\"\r\nA=1\r\n\r\n",
    "PRETTY_NAME=\"A;B & C|D<E>(F) #~\"\n",
    "PRETTY_NAME=D\u{e9}bian\u{a0}\u{2003}\u{b}X\n",
];

/// What a shell makes of `PRETTY_NAME`, also if it stops at an error in the file.
fn by_shell(path: &str) -> Option<String> {
    let script = "exec 3>&1 >&2; trap 'printf %s \"$PRETTY_NAME\" >&3' EXIT; . \"$1\"";
    let run = Command::new("sh").args(["-c", script, "sh", path]).env_clear().output();
    match run {
        Ok(output) => Some(String::from_utf8(output.stdout).unwrap()),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => panic!("{error}"),
    }
}

fn name_in(world: &World) -> String {
    let environment = world.environment();
    let host = HostFiles::of(&environment);
    operating_system(&host, OsRelease::read(&host).as_ref()).as_str().to_owned()
}

#[test]
fn every_awkward_line_is_read_as_by_a_shell() {
    let world = World::new();
    let path = world.root.path().join("etc/os-release");
    for file in AWKWARD {
        world.put("etc/os-release", file);
        let Some(expected) = by_shell(path.to_str().unwrap()) else {
            return skipped("there is no sh to compare with");
        };
        let expected = Text::clean(&expected).unwrap_or_else(Text::unknown);
        assert_eq!(name_in(&world), expected.as_str(), "{file:?}");
    }
}

#[test]
fn nothing_is_run_or_expanded() {
    let world = World::new();
    for value in
        ["$(hostname)", "\"`hostname`\"", "\"On $HOSTNAME\"", "${A}x", "~root", "a|b", "<f"]
    {
        let file = format!("NAME=\"Oracle Linux\"\nA=1\nPRETTY_NAME={value}\nVERSION_ID=8.8\n");
        world.put("etc/os-release", &file);
        assert_eq!(name_in(&world), "Oracle Linux 8.8", "{value}");
    }
}

#[test]
fn a_byte_order_mark_costs_no_line() {
    let world = World::new();
    world.put("etc/os-release", "\u{FEFF}PRETTY_NAME=\"First line\"\r\nNAME=x\r\n");
    assert_eq!(name_in(&world), "First line");
}
