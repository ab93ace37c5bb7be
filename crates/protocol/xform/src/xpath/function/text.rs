use base64::{Engine as _, engine::general_purpose::STANDARD};
use fancy_regex::{Regex, RegexBuilder};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::{Call, Evaluated, EvaluationFault, argument};

/// Bytes of a pattern.
const PATTERN_BYTES_MAX: usize = 4096;
/// Bytes of what a pattern is compiled into.
const PATTERN_PROGRAM_BYTES_MAX: usize = 4 * 1_048_576;
/// Steps back of one search, which only patterns with look-around or back references take.
const BACKTRACKS_MAX: usize = 100_000;
/// Characters of `uuid(n)`.
const TOKEN_CHARACTERS_MAX: f64 = 10_000.0;

/// What is wrong with the pattern, in a sentence.
pub fn compile_pattern(pattern: &str) -> Result<Regex, String> {
    if pattern.len() > PATTERN_BYTES_MAX {
        return Err(format!("the pattern has more than {PATTERN_BYTES_MAX} bytes"));
    }
    RegexBuilder::new(pattern)
        .backtrack_limit(BACKTRACKS_MAX)
        .delegate_size_limit(PATTERN_PROGRAM_BYTES_MAX)
        .build()
        .map_err(|error| format!("the pattern {pattern} cannot be read: {error}"))
}

pub fn regex(call: &Call<'_, '_>, compiled: Option<&Regex>) -> Evaluated<bool> {
    let text = call.text(0)?;
    // A search is linear in the text, but for patterns that step back, which have their own limit.
    call.scope.budget.spend(text.len() as u64 + 1)?;
    let built;
    let pattern = match compiled {
        Some(pattern) => pattern,
        None => {
            call.scope.budget.spend(COMPILE_STEPS)?;
            built = compile_pattern(&call.text(1)?).map_err(EvaluationFault::Argument)?;
            &built
        }
    };
    pattern.is_match(&text).map_err(|_| EvaluationFault::Budget)
}

/// What compiling a pattern that is itself calculated counts for.
const COMPILE_STEPS: u64 = 20_000;

/// From the first to before the second index, counted from 0; a negative one counts from the end.
pub fn substr(call: &Call<'_, '_>) -> Evaluated<String> {
    let units: Vec<u16> = call.text(0)?.encode_utf16().collect();
    let place = |number: f64| {
        let whole = if number.is_nan() { 0.0 } else { number.trunc() };
        let length = units.len() as f64;
        if whole < 0.0 { (length + whole).max(0.0) as usize } else { whole.min(length) as usize }
    };
    let start = place(call.number(1)?);
    let end = if call.has(2) { place(call.number(2)?) } else { units.len() };
    Ok(if start < end { String::from_utf16_lossy(&units[start..end]) } else { String::new() })
}

/// XPath 1.0: counted from 1, start and length rounded.
pub fn substring(call: &Call<'_, '_>) -> Evaluated<String> {
    let text = call.text(0)?;
    let round = |it: f64| (it + 0.5).floor();
    let start = round(call.number(1)?);
    let end = if call.has(2) { start + round(call.number(2)?) } else { f64::INFINITY };
    let inside = |index: usize| {
        let position = (index + 1) as f64;
        position >= start && position < end
    };
    Ok(text.chars().enumerate().filter(|it| inside(it.0)).map(|it| it.1).collect())
}

pub fn before(call: &Call<'_, '_>) -> Evaluated<String> {
    let text = call.text(0)?;
    Ok(text.split_once(&call.text(1)?).map_or(String::new(), |it| it.0.to_owned()))
}

pub fn after(call: &Call<'_, '_>) -> Evaluated<String> {
    let text = call.text(0)?;
    Ok(text.split_once(&call.text(1)?).map_or(String::new(), |it| it.1.to_owned()))
}

pub fn translate(call: &Call<'_, '_>) -> Evaluated<String> {
    let (text, from, to) = (call.text(0)?, call.text(1)?, call.text(2)?);
    call.scope.budget.spend((text.len() as u64 / 64 + 1) * (from.len() as u64 + 1))?;
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let changed = |it: char| match from.iter().position(|other| *other == it) {
        Some(index) => to.get(index).copied(),
        None => Some(it),
    };
    Ok(text.chars().filter_map(changed).collect())
}

pub fn normalized(text: &str) -> String {
    let words: Vec<&str> = text.split([' ', '\t', '\r', '\n']).filter(|it| !it.is_empty()).collect();
    words.join(" ")
}

pub fn selected(call: &Call<'_, '_>) -> Evaluated<bool> {
    let (list, value) = (call.text(0)?, call.text(1)?);
    let value = value.trim();
    Ok(list.split(' ').any(|it| it == value))
}

pub fn selected_at(call: &Call<'_, '_>) -> Evaluated<String> {
    let (list, index) = (call.text(0)?, call.number(1)?.trunc());
    if index.is_nan() || index < 0.0 {
        return Ok(String::new());
    }
    Ok(list.split(' ').nth(index as usize).unwrap_or("").to_owned())
}

pub fn uuid(call: &Call<'_, '_>) -> Evaluated<String> {
    if !call.has(0) {
        let (high, low) = (call.scope.chance(), call.scope.chance());
        let high = (high & !0xF000) | 0x4000;
        let low = (low & !(0b11 << 62)) | (0b10 << 62);
        return Ok(format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xFFFF,
            high & 0xFFFF,
            low >> 48,
            low & 0xFFFF_FFFF_FFFF
        ));
    }
    const CHARACTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let length = call.number(0)?.trunc();
    if !(0.0..=TOKEN_CHARACTERS_MAX).contains(&length) {
        return Err(argument(format!("uuid() makes 0 to {TOKEN_CHARACTERS_MAX} characters")));
    }
    let pick = |_| char::from(CHARACTERS[(call.scope.chance() % CHARACTERS.len() as u64) as usize]);
    Ok((0..length as usize).map(pick).collect())
}

pub fn digest(call: &Call<'_, '_>) -> Evaluated<String> {
    let text = call.text(0)?;
    let bytes = text.as_bytes();
    let algorithm = call.text(1)?;
    let sum = match algorithm.to_ascii_uppercase().as_str() {
        "MD5" => Md5::digest(bytes).to_vec(),
        "SHA-1" => Sha1::digest(bytes).to_vec(),
        "SHA-256" => Sha256::digest(bytes).to_vec(),
        "SHA-384" => Sha384::digest(bytes).to_vec(),
        "SHA-512" => Sha512::digest(bytes).to_vec(),
        _ => {
            let known = "MD5, SHA-1, SHA-256, SHA-384 and SHA-512";
            return Err(argument(format!("digest() knows {known}, not {algorithm}")));
        }
    };
    let encoding = if call.has(2) { call.text(2)?.to_ascii_lowercase() } else { "base64".to_owned() };
    match encoding.as_str() {
        "base64" => Ok(STANDARD.encode(sum)),
        "hex" => Ok(sum.iter().map(|it| format!("{it:02x}")).collect()),
        _ => Err(argument(format!("digest() writes base64 or hex, not {encoding}"))),
    }
}

/// What is no base64 or no UTF-8 is read as far as it goes.
pub fn base64_decode(text: &str) -> String {
    let clean: String = text.chars().filter(|it| !it.is_ascii_whitespace()).collect();
    let clean = clean.trim_end_matches('=');
    let bytes = base64::engine::general_purpose::STANDARD_NO_PAD.decode(clean).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
