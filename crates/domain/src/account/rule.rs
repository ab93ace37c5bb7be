//! What may be a login name or a password.
//!
//! After ASVS 5.0 section 6.2 and NIST SP 800-63B: a length and a list of what attackers try first, no
//! rules of composition, no forced change.

use std::{collections::HashSet, sync::LazyLock};

use kernel::limits;

use crate::{Faults, Message};

const LOGIN_NAME_CHARS_MIN: usize = 3;
const LOGIN_NAME_CHARS_MAX: usize = 64;

/// Words that passwords are commonly made of, in lower case, one a line.
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("common-passwords.txt").split_whitespace().collect());

/// A login name is 3 to 64 ASCII letters, digits, `.`, `_` and `-`; case matters.
pub fn check_login_name(faults: &mut Faults, field: &str, name: &str) {
    let sound = (LOGIN_NAME_CHARS_MIN..=LOGIN_NAME_CHARS_MAX).contains(&name.len())
        && name.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'_' | b'-'));
    if !sound {
        let message = Message::new("fault-login-name")
            .with("min", LOGIN_NAME_CHARS_MIN)
            .with("max", LOGIN_NAME_CHARS_MAX);
        faults.add(field, message);
    }
}

/// A new password: long enough, and none of those that are tried first.
pub fn check_password(faults: &mut Faults, field: &str, password: &str, login_name: &str) {
    let chars = password.chars().count();
    if chars < limits::PASSWORD_CHARS_MIN {
        faults.add(field, Message::new("fault-too-short").with("min", limits::PASSWORD_CHARS_MIN));
    } else if chars > limits::PASSWORD_CHARS_MAX {
        faults.add(field, Message::new("fault-too-long").with("max", limits::PASSWORD_CHARS_MAX));
    } else if is_common(&password.to_lowercase(), &login_name.to_lowercase()) {
        faults.add(field, Message::new("fault-password-common"));
    }
}

/// `Password123!`, `abcabcabc`, `87654321`, `19840521` and the login name itself.
fn is_common(password: &str, login_name: &str) -> bool {
    let word = password.trim_matches(|it: char| !it.is_alphabetic());
    let plain: String = password.chars().map(unmasked).collect();
    let plain = plain.trim_matches(|it: char| !it.is_alphabetic());
    [password, word, plain].iter().any(|it| COMMON.contains(it) || *it == login_name)
        || repeats(password)
        || runs(password)
        || is_date(password)
}

/// The letter that a digit or sign commonly stands for.
fn unmasked(character: char) -> char {
    match character {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// One to four characters again and again.
fn repeats(password: &str) -> bool {
    let chars: Vec<char> = password.chars().collect();
    (1..=4).any(|unit| chars.iter().skip(unit).zip(&chars).all(|(later, earlier)| later == earlier))
}

/// Each character one up from the one before, or each one down.
fn runs(password: &str) -> bool {
    let chars: Vec<i64> = password.chars().map(|it| i64::from(u32::from(it))).collect();
    [1, -1].iter().any(|step| chars.windows(2).all(|pair| pair[1] - pair[0] == *step))
}

/// Eight digits that are a day of the last or this century, year first or last.
fn is_date(password: &str) -> bool {
    if password.len() != 8 || !password.bytes().all(|it| it.is_ascii_digit()) {
        return false;
    }
    let number = |from: usize, to: usize| password[from..to].parse().unwrap_or(0);
    let day = |year: u32, month: u32, day: u32| {
        (1900..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)
    };
    day(number(0, 4), number(4, 6), number(6, 8)) || day(number(4, 8), number(2, 4), number(0, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(password: &str) -> bool {
        let mut faults = Faults::default();
        check_password(&mut faults, "password", password, "wang.fang");
        faults.check().is_err()
    }

    #[test]
    fn what_is_tried_first_is_refused() {
        let weak = [
            "",
            "short",
            "password",
            "Password123!",
            "P@ssw0rd",
            "qwertyuiop",
            "1qaz2wsx",
            "woaini1314",
            "12345678",
            "87654321",
            "abcdefgh",
            "aaaaaaaa",
            "abcabcabc",
            "12341234",
            "52015201",
            "19840521",
            "08081988",
            "Wang.Fang",
            "wang.fang2026",
            "admin@2024",
        ];
        let passed: Vec<_> = weak.into_iter().filter(|it| !refused(it)).collect();
        assert!(passed.is_empty(), "{passed:?}");
        assert!(refused(&"长".repeat(257)));
    }

    #[test]
    fn what_is_not_on_any_list_is_taken_whatever_it_is_made_of() {
        for strong in
            ["blue heron lamp", "草原上的额吉爱喝奶茶", "zwqkxjvmpt", "83920174651", &"长椅与路灯".repeat(20)]
        {
            assert!(!refused(strong), "{strong}");
        }
    }

    #[test]
    fn a_login_name_is_plain_ascii() {
        let fault = |name: &str| {
            let mut faults = Faults::default();
            check_login_name(&mut faults, "login_name", name);
            faults.check().is_err()
        };
        assert!(!fault("wang.fang_2-x") && !fault("abc"));
        for name in ["", "ab", "王芳王芳", "a b c", "a\0bc", "name@host", &"a".repeat(65)] {
            assert!(fault(name), "{name}");
        }
    }
}
