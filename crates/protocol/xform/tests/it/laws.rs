//! What holds for any input: no reader panics or runs on, and what is written is read as the same.

use std::io::{Cursor, Read, Write};

use proptest::{collection::vec, prelude::*, string::string_regex};
use xform::{
    check::{State, Submission},
    form::{Attachments, Form},
    sheet::{Sheet, SheetRow, Workbook, convert},
    xml::{Document, Name, NodeId},
    xpath::{Budget, Expression, Focus, Names, NodeRef, Scope},
};

use crate::support::{LIMITS, canonical, found, judge, read, spreadsheet, world};

fn name() -> impl Strategy<Value = String> {
    string_regex("[a-z_][a-z0-9_.-]{0,5}").unwrap()
}

/// Text as people write it, with what XML has to escape.
fn text() -> impl Strategy<Value = String> {
    string_regex("[ -~\u{4e00}-\u{4e20}é\t\n]{0,12}").unwrap()
}

#[derive(Clone, Debug)]
enum Tree {
    Text(String),
    Element(String, Vec<(String, String)>, Vec<Tree>),
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        text().prop_map(Tree::Text),
        (name(), vec((name(), text()), 0..3)).prop_map(|(name, attributes)| Tree::Element(
            name,
            attributes,
            vec![]
        )),
    ];
    leaf.prop_recursive(5, 60, 5, |inner| {
        (name(), vec((name(), text()), 0..3), vec(inner, 0..5))
            .prop_map(|(name, attributes, children)| Tree::Element(name, attributes, children))
    })
}

fn put(document: &mut Document, parent: NodeId, tree: &Tree) {
    match tree {
        Tree::Text(text) => {
            document.append_text_node(parent, text);
        }
        Tree::Element(name, attributes, children) => {
            let node = document.append_element(parent, Name::local(name));
            let mut seen = Vec::new();
            for (name, value) in attributes {
                if name != "xmlns" && !seen.contains(&name) {
                    seen.push(name);
                    document.append_attribute(node, Name::local(name), value);
                }
            }
            let mut after_text = false;
            for child in children {
                // Two texts beside each other are one once they are written.
                let is_text = matches!(child, Tree::Text(_));
                if !(is_text && after_text) {
                    put(document, node, child);
                }
                after_text = is_text;
            }
        }
    }
}

/// Pieces of expressions, so that most sequences come near to being one.
fn expression() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("/data/a"),
        Just("/data/grid"),
        Just(".."),
        Just("."),
        Just("//"),
        Just("/"),
        Just("["),
        Just("]"),
        Just("("),
        Just(")"),
        Just("+"),
        Just("-"),
        Just("*"),
        Just(" div "),
        Just(" mod "),
        Just(" and "),
        Just(" or "),
        Just("="),
        Just("<"),
        Just(","),
        Just("|"),
        Just("1"),
        Just("0.5"),
        Just("'2026-11-20'"),
        Just("'x'"),
        Just("count("),
        Just("sum("),
        Just("if("),
        Just("selected("),
        Just("concat("),
        Just("round("),
        Just("regex("),
        Just("substr("),
        Just("date("),
        Just("format-date("),
        Just("position("),
        Just("@id"),
        Just("randomize("),
        Just("indexed-repeat("),
        Just("area("),
        Just("number("),
        Just("not("),
        Just("$"),
    ];
    vec(piece, 0..14).prop_map(|it| it.concat())
}

fn evaluated(expression: &str) -> Option<String> {
    let document =
        Document::read(b"<data><a>3</a><grid><a>1</a></grid><grid><a>2</a></grid></data>", &LIMITS).unwrap();
    let (world, budget) = (world(), Budget::new(20_000));
    let documents = [&document];
    let scope = Scope::new(&documents, &world, &budget, None, &Names::AsWritten);
    let focus = Focus::at(NodeRef { document: 0, node: document.root().unwrap() });
    let value = scope.evaluate(&Expression::parse(expression).ok()?, &focus).ok()?;
    scope.text(&value).ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_document_that_is_written_is_read_as_the_same(
        root in name(), attributes in vec((name(), text()), 0..3), children in vec(tree(), 0..5),
    ) {
        let mut document = Document::new();
        put(&mut document, NodeId::DOCUMENT, &Tree::Element(root, attributes, children));
        let written = document.to_xml();
        let again = Document::read(written.as_bytes(), &LIMITS).unwrap();
        prop_assert_eq!(again.to_canonical_xml(), document.to_canonical_xml());
        prop_assert_eq!(again.to_xml(), written);
    }

    #[test]
    fn no_bytes_break_the_readers(bytes in vec(any::<u8>(), 0..200), at in 0_usize..4000, cut in any::<bool>()) {
        let _ = Document::read(&bytes, &LIMITS);
        let _ = Submission::read(&bytes);
        let _ = Workbook::read(&bytes);
        let mut form = read("village_annual.xml").into_bytes();
        let at = at.min(form.len());
        if cut {
            form.truncate(at);
        } else {
            form.splice(at..at, bytes);
        }
        let _ = Form::read(&form);
    }

    /// The parts of a spreadsheet with some bytes changed, packed again.
    #[test]
    fn no_spreadsheet_breaks_its_reader(changes in vec((any::<u16>(), 0_usize..6000, any::<u8>()), 1..6)) {
        let packed = spreadsheet(&read("village_annual.md"));
        let mut archive = zip::ZipArchive::new(Cursor::new(packed)).unwrap();
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let count = archive.len();
        for index in 0..count {
            let mut file = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            for (of, at, byte) in &changes {
                if usize::from(*of) % count == index && !bytes.is_empty() {
                    let at = at % bytes.len();
                    bytes[at] = *byte;
                }
            }
            writer.start_file(file.name(), zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(&bytes).unwrap();
        }
        if let Ok(workbook) = Workbook::read(&writer.finish().unwrap().into_inner()) {
            let _ = convert(&workbook, "f");
        }
    }

    #[test]
    fn no_sequence_of_tokens_breaks_the_evaluator(expression in expression()) {
        let first = evaluated(&expression);
        prop_assert_eq!(first, evaluated(&expression), "the same twice");
    }

    #[test]
    fn no_text_breaks_the_parser(text in "\\PC{0,40}") {
        let _ = Expression::parse(&text);
    }

    #[test]
    fn sums_and_comparisons_are_those_of_numbers(a in -1000_i32..1000, b in -1000_i32..1000, c in 1_i32..50) {
        let text = |it: String| evaluated(&it).unwrap();
        prop_assert_eq!(text(format!("{a} + {b} * {c}")), (a + b * c).to_string());
        prop_assert_eq!(text(format!("({a} + {b}) * {c}")), ((a + b) * c).to_string());
        prop_assert_eq!(text(format!("{a} mod {c}")), (a % c).to_string());
        prop_assert_eq!(text(format!("{a} < {b}")), (a < b).to_string());
        prop_assert_eq!(text(format!("not({a} < {b}) = ({a} >= {b})")), "true");
        prop_assert_eq!(text(format!("substr('{a}', 0, 2) = substr('{a}', 0, 1) and string-length('{a}') > 1")),
            (a.to_string().len() > 1 && a.to_string()[..2] == a.to_string()[..1]).to_string());
    }

    #[test]
    fn a_shuffle_loses_nothing(seed in -10_000_i64..10_000) {
        let joined = evaluated(&format!("join('', randomize(//a, {seed}))")).unwrap();
        let mut letters: Vec<char> = joined.chars().collect();
        letters.sort_unstable();
        prop_assert_eq!(letters, ['1', '2', '3']);
    }

    /// The sheet's own survey of what is asked: an integer within ends, required.
    #[test]
    fn a_record_is_valid_exactly_when_its_answer_is(low in -50_i32..50, width in 0_i32..50, answer in -120_i32..120) {
        let high = low + width;
        let form = crate::support::form(&format!(
            "| survey |
             | | type | name | label | required | constraint |
             | | integer | n | N | yes | . >= {low} and . <= {high} |"
        ));
        let judgement = judge(&form, &format!("<n>{answer}</n>"));
        let wanted = if (low..=high).contains(&answer) { State::Valid } else { State::Invalid };
        prop_assert_eq!(judgement.state(), wanted, "{:?}", found(&judgement));
    }

    #[test]
    fn no_sheet_breaks_the_converter(cells in vec(vec(cell(), 4..8), 1..8)) {
        let mut rows = vec![SheetRow {
            number: 1,
            cells: ["type", "name", "label", "relevant", "calculation", "parameters", "choice_filter"].map(String::from).into(),
        }];
        rows.extend(cells.into_iter().enumerate().map(|(index, cells)| SheetRow { number: index as u32 + 2, cells }));
        let choices = Sheet {
            name: "choices".to_owned(),
            rows: vec![
                SheetRow { number: 1, cells: ["list_name", "name", "label"].map(String::from).into() },
                SheetRow { number: 2, cells: ["yn", "y", "Yes"].map(String::from).into() },
            ],
        };
        let workbook = Workbook { sheets: vec![Sheet { name: "survey".to_owned(), rows }, choices] };
        match convert(&workbook, "f") {
            Ok(converted) => {
                let again = Form::read(converted.xml.as_bytes()).unwrap();
                prop_assert_eq!(canonical(&again.to_xml()), canonical(&converted.xml));
            }
            Err(faults) => prop_assert!(faults.iter().all(|it| !it.reason.is_empty() && !it.help.is_empty())),
        }
    }
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(""),
        Just("text"),
        Just("integer"),
        Just("note"),
        Just("calculate"),
        Just("select_one yn"),
        Just("select_one yn or_other"),
        Just("select_one ${a}"),
        Just("begin repeat"),
        Just("end repeat"),
        Just("begin group"),
        Just("end group"),
        Just("begin loop over yn"),
        Just("end loop"),
        Just("range"),
        Just("a"),
        Just("b"),
        Just("${a}"),
        Just("${b} + 1"),
        Just("start=1 end=9"),
        Just("randomize=true"),
        Just("Words"),
        Just("%(label)s"),
        Just("instance('yn')/root/item[name = ${a}]/label"),
        Just("="),
        Just("audit"),
        Just("1a"),
        Just("pulldata('x', 'y', 'z', ${a})"),
        Just("${last-saved#a}"),
        Just("indexed-repeat(${a}, ${b}, 1)"),
    ]
    .prop_map(str::to_owned)
}

#[test]
fn an_empty_form_has_an_empty_record() {
    let form = Form::read(read("village_annual.xml").as_bytes()).unwrap();
    let sent = b"<data id='village_annual'><meta><instanceID>u</instanceID></meta></data>";
    let submission = Submission::read(sent).unwrap();
    let answers = submission.answers(&form).unwrap();
    assert!(answers.iter().all(|it| it.came == (it.path == "/data/meta/instanceID")));
    assert!(submission.files(&form).unwrap().is_empty());
    assert_eq!(submission.judge(&form, &Attachments::new(), &world()).unwrap().state(), State::Invalid);
}
