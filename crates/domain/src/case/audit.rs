use kernel::{Case as CaseName, Id, Timestamp};

use super::store as rows;
use crate::{Ctx, Refusal};

/// Cases looked at in one transaction.
const BATCH: i64 = 500;

/// What a look over all cases found.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    pub cases: u64,
    pub photos: u64,
    pub faults: Vec<String>,
}

/// Holds every case against its timeline, its procedure and its photos' files. Slow: it reads them all.
pub fn audit(ctx: &Ctx) -> Result<Audit, Refusal> {
    let mut audit = Audit::default();
    let mut after: Option<(Timestamp, Id<CaseName>)> = None;
    loop {
        let batch = ctx.read(|tx| {
            let cases = rows::all(tx, after, BATCH)?;
            let mut found = Vec::new();
            for case in cases {
                let events = rows::events(tx, case.county, case.id)?;
                let photos = rows::photos(tx, &case)?;
                found.push((case, events, photos));
            }
            Ok(found)
        })?;
        let Some((last, ..)) = batch.last() else { return Ok(audit) };
        after = Some((last.updated_at, last.id));
        for (case, events, photos) in &batch {
            audit.cases += 1;
            let mut fault =
                |what: &str| audit.faults.push(format!("case {} ({}): {what}", case.number, case.id));
            let last = events.last();
            if last.map(|event| event.revision) != Some(case.revision) || events.len() as i64 != case.revision
            {
                fault("its timeline does not end at its revision, or has a gap");
            }
            if last.is_some_and(|event| event.to != case.stage) {
                fault("its stage is not the one that its timeline ends in");
            }
            match ctx.city.procedures.get(&case.procedure) {
                None => fault("its procedure is not loaded"),
                Some(procedure) if procedure.stage(&case.stage).is_none() => {
                    fault("its procedure has no such stage")
                }
                Some(_) => {}
            }
            for photo in photos {
                audit.photos += 1;
                if ctx.city.photos.load(photo.id).is_err() {
                    fault(&format!(
                        "the file of photo {} cannot be read; bring it back from a backup",
                        photo.id
                    ));
                }
            }
        }
    }
}
