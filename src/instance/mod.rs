//! The instance's identity: the file `telemetry_uuid` in the dbpath.

mod delivery_mark;
mod opt_out;
mod record;
mod store;
mod update;

pub use record::{Record, parse_instance_id};
pub use store::{CORRUPT_NAME, FILE_NAME, LoadResult, Store, StoreError};
