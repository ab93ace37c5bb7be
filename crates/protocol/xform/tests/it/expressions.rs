//! Expressions: what they give, and what is refused.

use xform::{
    xml::Document,
    xpath::{Budget, EvaluationFault, Expression, Focus, Names, NodeRef, Scope, Value},
};

use crate::support::{LIMITS, world};

const DATA: &str = "<data><a>3</a><b>4</b><empty/><list>red blue</list><day>2026-11-20</day>\
    <grid><n>1</n><v>10</v></grid><grid><n>2</n><v>20</v></grid><grid><n>3</n><v/></grid>\
    <p>40.0 113.0 0 0; 40.0 113.1 0 0; 40.1 113.1 0 0; 40.0 113.0 0 0</p></data>";

fn value<T>(text: &str, then: impl Fn(&Scope<'_>, Value) -> T) -> Result<T, String> {
    let document = Document::read(DATA.as_bytes(), &LIMITS).unwrap();
    let (world, budget) = (world(), Budget::new(1_000_000));
    let documents = [&document];
    let scope = Scope::new(&documents, &world, &budget, None, &Names::AsWritten);
    let expression = Expression::parse(text).map_err(|it| it.to_string())?;
    let focus = Focus::at(NodeRef { document: 0, node: document.root().unwrap() });
    let value = scope.evaluate(&expression, &focus).map_err(|it| it.to_string())?;
    Ok(then(&scope, value))
}

fn text(expression: &str) -> String {
    value(expression, |scope, it| scope.text(&it).unwrap()).unwrap_or_else(|it| format!("! {it}"))
}

#[test]
fn every_function_gives_what_the_specification_says() {
    let cases = [
        ("concat(/data/grid/n, '-', 1)", "123-1"),
        ("join(', ', /data/grid/n)", "1, 2, 3"),
        ("substr('hello', 1, 3)", "el"),
        ("substr('hello', -3)", "llo"),
        ("substring('12345', 2, 3)", "234"),
        ("substring-before('2026/11', '/')", "2026"),
        ("substring-after('2026/11', '/')", "11"),
        ("translate('bar', 'abc', 'AB')", "BAr"),
        ("string-length('four')", "4"),
        ("normalize-space('  a   b ')", "a b"),
        ("contains('abc', 'b')", "true"),
        ("starts-with('abc', 'ab')", "true"),
        ("ends-with('abc', 'bc')", "true"),
        ("string-length(uuid())", "36"),
        ("string-length(uuid(5))", "5"),
        ("digest('abc', 'MD5', 'hex')", "900150983cd24fb0d6963f7d28e17f72"),
        ("digest('abc', 'SHA-1', 'hex')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("digest('abc', 'SHA-256')", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
        ("base64-decode('aGk=')", "hi"),
        ("if(/data/a > 2, 'yes', 'no')", "yes"),
        ("coalesce(/data/empty, 'else')", "else"),
        ("substr(once('x'), 0, 3)", "34r"),
        ("true()", "true"),
        ("boolean-from-string('1')", "true"),
        ("not(false())", "true"),
        ("regex('a1b', '[0-9]')", "true"),
        ("regex('0123', '^(?!0)')", "false"),
        ("checklist(1, 2, true(), false())", "true"),
        ("weighted-checklist(3, 9, true(), 2, true(), 2)", "true"),
        ("number('3.50')", "3.5"),
        ("int(-2.7)", "-2"),
        ("sum(/data/grid[v != '']/v)", "30"),
        ("max(/data/grid/n)", "3"),
        ("min(/data/nothing)", "NaN"),
        ("round(2.345, 2)", "2.35"),
        ("round(-1.5)", "-2"),
        ("pow(2, 10)", "1024"),
        ("log10(1000)", "3"),
        ("abs(-4)", "4"),
        ("exp10(2)", "100"),
        ("round(atan2(1, 1) * 4 - pi())", "0"),
        ("sqrt(16)", "4"),
        ("count(/data/grid)", "3"),
        ("count-non-empty(/data/grid/v)", "2"),
        ("position(/data/grid[3])", "3"),
        ("/data/grid[position() = 2]/v", "20"),
        ("/data/grid[2]/v", "20"),
        ("/data/grid[last()]/n", "3"),
        ("indexed-repeat(/data/grid/v, /data/grid, 2)", "20"),
        ("selected(/data/list, 'blue')", "true"),
        ("selected-at(/data/list, 1)", "blue"),
        ("count-selected(/data/list)", "2"),
        ("today()", "2026-11-26"),
        ("now()", "2026-11-26T12:00:00.000+08:00"),
        ("date('2026-02-30')", "Invalid Date"),
        ("date(0.5)", "1970-01-01T20:00:00.000+08:00"),
        ("format-date(/data/day, '%Y/%n/%e %a %b')", "2026/11/20 Fri Nov"),
        ("format-date-time('2026-11-20T09:05:03.007+08:00', '%H:%M:%S.%3')", "09:05:03.007"),
        ("decimal-date-time('1970-01-02T00:00:00.000Z')", "1"),
        ("decimal-time('06:00:00.000+08:00')", "0.25"),
        ("/data/day <= today()", "true"),
        ("/data/day > today()", "false"),
        ("today() - /data/day", "6"),
        ("floor(1.9) + ceiling(1.1)", "3"),
        ("-(-(3))", "3"),
        ("7 mod 4 * 2 - 1", "5"),
        ("1 = 1 and 2 > 3 or 4 >= 4", "true"),
        ("/data/grid/n = 2", "true"),
        ("/data/grid/n != 2", "true"),
        ("count(/data/a | /data/b | /data/a)", "2"),
        ("count(//n)", "3"),
        ("name(/data/*[1])", "a"),
        ("count(randomize(/data/grid, 42))", "3"),
        ("/data/grid[n = current()/b - 1]/n", "3"),
        ("./a + ../data/b", "7"),
        ("'false' and true()", "true"),
    ];
    for (expression, wanted) in cases {
        assert_eq!(text(expression), wanted, "{expression}");
    }
}

#[test]
fn areas_and_distances_are_measured_on_the_sphere() {
    let number = |it: &str| value(it, |scope, it| scope.number(&it).unwrap()).unwrap();
    let distance = number("distance('40.0 113.0 0 0; 41.0 113.0 0 0')");
    assert!((distance - 111_318.85).abs() < 0.01, "{distance}");
    assert!(number("area(/data/p)") > 4.0e7);
    assert!(number("distance('95 0; 0 0')").is_nan(), "no such latitude");
}

#[test]
fn what_cannot_be_read_says_where_and_what_is_meant() {
    for (expression, wanted) in [
        ("selectd(/a, 'x')", "there is no function selectd(): is selected() meant? (character 1)"),
        ("/data/a >", "a name, a number, a text or a function is expected, not the end (character 10)"),
        ("concat('a", "the text after ' has no closing ' (character 8)"),
        ("round(1, 2, 3)", "round() takes 1 to 2 arguments, not 3 (character 1)"),
        ("/data/a == 3", "a name, a number, a text or a function is expected, not = (character 10)"),
        ("$x + 1", "variables ($…) are not part of forms (character 1)"),
        ("regex(., '[')", "the pattern ["),
        ("", "the expression is empty"),
        ("a b", "an operator is expected, not b (character 3)"),
        ("side::a", "there is no axis side (character 1)"),
    ] {
        let fault = Expression::parse(expression).unwrap_err().to_string();
        assert!(fault.starts_with(wanted), "{expression}: {fault}");
    }
}

#[test]
fn depth_length_and_steps_have_an_end() {
    let deep = |count: usize| format!("{}1{}", "(".repeat(count), ")".repeat(count));
    assert!(Expression::parse(&deep(90)).is_ok());
    assert!(Expression::parse(&deep(50_000)).is_err());
    assert!(Expression::parse(&"not(".repeat(20_000)).is_err());
    assert!(Expression::parse(&format!("{}1", "-".repeat(60_000))).is_ok(), "signs do not nest");
    assert!(Expression::parse(&format!("1{}", "+1".repeat(32_000))).is_ok(), "a sum does not nest");
    assert!(Expression::parse(&"a/".repeat(300)).is_err());
    assert!(Expression::parse(&"x".repeat(70_000)).is_err());
    let endless = "//*[//*[//*[//*[//*[//*[count(//*) > 0]]]]]]";
    assert_eq!(value(endless, |_, _| ()), Err(EvaluationFault::Budget.to_string()));
    let doubled = "concat(".to_owned() + &"'xxxxxxxxxxxxxxxx', ".repeat(2000) + "'')";
    assert!(value(&doubled, |_, _| ()).is_ok());
}

#[test]
fn a_pattern_that_steps_back_for_ever_is_cut_off() {
    let hard = format!("regex('{}!', '^(a|a)*\\1$')", "a".repeat(60));
    assert!(value(&hard, |_, _| ()).is_err());
}
