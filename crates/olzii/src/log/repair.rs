//! `olzii repair-log`: the files of the log are made anew of the journal's rows, where they are damaged.

use domain::journal::{self, Repair};

use super::succession;
use crate::{Place, data};

pub fn run(place: &Place) -> anyhow::Result<()> {
    let Repair { entries, files } = repair(place)?;
    for file in &files {
        println!("made anew: {file}");
    }
    match files.len() {
        0 => eprintln!(
            "Nothing is damaged: the {entries} entries of the log make what is there, and what was signed."
        ),
        count => eprintln!(
            "{count} file(s) were made anew of the journal's rows; the {entries} entries lead to what was signed. Somebody or \
             something changed them in the database: look who can write there, and at the disk."
        ),
    }
    Ok(())
}

pub fn repair(place: &Place) -> anyhow::Result<Repair> {
    let former = succession::former(&place.data)?;
    Ok(journal::repair(&data::open(place)?, &former)?)
}
