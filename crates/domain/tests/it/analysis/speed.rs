//! How long an analysis takes beside reading its records alone. Run it by itself:
//! `cargo nextest run --workspace --run-ignored only -E 'test(analysis_takes)' --no-capture`.

use std::time::Instant;

use store::testing::Scratch;
use xform::check::Submission;

use super::*;

const QUESTIONS: usize = 30;
const RECORDS: u32 = 2_000;

fn wide() -> String {
    let names: Vec<String> = (0..QUESTIONS).map(|it| format!("q{it}")).collect();
    let nodes: String = names.iter().map(|it| format!("<{it}/>")).collect();
    let control = |(number, it): (usize, &String)| match number % 3 {
        0 => format!(
            "<select1 ref=\"/data/{it}\"><label>{it}</label><item><label>是</label><value>yes</value></item><item><label>否</label><value>no</value></item></select1>"
        ),
        _ => format!("<input ref=\"/data/{it}\"><label>{it}</label></input>"),
    };
    let bind = |(number, it): (usize, &String)| {
        let kind = if number % 3 == 1 { "int" } else { "string" };
        format!("<bind nodeset=\"/data/{it}\" type=\"{kind}\"/>")
    };
    let controls: String = names.iter().enumerate().map(control).collect();
    let binds: String = names.iter().enumerate().map(bind).collect();
    format!(
        r#"{HEAD}<instance><data id="survey" version="1">{nodes}<meta><instanceID/></meta></data></instance>{binds}</model></h:head><h:body>{controls}</h:body></h:html>"#
    )
}

#[test]
#[ignore = "it measures"]
#[allow(clippy::disallowed_methods, reason = "it measures")]
fn analysis_takes_little_more_than_reading() {
    let scratch = Scratch::sqlite();
    let county = County::new(scratch.db.clone());
    county.publish(&wide());
    let answer = |(number, kind): (usize, usize)| match kind {
        0 => format!("<q{number}>yes</q{number}>"),
        1 => format!("<q{number}>{}</q{number}>", number * 7),
        _ => format!("<q{number}>村口的路灯不亮已经三个月了</q{number}>"),
    };
    let content: String = (0..QUESTIONS).map(|it| answer((it, it % 3))).collect();
    for number in 1..=RECORDS {
        assert_eq!(county.answer(number, &content), Judged::Valid);
    }
    let xml = record(1, "1", &content);
    let begun = Instant::now();
    for _ in 0..RECORDS {
        std::hint::black_box(Submission::read(xml.as_bytes()).unwrap());
    }
    let parsing = begun.elapsed();
    let begun = Instant::now();
    form::each_answered(&county.leader, "survey", None, None, &mut |_| Ok(true)).unwrap();
    let reading = begun.elapsed();
    let begun = Instant::now();
    let answers = county.answers();
    let gathered = begun.elapsed();
    let weights = plain(&county, &answers);
    let all = answers.summaries(&weights);
    let whole = begun.elapsed();
    println!(
        "{RECORDS} records of {QUESTIONS} questions: parsing {parsing:?}, rows {reading:?}, gathered {gathered:?}, counted {whole:?}, {} times parsing",
        whole.as_secs_f64() / parsing.as_secs_f64()
    );
    assert_eq!(all.len(), QUESTIONS);
}
