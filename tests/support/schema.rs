//! The documented shape of a report, checked by a validator that knows nothing of us.

use jsonschema::Validator;
use serde_json::Value;
use std::sync::LazyLock;

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let text = include_str!("../../docs/payload.schema.json");
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&serde_json::from_str(text).unwrap())
        .unwrap()
});

pub fn check_report(report: &Value) {
    check(&serde_json::json!({ "reports": [report] }));
}

pub fn check(body: &Value) {
    let errors: Vec<_> = SCHEMA.iter_errors(body).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{body} is not as documented: {errors:?}");
}
