//! A form, and behind a zero byte a record of it: read, and judged by its rules.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xform::{
    check::Submission,
    form::{Attachments, Form},
    xpath::World,
};

fuzz_target!(|bytes: &[u8]| {
    let (form, record) = match bytes.iter().position(|it| *it == 0) {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (bytes, &b""[..]),
    };
    let record = Submission::read(record);
    let Ok(form) = Form::read(form) else { return };
    let again = Form::read(form.to_xml().as_bytes()).expect("what was written is read");
    assert_eq!(again.to_xml(), form.to_xml());
    let world = World::in_china(0).expect("a moment");
    let _ = record.and_then(|it| it.judge(&form, &Attachments::new(), &world));
});
