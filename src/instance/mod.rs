//! The instance's identity: the file `telemetry_uuid` in the dbpath.

mod folder;
mod opt_out;
mod record;
mod store;
mod update;

pub(crate) use folder::sync_folder;
pub use record::{Record, parse_instance_id};
pub use store::{CORRUPT_NAME, FILE_NAME, LoadResult, Store, StoreError};
