//! What people write, without what would lead to somebody's door or telephone; pure.

/// Digits, and then the words behind a number that make it a dwelling's.
const HOME_WORDS: &str = include_str!("home-words.txt");
/// What stands in place of what is left out.
const MASK: &str = "***";
/// Digits in one run, and in runs that are parted, that make a telephone number.
const RUN_DIGITS_MIN: usize = 7;
const PHONE_DIGITS_MIN: usize = 11;
/// What may stand between the digits of one number.
const PARTS: [char; 7] = [' ', '-', '.', '－', '·', '．', '/'];

/// A place up to where the number of a dwelling begins, and whether one did.
pub fn without_dwelling(place: &str) -> (&str, bool) {
    match dwellings(place).min() {
        Some((begin, _)) => (place[..begin].trim_end(), true),
        None => (place, false),
    }
}

/// A text with each number of a dwelling or a telephone, each link and each mail address masked.
pub fn masked(text: &str) -> String {
    let mut found: Vec<_> =
        dwellings(text).chain(phones(text)).chain(links(text)).chain(mails(text)).collect();
    found.sort_unstable();
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for (begin, end) in found {
        if begin >= at {
            out.push_str(&text[at..begin]);
            out.push_str(MASK);
        }
        at = at.max(end);
    }
    out.push_str(&text[at..]);
    out
}

/// Where the numbers of dwellings begin and end, their words included.
fn dwellings(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut lines = HOME_WORDS.lines();
    let digits = lines.next().unwrap_or_default();
    let is_number = move |it: char| it.is_ascii_alphanumeric() || it == '-' || digits.contains(it);
    let words = lines.flat_map(|word| text.match_indices(word).map(|(at, word)| (at, at + word.len())));
    let worded = words.filter_map(move |(at, end)| {
        let before = text[..at].trim_end();
        let begin = before.trim_end_matches(is_number).len();
        (begin < before.len()).then_some((begin, end))
    });
    worded.chain(numbers(text).filter(|(begin, end)| is_building_unit_room(&text[*begin..*end])))
}

/// `3-2-301`, and no date.
fn is_building_unit_room(number: &str) -> bool {
    let parts: Vec<&str> = number.split(['-', '－']).collect();
    matches!(parts[..], [building, unit, room]
        if (1..=3).contains(&building.len()) && (1..=2).contains(&unit.len()) && (3..=4).contains(&room.len()))
}

/// Where links begin and end.
fn links(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let starts = ["http://", "https://", "www."].into_iter().flat_map(|start| text.match_indices(start));
    starts.map(|(at, _)| {
        let length = text[at..].find(|it: char| !it.is_ascii_graphic()).unwrap_or(text.len() - at);
        (at, at + length)
    })
}

/// Where mail addresses begin and end.
fn mails(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let is_part = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-' | '+');
    text.match_indices(['@', '＠']).filter_map(move |(at, sign)| {
        let begin = text[..at].trim_end_matches(is_part).len();
        let after = &text[at + sign.len()..];
        let length = after.find(|it| !is_part(it)).unwrap_or(after.len());
        (begin < at && length > 0).then_some((begin, at + sign.len() + length))
    })
}

/// Where telephone numbers begin and end.
fn phones(text: &str) -> impl Iterator<Item = (usize, usize)> {
    numbers(text).filter(|(begin, end)| {
        let (mut run, mut digits, mut is_long) = (0, 0, false);
        for it in text[*begin..*end].chars() {
            run = if is_digit(it) { run + 1 } else { 0 };
            digits += usize::from(is_digit(it));
            is_long |= run >= RUN_DIGITS_MIN;
        }
        is_long || digits >= PHONE_DIGITS_MIN
    })
}

/// Where digits begin and end that single spaces, hyphens or dots part.
fn numbers(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut begin = 0;
    std::iter::from_fn(move || {
        let at = begin + text[begin..].find(is_digit)?;
        let mut end = at;
        let mut rest = text[at..].chars().peekable();
        while let Some(it) = rest.next() {
            let parts = PARTS.contains(&it) && rest.peek().is_some_and(|next| is_digit(*next));
            if !is_digit(it) && !parts {
                break;
            }
            end += it.len_utf8();
        }
        begin = end;
        Some((at, end))
    })
}

/// Of full width too.
fn is_digit(it: char) -> bool {
    it.is_ascii_digit() || ('０'..='９').contains(&it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_loses_what_names_a_dwelling() {
        assert_eq!(without_dwelling("泰昌小区3号楼2单元301室"), ("泰昌小区3号楼", true));
        assert_eq!(without_dwelling("人民路5号院 1203 室"), ("人民路5号院", true));
        assert_eq!(without_dwelling("永安小区二单元三楼"), ("永安小区", true));
        assert_eq!(without_dwelling("恩和嘎查12户"), ("恩和嘎查", true));
        assert_eq!(without_dwelling("泰昌小区3-2-301"), ("泰昌小区", true));
        for place in ["泰昌路口", "人民路1号", "医院门口", "办公室外", "1路车站", ""] {
            assert_eq!(without_dwelling(place), (place, false));
        }
    }

    #[test]
    fn words_lose_telephone_numbers_and_keep_dates_and_amounts() {
        assert_eq!(masked("电话13987654321，找301室。"), "电话***，找***。");
        assert_eq!(masked("139 8765 4321 或 0474-8320000"), "*** 或 ***");
        assert_eq!(masked("１３９８７６５４３２１、139.8765.4321、139－8765－4321"), "***、***、***");
        assert_eq!(masked("见https://x.example/a?b=1。或 li.si@x.example 收"), "见***。或 *** 收");
        assert_eq!(masked(&"1室".repeat(2_000)), "***".repeat(2_000), "in one pass");
        for text in ["2026-11-20 9:30 起不亮", "10000 元", "3号楼前", "路灯 12-34 号杆", ""] {
            assert_eq!(masked(text), text);
        }
    }
}
