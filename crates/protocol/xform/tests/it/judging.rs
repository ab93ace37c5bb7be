//! Submissions judged by their form.

use xform::check::State;

use crate::support::{form, found, judge, pairs};

#[test]
fn each_type_has_values_that_are_none() {
    let form = form(
        "| survey |
         | | type | name | label |
         | | integer | whole | A |
         | | decimal | part | B |
         | | date | day | C |
         | | time | clock | D |
         | | dateTime | moment | E |
         | | geopoint | place | F |
         | | geotrace | line | G |
         | | geoshape | shape | H |
         | | photo | picture | I |
         | | text | words | J |",
    );
    let good = "<whole>-3</whole><part>2.50</part><day>2028-02-29</day><clock>08:30:00.000+08:00</clock>\
        <moment>2026-11-20T08:30:00.000+08:00</moment><place>40.1 113.2 0 5</place><line>40 113;41 113</line>\
        <shape>40 113;41 113;41 114;40 113</shape><picture>a.jpg</picture><words>x</words>";
    assert_eq!(judge(&form, good).state(), State::Valid, "{:?}", judge(&form, good));
    let bad = "<whole>3.5</whole><part>two</part><day>2026-02-29</day><clock>25:00:00</clock>\
        <moment>2026-11-20</moment><place>91 0</place><line>40 113</line><shape>40 113;41 113;41 114</shape>\
        <picture>../a.jpg</picture><words>x</words>";
    let judgement = judge(&form, bad);
    assert_eq!(judgement.findings.len(), 9);
    assert!(judgement.findings.iter().all(|it| it.rule.as_str() == "type" && !it.expected.is_empty()));
}

#[test]
fn choices_are_those_that_their_filter_leaves() {
    let form = form(
        "| survey |
         | | type | name | label | choice_filter |
         | | select_one league | league | League | |
         | | select_multiple banner | banners | Banners | league = ${league} |
         | | rank banner | order | Order | |
         | choices |
         | | list_name | name | label | league |
         | | league | north | North | |
         | | league | south | South | |
         | | banner | n1 | N1 | north |
         | | banner | n2 | N2 | north |
         | | banner | s1 | S1 | south |",
    );
    let of = |league: &str, banners: &str| {
        found(&judge(&form, &format!("<league>{league}</league><banners>{banners}</banners>")))
    };
    assert_eq!(of("north", "n1 n2"), []);
    assert_eq!(of("north", "n1 s1"), pairs(&[("/data/banners", "choice")]));
    assert_eq!(of("east", ""), pairs(&[("/data/league", "choice")]));
    assert_eq!(of("north", "n1 n1"), pairs(&[("/data/banners", "choice")]));
}

#[test]
fn what_is_not_asked_is_not_answered_and_does_not_count() {
    let form = form(
        "| survey |
         | | type | name | label | relevant | required | constraint | calculation |
         | | select_one yn | has | Has it | | yes | | |
         | | begin group | more | More | ${has} = 'y' | | | |
         | | integer | number | How many | | yes | . > 0 | |
         | | end group | | | | | | |
         | | calculate | twice | | | | | ${number} * 2 |
         | choices |
         | | list_name | name | label |
         | | yn | y | Yes |
         | | yn | n | No |",
    );
    assert_eq!(found(&judge(&form, "<has>n</has><twice>NaN</twice>")), []);
    assert_eq!(found(&judge(&form, "<has>n</has><more><number/></more><twice>NaN</twice>")), []);
    let answered = "<has>n</has><more><number>-4</number></more><twice>-8</twice>";
    assert_eq!(
        found(&judge(&form, answered)),
        pairs(&[("/data/more/number", "relevant"), ("/data/twice", "calculate")]),
        "its own rules are not asked, and nobody sees its value"
    );
    assert_eq!(
        found(&judge(&form, "<has>y</has><twice>NaN</twice>")),
        pairs(&[("/data/more/number", "required")])
    );
}

#[test]
fn a_wrong_sum_is_named_once_and_what_follows_is_right_again() {
    let form = form(
        "| survey |
         | | type | name | label | calculation |
         | | integer | a | A | |
         | | calculate | b | | ${a} + 1 |
         | | calculate | c | | ${b} * 10 |",
    );
    assert_eq!(found(&judge(&form, "<a>1</a><b>2</b><c>20</c>")), []);
    assert_eq!(found(&judge(&form, "<a>1</a><b>9</b><c>20</c>")), pairs(&[("/data/b", "calculate")]));
    assert_eq!(found(&judge(&form, "<a>1</a><b>2.0</b><c>20.00000000001</c>")), [], "numbers, not digits");
    let absent = judge(&form, "<a>1</a><c>20</c>");
    assert_eq!(found(&absent), pairs(&[("/data/b", "calculate")]));
    assert!(absent.findings[0].expected.starts_with("2 = "), "{}", absent.findings[0].expected);
}

#[test]
fn chance_and_the_clock_are_not_calculated_again() {
    let form = form(
        "| survey |
         | | type | name | label | calculation | constraint |
         | | end | end | | | |
         | | calculate | lot | | once(random()) | |
         | | calculate | stamp | | now() | |
         | | date | due | Due | | . >= today() |",
    );
    let of = |end: &str, due: &str| {
        found(&judge(&form, &format!("<end>{end}</end><lot>0.5</lot><stamp>x</stamp><due>{due}</due>")))
    };
    assert_eq!(of("2026-11-20T10:00:00.000+08:00", "2026-11-21"), [], "right when it was filled in");
    assert_eq!(of("2026-11-22T10:00:00.000+08:00", "2026-11-21"), pairs(&[("/data/due", "constraint")]));
}

#[test]
fn repeats_are_counted_and_told_apart() {
    let form = form(
        "| survey |
         | | type | name | label | repeat_count | constraint | calculation |
         | | integer | n | N | | | |
         | | begin repeat | r | R | ${n} | | |
         | | integer | v | V | | . < 10 | |
         | | calculate | place | | | | position(..) |
         | | end repeat | | | | | |
         | | calculate | total | | | | sum(${v}) |",
    );
    let instance = |v: i32, place: i32| format!("<r><v>{v}</v><place>{place}</place></r>");
    let of = |n: i32, instances: &[String], total: i32| {
        found(&judge(&form, &format!("<n>{n}</n>{}<total>{total}</total>", instances.concat())))
    };
    assert_eq!(of(2, &[instance(1, 1), instance(2, 2)], 3), []);
    assert_eq!(of(2, &[instance(1, 1), instance(12, 2)], 13), pairs(&[("/data/r[2]/v", "constraint")]));
    assert_eq!(of(2, &[instance(1, 1)], 1), pairs(&[("/data/r[1]", "repeat")]));
    assert_eq!(of(2, &[instance(1, 1), instance(2, 1)], 3), pairs(&[("/data/r[2]/place", "calculate")]));
    assert_eq!(of(0, &[], 0), []);
}

#[test]
fn what_the_form_does_not_know_is_found() {
    let form = form(
        "| survey |
         | | type | name | label | default |
         | | begin group | g | G | |
         | | text | a | A | |
         | | end group | | | |
         | | note | fixed | Read this | as it is |",
    );
    let sent = "<g><a>1</a><a>2</a><x><y>3</y></x>stray</g><fixed>changed</fixed><deviceID>d</deviceID>";
    assert_eq!(
        found(&judge(&form, sent)),
        pairs(&[
            ("/data/deviceID", "unknown"),
            ("/data/g", "unknown"),
            ("/data/g/a", "repeat"),
            ("/data/g/x", "unknown"),
            ("/data/fixed", "readonly"),
        ])
    );
    assert_eq!(found(&judge(&form, "<g><a>1</a></g><fixed>as it is</fixed>")), []);
}

#[test]
fn a_range_has_ends_and_steps() {
    let form = form(
        "| survey |
         | | type | name | label | parameters |
         | | range | score | Score | start=0 end=10 step=2.5 |",
    );
    let of = |value: &str| found(&judge(&form, &format!("<score>{value}</score>")));
    assert_eq!(of("7.5"), []);
    assert_eq!(of("7"), pairs(&[("/data/score", "constraint")]));
    assert_eq!(of("12.5"), pairs(&[("/data/score", "constraint")]));
}

#[test]
fn a_label_may_be_calculated_in_any_of_the_forms_languages() {
    let form = form(
        "| survey |
         | | type | name | label::English (en) | label::Mongol (mn) | calculation |
         | | select_one c | pick | Pick | Songo | |
         | | calculate | words | | | jr:choice-name(${pick}, '${pick}') |
         | choices |
         | | list_name | name | label::English (en) | label::Mongol (mn) |
         | | c | r | Red | Ulaan |",
    );
    for words in ["Red", "Ulaan"] {
        assert_eq!(found(&judge(&form, &format!("<pick>r</pick><words>{words}</words>"))), []);
    }
    let judgement = judge(&form, "<pick>r</pick><words>Blue</words>");
    assert_eq!(found(&judgement), pairs(&[("/data/words", "calculate")]));
}
