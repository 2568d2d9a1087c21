//! How the file is changed: read, changed, replaced. Other programs write to it too, so each change starts
//! from what is in the file at that time.

use super::{LoadResult, Record, Store, StoreError};
use crate::consent::RuntimeChoice;

impl Store {
    /// The record in the file. It is empty if there is no file, or if the file is quarantined now: then
    /// `on_quarantine` gets the reason. A file that has an opt-out and is too long to be read whole is
    /// quarantined by an opt-in only.
    pub(crate) fn load_record(
        &self,
        opting_in: bool,
        on_quarantine: impl FnOnce(&'static str),
    ) -> Result<Record, StoreError> {
        self.record_of(self.load()?, opting_in, on_quarantine)
    }

    /// Whether the file says off; `None` if it cannot be read.
    pub(crate) fn is_opted_out(&self) -> Option<bool> {
        match self.load().ok()? {
            LoadResult::Record(record) => Some(record.is_opted_out()),
            LoadResult::LongOptOut => Some(true),
            LoadResult::Missing | LoadResult::Corrupt(_) => Some(false),
        }
    }

    /// Stores what the server parameter says at run time.
    pub(crate) fn store_choice(
        &self,
        choice: RuntimeChoice,
        on_quarantine: impl FnOnce(&'static str),
    ) -> Result<(), StoreError> {
        let mut record = self.load_record(choice.is_on(), on_quarantine)?;
        if record.is_opted_out() != choice.is_on() {
            // The file says so already, but that may not be durable.
            return self.sync_as_it_is();
        }
        record.set_opted_out(!choice.is_on());
        if record.is_empty() { self.remove() } else { self.save(&record) }
    }

    /// Changes the record of the instance in `known`. If the file is gone, or quarantined now, `known` is stored
    /// again. The file of another instance is left alone.
    pub(crate) fn update_record(
        &self,
        known: &Record,
        change: impl FnOnce(&mut Record),
        on_quarantine: impl FnOnce(&'static str),
    ) -> Result<(), StoreError> {
        let stored = match self.load()? {
            LoadResult::LongOptOut => return Err(self.too_long()),
            found => self.record_of(found, false, on_quarantine)?,
        };
        let mut record = if stored.is_empty() { known.clone() } else { stored };
        if record.instance_id() != known.instance_id() {
            return Ok(());
        }
        change(&mut record);
        self.save(&record)
    }

    fn record_of(
        &self,
        found: LoadResult,
        opting_in: bool,
        on_quarantine: impl FnOnce(&'static str),
    ) -> Result<Record, StoreError> {
        let reason = match found {
            LoadResult::Record(record) => return Ok(record),
            LoadResult::Missing => return Ok(Record::default()),
            LoadResult::LongOptOut if !opting_in => return Ok(Record::opt_out()),
            LoadResult::LongOptOut => "is too long",
            LoadResult::Corrupt(reason) => reason,
        };
        self.quarantine()?;
        on_quarantine(reason);
        Ok(Record::default())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CORRUPT_NAME, FILE_NAME};
    use super::*;

    #[test]
    fn a_long_file_with_an_opt_out_is_quarantined_by_an_opt_in_alone() {
        let dbpath = tempfile::tempdir().unwrap();
        std::fs::write(dbpath.path().join(FILE_NAME), "optOut:1\n".repeat(200_000)).unwrap();
        let store = Store::open(dbpath.path()).unwrap();
        let mut reason = None;
        let record = store.load_record(false, |why| reason = Some(why)).unwrap();
        assert!(record.is_opted_out() && reason.is_none());
        let record = store.load_record(true, |why| reason = Some(why)).unwrap();
        assert_eq!((record, reason), (Record::default(), Some("is too long")));
        assert!(dbpath.path().join(CORRUPT_NAME).exists());
    }
}
