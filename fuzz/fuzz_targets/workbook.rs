//! A spreadsheet that is to become a form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xform::sheet::{Workbook, convert};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(workbook) = Workbook::read(bytes) {
        let _ = convert(&workbook, "form");
    }
});
