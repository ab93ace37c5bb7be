//! `$filter`: what it keeps, what it refuses, and what holds for all of them.

use jiff::{
    civil::{date, time},
    tz::Offset,
};
use proptest::{collection::vec, prelude::*, string::string_regex};
use xform::{
    check::Submission,
    odata::{
        Expression, FILTER_BYTES_MAX, FILTER_DEPTH_MAX, FILTER_NODES_MAX, Filter, Function, Operator,
        QueryFault, Token,
    },
    table::{FormTables, RecordRows, System, Value},
};

use crate::{
    records::{Records, clock, pairs},
    support::form,
};

fn answers() -> Records {
    let form = form(
        "| survey |
         | | type | name | label | calculation |
         | | text | name | N | |
         | | integer | households | H | |
         | | decimal | area | A | |
         | | date | day | D | |
         | | time | hour | T | |
         | | dateTime | end | E | |
         | | select_multiple post | posts | P | |
         | | calculate | doubled | | ${households} * 2 |
         | | begin_repeat | grid | G | |
         | | integer | count | C | |
         | | end_repeat | | | |
         | choices |
         | | list_name | name | label |
         | | post | leader | L |
         | | post | assistant | A |",
    );
    let record =
        "<name>O'Brien's 白音村</name><households>120</households><area>12.5</area><day>2026-11-20</day>
        <hour>08:30:00.000+08:00</hour><end>2026-11-20T00:10:00.000+08:00</end><posts>leader assistant</posts>
        <doubled>240</doubled><grid><count>70</count></grid><grid><count>50</count></grid>
        <meta><instanceID>uuid:1</instanceID></meta>";
    let empty = "<meta><instanceID>uuid:2</instanceID></meta>";
    Records::new(form, &[record, empty])
}

/// Whether the filter keeps the record with answers, and the one without.
fn kept(records: &Records, filter: &str) -> (bool, bool) {
    let answer = records
        .get("Submissions", &format!("$filter={filter}"))
        .unwrap_or_else(|it| panic!("{filter}: {it}"));
    let has = |id: &str| answer["value"].as_array().unwrap().iter().any(|it| it["__id"] == id);
    (has("uuid:1"), has("uuid:2"))
}

#[test]
fn any_answer_may_be_asked_about() {
    let records = answers();
    for (filter, wanted) in [
        ("households eq 120", (true, false)),
        ("households ne 120", (false, true)),
        ("households gt 119.5 and area le 12.5", (true, false)),
        ("households lt 120 or name eq 'O''Brien''s 白音村'", (true, false)),
        ("name eq null", (false, true)),
        ("null ne households", (true, false)),
        // A comparison with null is false, and so its opposite is true.
        ("not households lt 200", (false, true)),
        ("not (households lt 200)", (false, true)),
        // It ends before `and`, and `and` binds before `or`.
        ("not name eq null and households eq 7", (false, false)),
        ("true or households eq 7 and households eq 8", (true, true)),
        ("households gt null", (false, false)),
        ("doubled gt 99", (true, false)),
        ("households eq '120'", (true, false)),
        ("name gt 5", (false, false)),
        ("name ne 5", (true, true)),
        ("day ge 2026-11-20", (true, false)),
        ("day eq '2026-11-20'", (true, false)),
        ("day gt 2026-11-20T00:00:00+08:00", (false, false)),
        ("hour lt 09:00:00", (true, false)),
        ("end eq 2026-11-19T16:10:00Z", (true, false)),
        ("end gt 2026-11-20", (true, false)),
        ("end lt now() and year(now()) eq 2026", (true, false)),
        // Parts are those of the offset in which the time was written.
        ("year(end) eq 2026 and month(end) eq 11 and day(end) eq 20 and hour(end) eq 0", (true, false)),
        ("minute(hour) eq 30 and second(hour) eq 0 and hour(day) eq null", (true, false)),
        ("date(end) eq day and day ne null", (true, false)),
        ("contains(posts,'assistant') and startswith(name, 'O''') and endswith(name,'村')", (true, false)),
        ("length(name) eq 13 and contains(tolower(name),'brien') and toupper(posts) ne posts", (true, false)),
        ("trim(' a ') eq 'a'", (true, true)),
        ("contains(name, null)", (false, false)),
        ("not contains(name, 'x')", (true, false)),
        ("__id eq 'uuid:2'", (false, true)),
        ("__system/submitterId eq 5", (true, false)),
        ("$root/Submissions/__system/submissionDate lt 2026-11-02T00:00:00Z", (true, false)),
        ("__system/submissionDate gt 2026-11-01T01:00:00.000Z", (false, true)),
        ("__system/edits eq 0 and meta/instanceID ne null", (true, true)),
        ("true", (true, true)),
        ("null", (false, false)),
        ("not (name eq null or null)", (false, false)),
        ("((((households eq 120))))", (true, false)),
    ] {
        assert_eq!(kept(&records, filter), wanted, "{filter}");
    }
}

#[test]
fn rows_of_a_repeat_are_asked_about_their_own_answers_and_their_records() {
    let records = answers();
    let count =
        |filter: &str| records.get("Submissions.grid", filter).unwrap()["value"].as_array().unwrap().len();
    assert_eq!(count("$filter=count gt 60"), 1);
    assert_eq!(count("$filter=$root/Submissions/households eq 120 and count lt 60"), 1);
    assert_eq!(count("$filter=__Submissions-id eq 'uuid:1'"), 2);
    let fault = records.get("Submissions.grid", "$filter=__system/reviewState eq 'rejected'").unwrap_err();
    assert_eq!(fault.code(), 501.5);
    assert_eq!(
        fault.to_string(),
        "The given OData filter expression references fields not supported by this server: __system/reviewState at 0"
    );
}

fn fault(filter: &str) -> QueryFault {
    answers().get("Submissions", &format!("$filter={filter}")).unwrap_err()
}

#[test]
fn what_cannot_be_asked_is_refused_with_its_place() {
    let at = |filter: &str| match fault(filter) {
        QueryFault::Syntax { at, .. } => (400.18, Some(at)),
        QueryFault::Expression { at, .. } => (501.4, Some(at)),
        QueryFault::Field { at, .. } => (501.5, at),
        other => (other.code(), None),
    };
    for (filter, wanted) in [
        ("hello my dear", (400.18, Some(6))),
        ("123 eq myfield", (501.5, Some(7))),
        ("households add 1 eq 2", (501.4, Some(11))),
        ("3 add 4", (501.4, Some(2))),
        ("substring(name, 1) eq 'a'", (501.4, Some(0))),
        ("grid/any(count eq 1)", (501.4, Some(0))),
        ("$it/name eq 'x'", (501.5, Some(0))),
        ("households", (400.18, Some(0))),
        ("name and true", (400.18, Some(0))),
        ("not now()", (400.18, Some(4))),
        ("households eq", (400.18, Some(13))),
        ("households eq 1 eq 2", (400.18, Some(16))),
        ("households eq 1x", (400.18, Some(14))),
        ("day eq 2026-13-01", (400.18, Some(7))),
        ("name eq 'x", (400.18, Some(8))),
        ("村名 eq 1", (501.5, Some(0))),
        ("(name eq 'x'", (400.18, Some(12))),
        ("name eq 'x')", (400.18, Some(11))),
        ("year(day, day) eq 1", (400.18, Some(0))),
        ("households = 1", (400.18, Some(11))),
    ] {
        assert_eq!(at(filter), wanted, "{filter}");
    }
}

#[test]
fn filters_are_bounded() {
    let code = |filter: &str| Expression::parse(filter).unwrap_err().code();
    let deep = |depth: usize| format!("{}true{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Expression::parse(&deep(FILTER_DEPTH_MAX)).is_ok());
    assert_eq!(code(&deep(FILTER_DEPTH_MAX + 1)), 400.18);
    assert_eq!(code(&deep(4000)), 400.18);
    assert_eq!(code(&format!("{}true", "not ".repeat(FILTER_DEPTH_MAX + 1))), 400.18);
    let long = |parts: usize| vec!["true"; parts].join(" or ");
    assert!(Expression::parse(&long(FILTER_NODES_MAX)).is_ok());
    assert_eq!(code(&long(FILTER_NODES_MAX + 1)), 400.18);
    assert_eq!(code(&format!("'{}' eq 'a'", "a".repeat(FILTER_BYTES_MAX))), 400.18);
}

#[test]
fn a_filter_does_not_read_a_long_answer_without_end() {
    let form = form("| survey |\n| | type | name | label |\n| | text | a | A |");
    let tables = FormTables::new(&form);
    let xml = format!(
        "<data id='test'><a>{}</a><meta><instanceID>u</instanceID></meta></data>",
        "x".repeat(9_000_000)
    );
    let sent = Submission::read(xml.as_bytes()).unwrap();
    let rows = RecordRows::new(&tables, &form, &sent, "u", 1, System::default()).unwrap();
    let row = rows.rows(0).next().unwrap();
    let keeps = |text: &str| Filter::parse(text, tables.table(0)).unwrap().keeps(&row, &clock());
    assert_eq!(keeps("contains(a,'y')"), Ok(false));
    let many = ["contains(tolower(toupper(a)),'y')"; 10].join(" or ");
    assert_eq!(keeps(&many).unwrap_err().code(), 501.4);
}

fn literal() -> impl Strategy<Value = Value<'static>> {
    let offset = (-720_i32..840).prop_map(|it| Offset::from_seconds(it * 60).unwrap());
    let day = (1900_i16..2100, 1_i8..13, 1_i8..29).prop_map(|(y, m, d)| date(y, m, d));
    let clock =
        (0_i8..24, 0_i8..60, 0_i8..60, 0_i32..1000).prop_map(|(h, m, s, f)| time(h, m, s, f * 1_000_000));
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Boolean),
        any::<i64>().prop_map(Value::Integer),
        any::<f64>().prop_filter("finite", |it| it.is_finite()).prop_map(Value::Decimal),
        string_regex("[ -~村'\n]{0,8}").unwrap().prop_map(|it| Value::Text(it.into())),
        day.clone().prop_map(Value::Date),
        clock.clone().prop_map(Value::Time),
        (day, clock, proptest::option::of(offset)).prop_map(|(d, t, o)| Value::DateTime(d.to_datetime(t), o)),
    ]
}

fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        string_regex("[a-zA-Z_村][a-z0-9_村]{0,5}(/[a-z_]{1,4}){0,2}").unwrap(),
        Just("name".to_owned()),
        Just("households".to_owned()),
        Just("end".to_owned()),
        Just("$root/Submissions/__system/submissionDate".to_owned()),
    ]
    .prop_filter("no word of the language", |it| !["not", "null", "true", "false"].contains(&it.as_str()))
}

fn expression() -> impl Strategy<Value = Expression> {
    let leaf = prop_oneof![
        literal().prop_map(Expression::Literal),
        path().prop_map(|it| Expression::Path(it, Default::default())),
    ];
    leaf.prop_recursive(4, 40, 3, |inner| {
        let sides = (inner.clone(), inner.clone());
        prop_oneof![
            inner.clone().prop_map(|it| Expression::Not(Box::new(it))),
            vec(inner.clone(), 2..4).prop_map(Expression::And),
            vec(inner.clone(), 2..4).prop_map(Expression::Or),
            (0..6_usize, sides)
                .prop_map(|(at, (a, b))| Expression::Compare(Operator::ALL[at], Box::new([a, b]))),
            (0..Function::ALL.len(), vec(inner, 2)).prop_map(|(at, mut arguments)| {
                let function = Function::ALL[at];
                arguments.truncate(function.arity());
                Expression::Call(function, arguments, Default::default())
            }),
        ]
    })
}

/// Pieces of filters, so that most sequences come near to being one.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("name"),
        Just("households"),
        Just("area"),
        Just("day"),
        Just("hour"),
        Just("end"),
        Just("posts"),
        Just(" eq "),
        Just(" lt "),
        Just(" ge "),
        Just(" ne "),
        Just(" and "),
        Just(" or "),
        Just("not "),
        Just("("),
        Just(")"),
        Just(","),
        Just("'"),
        Just("'村'"),
        Just("120"),
        Just("-1.5e3"),
        Just("2026-11-20"),
        Just("2026-11-20T00:10:00+08:00"),
        Just("08:30:00"),
        Just("null"),
        Just("true"),
        Just("year("),
        Just("contains("),
        Just("tolower("),
        Just("length("),
        Just("now()"),
        Just("date("),
        Just("$root/"),
    ];
    vec(piece, 0..12).prop_map(|it| it.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_printed_is_read_as_the_same(expression in expression()) {
        let printed = expression.to_string();
        prop_assert_eq!(Expression::parse(&printed), Ok(expression), "{}", printed);
    }

    #[test]
    fn no_filter_breaks_the_evaluation(text in pieces(), noise in "\\PC{0,30}") {
        let _ = Expression::parse(&noise);
        let _ = Token::decode(&noise, "instanceId");
        let records = answers();
        let table = records.tables.table(0);
        let Ok(filter) = Filter::parse(&text, table) else { return Ok(()) };
        // The opposite keeps what it does not, unless neither is known.
        let opposite = Filter::parse(&format!("not ({text})"), table).unwrap();
        for record in records.rows() {
            for row in record.rows(0) {
                let kept = filter.keeps(&row, &clock()).unwrap();
                prop_assert!(!(kept && opposite.keeps(&row, &clock()).unwrap()), "{}", text);
            }
        }
    }

    #[test]
    fn comparisons_are_those_of_numbers(a in -1000_i64..1000, b in -1000_i64..1000) {
        let records = answers();
        let keeps = |text: String| kept(&records, &text).0;
        prop_assert_eq!(keeps(format!("{a} lt {b}")), a < b);
        prop_assert_eq!(keeps(format!("{a} ge {b}.0")), a >= b);
        prop_assert_eq!(keeps(format!("(households gt {a}) eq true")) , 120 > a);
    }

    #[test]
    fn no_parameters_break_the_query(
        names in vec(0..8_usize, 0..4), values in vec("\\PC{0,12}", 4), number in any::<u64>(),
    ) {
        const NAMES: [&str; 8] =
            ["$top", "$skip", "$filter", "$orderby", "$select", "$skiptoken", "$search", "$format"];
        let number = number.to_string();
        let query = names.iter().enumerate().map(|(at, it)| {
            let value = if *it < 2 { &number } else { &values[at] };
            format!("{}={}", NAMES[*it], value.replace('&', ""))
        });
        let query = query.collect::<Vec<_>>().join("&");
        prop_assert!(pairs(&query).len() <= 4);
        let _ = answers().get("Submissions.grid", &query);
        let _ = answers().get(&values[0], "");
    }
}
