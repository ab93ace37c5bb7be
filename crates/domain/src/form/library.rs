//! Versions of forms, read once for all their records.

use std::{collections::HashMap, sync::Arc};

use kernel::{FormVersion as VersionName, Id};
use parking_lot::Mutex;
use store::Tx;
use xform::form::{Attachments, Form};

use super::{model::FormVersion, store as rows};
use crate::Refusal;

/// Versions that are remembered: those that a city asks at a time. Beyond that all is read anew.
const REMEMBERED_MAX: usize = 32;

/// What is remembered of the versions that were used last. A version never changes, but may still get files.
#[derive(Default)]
pub struct Library(Mutex<HashMap<Id<VersionName>, Arc<Prepared>>>);

/// A version ready to judge by.
pub struct Prepared {
    pub form: Form,
    pub attachments: Attachments,
    /// Files that it had when it was read.
    files: i64,
}

impl Library {
    pub(super) fn get(&self, tx: &mut Tx<'_>, version: &FormVersion) -> Result<Arc<Prepared>, Refusal> {
        let known = self.0.lock().get(&version.id).cloned();
        if let Some(known) = known.filter(|it| it.files == version.files) {
            return Ok(known);
        }
        let prepared = Arc::new(read(tx, version)?);
        let mut versions = self.0.lock();
        if versions.len() >= REMEMBERED_MAX {
            versions.clear();
        }
        versions.insert(version.id, prepared.clone());
        Ok(prepared)
    }
}

fn read(tx: &mut Tx<'_>, version: &FormVersion) -> Result<Prepared, Refusal> {
    let broken = |reason: String| Refusal::Broken(format!("version {} of a form: {reason}", version.id));
    let (xml, _) = rows::text(tx, version.id)?.ok_or_else(|| broken("it has no text".into()))?;
    let form = Form::read(&xml).map_err(|fault| broken(fault.to_string()))?;
    let mut attachments = Attachments::new();
    for file in rows::files(tx, version.id)? {
        let bytes = rows::file(tx, version.id, &file.name)?.unwrap_or_default();
        // It was read when it was published.
        attachments.add(&form, &file.name, &bytes).map_err(|fault| broken(fault.to_string()))?;
    }
    Ok(Prepared { form, attachments, files: version.files })
}
