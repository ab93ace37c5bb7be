//! Base45: RFC 9285, section 4. Text for the alphanumeric mode of QR codes.

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
/// What stands for no character of the alphabet: more than any group can hold.
const NONE: u32 = 1 << 20;
/// What a character is worth in the first, second and third place of a group.
const VALUES: [[u32; 256]; 3] = [values(1), values(45), values(45 * 45)];

const fn values(weight: u32) -> [u32; 256] {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        values[ALPHABET[value] as usize] = weight * value as u32;
        value += 1;
    }
    values
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Base45Error {
    #[error("character {0} is not of the base45 alphabet")]
    Character(usize),
    #[error("the group at character {0} stands for more than its bytes hold")]
    Overflow(usize),
    #[error("a single character is left at the end")]
    Length,
}

/// Two bytes make three characters, a last one makes two.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() / 2 * 3 + 2);
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut push = |mut value: u32, characters: u32| {
        for _ in 0..characters {
            text.push(char::from(ALPHABET[(value % 45) as usize]));
            value /= 45;
        }
    };
    pairs.iter().for_each(|pair| push(u32::from(u16::from_be_bytes(*pair)), 3));
    rest.iter().for_each(|byte| push(u32::from(*byte), 2));
    text
}

pub fn decode(text: &[u8]) -> Result<Vec<u8>, Base45Error> {
    let (groups, rest) = text.as_chunks::<3>();
    let [first, second, third] = &VALUES;
    let mut bytes = Vec::with_capacity(2 * groups.len() + 1);
    for (group, [a, b, c]) in groups.iter().enumerate() {
        let value = first[*a as usize] + second[*b as usize] + third[*c as usize];
        let pair = u16::try_from(value).map_err(|_| fault(text, 3 * group))?;
        bytes.extend_from_slice(&pair.to_be_bytes());
    }
    let start = text.len() - rest.len();
    match *rest {
        [] => {}
        [a, b] => {
            let value = first[a as usize] + second[b as usize];
            bytes.push(u8::try_from(value).map_err(|_| fault(text, start))?);
        }
        _ => return Err(Base45Error::Length),
    }
    Ok(bytes)
}

/// What is wrong with the group at `start`.
fn fault(text: &[u8], start: usize) -> Base45Error {
    let group = &text[start..text.len().min(start + 3)];
    match group.iter().position(|it| !ALPHABET.contains(it)) {
        Some(place) => Base45Error::Character(start + place),
        None => Base45Error::Overflow(start),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard() {
        for (plain, text) in [
            ("AB", "BB8"),
            ("Hello!!", "%69 VD92EX0"),
            ("base-45", "UJCLQE7W581"),
            ("ietf!", "QED8WEX0"),
            ("", ""),
        ] {
            assert_eq!(encode(plain.as_bytes()), text);
            assert_eq!(decode(text.as_bytes()).unwrap(), plain.as_bytes());
        }
        assert_eq!(decode(b"FGW").unwrap(), [0xff, 0xff]);
    }

    #[test]
    fn what_stands_for_no_bytes_says_where() {
        for (text, error) in [
            ("GGW", Base45Error::Overflow(0)),
            (":::", Base45Error::Overflow(0)),
            ("BB8A", Base45Error::Length),
            ("BB8::", Base45Error::Overflow(3)),
            ("BB8V5", Base45Error::Overflow(3)),
            ("BB8bB8", Base45Error::Character(3)),
            ("BB8B\u{e9}8", Base45Error::Character(4)),
            ("BB8B,", Base45Error::Character(4)),
        ] {
            assert_eq!(decode(text.as_bytes()), Err(error), "{text}");
        }
        assert_eq!(decode(b"BB8U5").unwrap(), [65, 66, 255]);
    }
}
