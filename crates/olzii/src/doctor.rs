//! `olzii doctor`: looks for what is wrong, says what to do, changes nothing.

use anyhow::bail;
use domain::{Ctx, calendar, case, evaluation, journal};

use crate::{Place, data};

pub fn run(place: &Place) -> anyhow::Result<()> {
    let city = data::open(place)?;
    let ctx = Ctx::system(city.clone());
    let mut findings = Vec::new();
    match city.db.check() {
        Ok(()) => println!("ok    the {} database takes writes", city.db.engine()),
        Err(error) => findings.push(format!("the database takes no writes: {error}")),
    }
    findings.extend(
        city.db
            .verify()?
            .into_iter()
            .map(|line| format!("damage in the database: {line}; bring back a backup")),
    );
    if let Some(year) = calendar::missing(&ctx)? {
        findings.push(format!(
            "the holidays of {year} are not known: deadlines there count Monday to Friday; enter them with \
             `olzii import calendar FILE --area CODE --year {year}`"
        ));
    }
    let audit = case::audit(&ctx)?;
    println!("ok    {} cases and {} photos were looked at", audit.cases, audit.photos);
    findings.extend(audit.faults);
    findings.extend(evaluation::audit(&ctx)?);
    let sealed = journal::audit(&city)?;
    println!(
        "ok    {} sealed entries of the journal were looked at, {} wait",
        sealed.entries, sealed.waiting
    );
    if let Some(remedy) = sealed.remedy() {
        println!("note  {remedy}");
    }
    findings.extend(sealed.findings);
    for finding in &findings {
        println!("FAULT {finding}");
    }
    match findings.len() {
        0 => Ok(()),
        count => bail!("{count} fault(s) found"),
    }
}
