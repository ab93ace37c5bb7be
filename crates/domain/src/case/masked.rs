//! What people write, without what would lead to somebody's door or telephone; pure.

/// Digits, and then the words behind a number that make it a dwelling's.
const HOME_WORDS: &str = include_str!("home-words.txt");
/// What stands in place of what is left out.
const MASK: &str = "***";
/// Digits in one run, and in runs parted by a space or a hyphen, that make a telephone number.
const RUN_DIGITS_MIN: usize = 7;
const PHONE_DIGITS_MIN: usize = 11;

/// A place up to where the number of a dwelling begins, and whether one did.
pub fn without_dwelling(place: &str) -> (&str, bool) {
    match dwellings(place).min() {
        Some((begin, _)) => (place[..begin].trim_end(), true),
        None => (place, false),
    }
}

/// A text with each number of a dwelling or a telephone masked.
pub fn masked(text: &str) -> String {
    let mut found: Vec<_> = dwellings(text).chain(phones(text)).collect();
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
    words.filter_map(move |(at, end)| {
        let before = text[..at].trim_end();
        let begin = before.trim_end_matches(is_number).len();
        (begin < before.len()).then_some((begin, end))
    })
}

/// Where telephone numbers begin and end.
fn phones(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut begin = 0;
    std::iter::from_fn(move || {
        loop {
            let (at, end, is_phone) = number_from(text.as_bytes(), begin)?;
            begin = end;
            if is_phone {
                return Some((at, end));
            }
        }
    })
}

/// The next digits with their spaces and hyphens, and whether they are a telephone number.
fn number_from(bytes: &[u8], begin: usize) -> Option<(usize, usize, bool)> {
    let at = bytes[begin..].iter().position(u8::is_ascii_digit).map(|it| begin + it)?;
    let (mut end, mut run, mut digits, mut is_long) = (at, 0, 0, false);
    while let Some(byte) = bytes.get(end) {
        let parts = matches!(byte, b' ' | b'-') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if !byte.is_ascii_digit() && !parts {
            break;
        }
        run = if parts { 0 } else { run + 1 };
        digits += usize::from(!parts);
        is_long |= run >= RUN_DIGITS_MIN;
        end += 1;
    }
    Some((at, end, is_long || digits >= PHONE_DIGITS_MIN))
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
        for place in ["泰昌路口", "人民路1号", "医院门口", "办公室外", "1路车站", ""] {
            assert_eq!(without_dwelling(place), (place, false));
        }
    }

    #[test]
    fn words_lose_telephone_numbers_and_keep_dates_and_amounts() {
        assert_eq!(masked("电话13987654321，找301室。"), "电话***，找***。");
        assert_eq!(masked("139 8765 4321 或 0474-8320000"), "*** 或 ***");
        for text in ["2026-11-20 9:30 起不亮", "10000 元", "3号楼前", "路灯 12-34 号杆", ""] {
            assert_eq!(masked(text), text);
        }
    }
}
