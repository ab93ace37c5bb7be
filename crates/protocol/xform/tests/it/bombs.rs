//! What is made to exhaust whoever reads it.

use std::io::{Cursor, Write};

use xform::{
    check::{Refusal, State, Submission},
    form::{Attachments, Form},
    sheet::{Workbook, WorkbookFault},
    xml::{Document, XmlReason},
};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::support::{LIMITS, form, judge, world};

fn refused(xml: &str) -> XmlReason {
    Document::read(xml.as_bytes(), &LIMITS).unwrap_err().reason
}

#[test]
fn xml_has_limits_on_everything() {
    assert_eq!(refused("<!DOCTYPE a><a/>"), XmlReason::DocumentType);
    assert_eq!(refused("<a>&b;</a>"), XmlReason::Entity("b".to_owned()));
    assert_eq!(refused(&"<a>".repeat(200)), XmlReason::Depth(LIMITS.depth));
    assert_eq!(refused(&format!("<a>{}", "<b/>".repeat(1_000_001))), XmlReason::Nodes(LIMITS.nodes));
    assert_eq!(refused(&"x".repeat(10_000_001)), XmlReason::Bytes(LIMITS.bytes));
    let many: String = (0..300).map(|it| format!(" a{it}=''")).collect();
    assert_eq!(refused(&format!("<a{many}/>")), XmlReason::Attributes);
    let namespaces: String = (0..100).map(|it| format!(" xmlns:a{it}='u'")).collect();
    assert_eq!(refused(&format!("<a{namespaces}/>")), XmlReason::Namespaces);
}

#[test]
fn what_is_not_well_formed_is_no_document() {
    for xml in [
        "",
        "   ",
        "a",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a/>x",
        "<a b='1' b='2'/>",
        "<a b=1/>",
        "<a b/>",
        "<1/>",
        "<a:b/>",
        "<a x:b=''/>",
        "<a b='<'/>",
        "<a>&#0;</a>",
        "<a>&#x110000;</a>",
        "<a>&amp</a>",
        "<a>\u{1}</a>",
        "<a><!-- -- --></a>",
        "<a",
        "</a>",
        "<a:b:c xmlns:a='u'/>",
    ] {
        assert!(Document::read(xml.as_bytes(), &LIMITS).is_err(), "{xml}");
    }
    assert_eq!(refused("<?xml version='1.0' encoding='GB18030'?><a/>"), XmlReason::Encoding);
    let utf16: Vec<u8> = "<a/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(Document::read(&utf16, &LIMITS).is_err());
    assert!(Document::read(b"<a>\xff</a>", &LIMITS).is_err());
    let fault = Document::read(b"<a>\n  <b></c>\n</a>", &LIMITS).unwrap_err();
    assert_eq!((fault.line, fault.column), (2, 6));
}

#[test]
fn few_bytes_do_not_become_many_nodes() {
    let columns: String = (0..300).map(|it| format!("| | text | q{it} | Q |\n")).collect();
    let form = form(&format!(
        "| survey |\n| | type | name | label |\n| | begin repeat | r | R |\n{columns}| | end repeat | | |\n"
    ));
    let sent =
        format!("<data id='test'>{}<meta><instanceID>u</instanceID></meta></data>", "<r/>".repeat(100_000));
    let outcome = Submission::read(sent.as_bytes()).unwrap().judge(&form, &Attachments::new(), &world());
    assert!(matches!(outcome, Err(Refusal::Nodes(_))));
}

#[test]
fn rules_without_an_end_leave_a_record_unchecked() {
    let form = form(
        "| survey |
         | | type | name | label | constraint |
         | | begin repeat | r | R | |
         | | integer | v | V | count(/data/r[v < /data/r/v]) >= 0 and count(/data/r[count(/data/r[v = 1]) > 0]) > 0 |
         | | end repeat | | | |",
    );
    let sent: String = (0..3000).map(|it| format!("<r><v>{it}</v></r>")).collect();
    let judgement = judge(&form, &sent);
    assert_eq!(judgement.state(), State::Unchecked);
    assert!(judgement.findings[0].expected.contains("more than"), "{}", judgement.findings[0]);
}

#[test]
fn a_deep_form_is_refused_or_read_but_never_too_deep() {
    let nested = |depth: usize| {
        let open: String = (0..depth).map(|it| format!("<g{it}>")).collect();
        let close: String = (0..depth).rev().map(|it| format!("</g{it}>")).collect();
        format!(
            "<h:html xmlns='http://www.w3.org/2002/xforms' xmlns:h='http://www.w3.org/1999/xhtml'><h:head><model>\
             <instance><data id='d'>{open}{close}</data></instance></model></h:head><h:body>{}{}</h:body></h:html>",
            "<group>".repeat(depth.min(90)),
            "</group>".repeat(depth.min(90))
        )
    };
    assert!(Form::read(nested(90).as_bytes()).is_ok());
    assert!(Form::read(nested(5000).as_bytes()).is_err());
}

/// Writes the content of a packed file.
type Content<'a> = &'a dyn Fn(&mut dyn Write);

fn packed(files: &[(&str, Content<'_>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        content(&mut writer);
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn a_spreadsheet_that_unpacks_into_too_much_is_refused() {
    let zeros = |out: &mut dyn Write| {
        let block = vec![0; 1_048_576];
        (0..220).for_each(|_| out.write_all(&block).unwrap());
    };
    let bomb = packed(&[("xl/workbook.xml", &zeros)]);
    assert!(bomb.len() < 2_000_000);
    assert_eq!(Workbook::read(&bomb), Err(WorkbookFault::Unpacked));
    assert_eq!(Workbook::read(b"PK"), Err(WorkbookFault::Kind));
    assert_eq!(Workbook::read(&[0xD0, 0xCF, 0x11, 0xE0, 0]), Err(WorkbookFault::Kind), "an old .xls");
    assert!(matches!(Workbook::read(&packed(&[("a", &|_| {})])), Err(WorkbookFault::Damaged(_))));
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(1_048_575, 16_383, "far away").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    assert!(matches!(Workbook::read(&bytes), Err(WorkbookFault::Size { .. })));
}
