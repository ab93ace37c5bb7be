//! XML and JSON of the same value carry the same facts, whatever people write in it.

use open311::*;
use proptest::{collection::vec, option, prelude::*};
use roxmltree::Node;
use serde_json::Value;

/// The JSON that the Spark convention makes of an element; types are taken from the JSON itself.
fn spark(element: Node<'_, '_>, like: &Value) -> Value {
    let children: Vec<_> = element.children().filter(Node::is_element).collect();
    match like {
        Value::Array(items) => {
            assert_eq!(children.len(), items.len(), "items of {}", element.tag_name().name());
            Value::Array(children.iter().zip(items).map(|(it, like)| spark(*it, like)).collect())
        }
        Value::Object(fields) => {
            assert_eq!(children.len(), fields.len(), "fields of {}", element.tag_name().name());
            let pair = |it: &Node<'_, '_>| {
                let name = it.tag_name().name();
                (name.to_owned(), spark(*it, fields.get(name).unwrap_or(&Value::Null)))
            };
            Value::Object(children.iter().map(pair).collect())
        }
        like => {
            let text: String = element.children().filter_map(|it| it.text()).collect();
            match like {
                Value::Null if text.is_empty() => Value::Null,
                Value::Bool(_) => Value::Bool(text == "true"),
                Value::Number(_) => serde_json::from_str::<f64>(&text).map(Value::from).unwrap_or_default(),
                _ => Value::String(text),
            }
        }
    }
}

/// Numbers as they compare.
fn plain(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::from(number.as_f64()),
        Value::Array(items) => Value::Array(items.into_iter().map(plain).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(key, it)| (key, plain(it))).collect())
        }
        value => value,
    }
}

fn same_facts(document: &Document) {
    let json: Value = serde_json::from_str(&document.json()).unwrap();
    let xml = document.xml();
    let tree = roxmltree::Document::parse(&xml).unwrap_or_else(|error| panic!("{error}: {xml:?}"));
    assert_eq!(spark(tree.root_element(), &json), plain(json), "{xml}");
}

/// Any text, what XML cannot say included.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a-z<>&\"' \u{0}\u{b}\u{fffe}\n\r\t]{0,12}", Just("]]>".to_owned())]
}

fn moment() -> impl Strategy<Value = Moment> {
    (0..4_000_000_000_000_000_i64, -720..=720_i32)
        .prop_map(|(micros, offset_minutes)| Moment { micros, offset_minutes })
}

fn extension() -> impl Strategy<Value = Extension> {
    let attribute = (text(), text(), text(), text()).prop_map(|(label, name, value, code)| HeldAttribute {
        label,
        name,
        value,
        code,
    });
    let note = (moment(), text(), text()).prop_map(|(at, description, kind)| Note { at, description, kind });
    (vec(attribute, 0..3), vec(note, 0..3), text(), text(), option::of(text())).prop_map(
        |(attributes, notes, number, channel, parent_service_request_id)| Extension {
            attributes,
            standing: if parent_service_request_id.is_some() { Standing::Duplicate } else { Standing::Fixed },
            number,
            channel,
            parent_service_request_id,
            notes,
        },
    )
}

fn request() -> impl Strategy<Value = Request> {
    let words = (text(), text(), text(), text(), text());
    let optional = (option::of(text()), option::of(text()), option::of(text()), option::of(text()));
    let moments = (moment(), moment(), option::of(moment()));
    let position = option::of((-90.0..90.0_f64, -180.0..180.0_f64));
    (words, optional, moments, position, option::of(extension()), any::<bool>()).prop_map(
        |(words, optional, moments, position, extension, is_open)| Request {
            service_request_id: words.0,
            status: if is_open { Status::Open } else { Status::Closed },
            status_notes: words.1,
            service_name: words.2,
            service_code: words.3,
            description: optional.0,
            agency_responsible: optional.1,
            service_notice: optional.2,
            requested: moments.0,
            updated: moments.1,
            expected: moments.2,
            address: words.4,
            address_id: String::new(),
            zipcode: String::new(),
            position,
            media_url: optional.3,
            extension,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn requests_say_the_same_in_both_formats(list in vec(request(), 0..4)) {
        same_facts(&requests(&list));
        for it in &list {
            // One line, whatever is in it.
            prop_assert_eq!(feature_line(it).matches('\n').count(), 1);
        }
    }

    #[test]
    fn services_errors_and_updates_say_the_same_in_both_formats(words in vec((text(), text(), moment()), 0..4)) {
        let service = |(one, other, _): &(String, String, Moment)| Service {
            code: one.clone(),
            name: other.clone(),
            description: one.clone(),
            metadata: true,
            kind: ServiceType::Realtime,
            keywords: vec![one.clone(), other.clone()],
            group: other.clone(),
        };
        same_facts(&services(&words.iter().map(service).collect::<Vec<_>>()));
        let error = |(one, other, _): &(String, String, Moment)| Error { code: one.clone(), description: other.clone() };
        same_facts(&errors(&words.iter().map(error).collect::<Vec<_>>()));
        let update = |(one, other, updated): &(String, String, Moment)| Update {
            update_id: one.clone(),
            service_request_id: other.clone(),
            standing: Standing::InProgress,
            updated: *updated,
            description: one.clone(),
        };
        same_facts(&updates(&words.iter().map(update).collect::<Vec<_>>()));
    }

    #[test]
    fn a_moment_reads_back_as_it_was_written(moment in moment()) {
        let written = moment.to_string();
        prop_assert_eq!(written.parse::<Moment>().unwrap().to_string(), written);
    }

    #[test]
    fn nothing_that_is_sent_makes_a_reader_panic(bytes in vec(any::<u8>(), 0..200), text in "[a-z_&=%0-9,.+:TZ\\[\\]-]{0,200}") {
        for sent in [&bytes[..], text.as_bytes()] {
            if let Ok(form) = Form::urlencoded(sent) {
                let _ = (Filing::read(&form), RequestQuery::read(&form, 0), UpdateQuery::read(&form, 0));
            }
        }
    }
}
