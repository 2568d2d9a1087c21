//! The environment variables that a DBA reads about are those that the library reads.

use std::collections::BTreeSet;

use psmdb_telemetry::environment::VARIABLES;

#[test]
fn the_page_for_dbas_lists_every_variable_and_no_other() {
    let page = include_str!("../docs/dba.md");
    let rows = page.lines().skip_while(|line| !line.starts_with("| variable |")).skip(2);
    let names: Vec<_> = rows
        .map_while(|row| row.strip_prefix('|')?.split('|').next())
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    let listed: BTreeSet<_> = names.iter().copied().collect();
    assert_eq!(listed, BTreeSet::from(VARIABLES));
    assert_eq!(names.len(), listed.len(), "each stands there once: {names:?}");
}
