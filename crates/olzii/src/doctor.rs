//! `olzii doctor`: looks for what is wrong, says what to do, changes nothing.

use anyhow::bail;
use domain::{Ctx, case};

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
    let year = ctx.now.civil().year();
    for ahead in [0, 30] {
        let at = ctx.now.plus_seconds(ahead * 86_400);
        if !city.calendar.is_known(at) {
            let file = place.data.join("calendar.toml");
            findings.push(format!(
                "the holidays of {} are not known ({year} is now): deadlines there count Monday to Friday; add the year to {}",
                at.civil().year(),
                file.display()
            ));
        }
    }
    findings.dedup();
    let audit = case::audit(&ctx)?;
    println!("ok    {} cases and {} photos were looked at", audit.cases, audit.photos);
    findings.extend(audit.faults);
    for finding in &findings {
        println!("FAULT {finding}");
    }
    match findings.len() {
        0 => Ok(()),
        count => bail!("{count} fault(s) found"),
    }
}
