use std::collections::BTreeMap;

use percent_encoding::percent_decode;

use crate::argument::{Fault, Reason};

/// Arguments of one request; a client that knows many open reports asks for all of them at once.
const ARGUMENTS_MAX: usize = 500;
/// Bytes of an argument's name.
const NAME_BYTES_MAX: usize = 200;

/// The arguments of a request, from a query string or a form. Those sent empty are those not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    arguments: BTreeMap<String, Vec<String>>,
    attributes: BTreeMap<String, Vec<String>>,
}

impl Form {
    /// Reads `application/x-www-form-urlencoded`, as UTF-8 whatever a header says.
    pub fn urlencoded(bytes: &[u8]) -> Result<Self, Fault> {
        let decode = |part: &[u8]| {
            let spaced: Vec<u8> = part.iter().map(|it| if *it == b'+' { b' ' } else { *it }).collect();
            String::from_utf8(percent_decode(&spaced).collect())
        };
        let mut pairs = Vec::new();
        for pair in bytes.split(|it| *it == b'&').filter(|it| !it.is_empty()).take(ARGUMENTS_MAX + 1) {
            let middle = pair.iter().position(|it| *it == b'=');
            let (name, value) = middle.map_or((pair, &b""[..]), |at| (&pair[..at], &pair[at + 1..]));
            let name = decode(name).map_err(|_| Reason::NotUtf8.of("body"))?;
            let value = decode(value).map_err(|_| Reason::NotUtf8.of(&name))?;
            pairs.push((name, value));
        }
        Self::new(pairs)
    }

    /// From decoded pairs, as a multipart form has them.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, Fault> {
        let mut form = Self::default();
        for (index, (name, value)) in pairs.into_iter().enumerate() {
            if index >= ARGUMENTS_MAX {
                return Err(Reason::TooMany { max: ARGUMENTS_MAX }.of("body"));
            }
            if name.len() > NAME_BYTES_MAX {
                return Err(Reason::TooLong { max: NAME_BYTES_MAX }.of("body"));
            }
            // Absent is what a sender means by an empty value.
            if value.trim().is_empty() {
                continue;
            }
            let (place, key) = match attribute_code(&name) {
                Some(code) => (&mut form.attributes, code.to_owned()),
                None => (&mut form.arguments, name),
            };
            place.entry(key).or_default().push(value);
        }
        Ok(form)
    }

    /// The first value of an argument.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.all(name).next().map(str::trim)
    }

    /// Every value of an argument that may be repeated.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.arguments.get(name).into_iter().flatten().map(String::as_str)
    }

    /// The parts of a comma list; `None` if it was not sent.
    pub fn list(&self, name: &str) -> Option<Vec<&str>> {
        let parts = self.arguments.get(name)?.iter().flat_map(|it| it.split(','));
        Some(parts.map(str::trim).filter(|it| !it.is_empty()).collect())
    }

    /// The values of `attribute[code]`, in each of its spellings.
    pub fn attribute(&self, code: &str) -> &[String] {
        self.attributes.get(code).map_or(&[], Vec::as_slice)
    }
}

/// The code of `attribute[code]` and of `attribute[code][]`.
fn attribute_code(name: &str) -> Option<&str> {
    let inner = name.strip_prefix("attribute[")?;
    inner.strip_suffix("][]").or_else(|| inner.strip_suffix(']')).filter(|code| !code.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Form {
        Form::urlencoded(text.as_bytes()).unwrap()
    }

    #[test]
    fn an_attribute_is_read_in_each_spelling_that_clients_use() {
        for text in [
            "attribute[A]=1&attribute[A]=2",
            "attribute[A][]=1&attribute[A][]=2",
            "attribute%5BA%5D=1&attribute%5BA%5D=2",
            "attribute%5bA%5d%5b%5d=1&attribute[A][]=2",
        ] {
            assert_eq!(read(text).attribute("A"), ["1", "2"], "{text}");
        }
        assert_eq!(read("attribute[]=1&attribute=2").attribute(""), [""; 0]);
    }

    #[test]
    fn what_is_sent_empty_is_not_sent() {
        let form = read("lat=&long=+&address_string=%E4%BA%BA%E6%B0%91%E8%B7%AF+1&status=&x");
        assert_eq!((form.text("lat"), form.text("long"), form.text("x")), (None, None, None));
        assert_eq!(form.text("address_string"), Some("人民路 1"));
        assert_eq!(form.list("status"), None);
        assert_eq!(read("status=open,,closed, ").list("status"), Some(vec!["open", "closed"]));
    }

    #[test]
    fn what_is_too_much_or_no_text_is_refused() {
        assert_eq!(Form::urlencoded(b"a=%FF").unwrap_err().reason, Reason::NotUtf8);
        assert_eq!(Form::urlencoded(b"%FF=a").unwrap_err().reason, Reason::NotUtf8);
        let many = "a=1&".repeat(ARGUMENTS_MAX + 1);
        assert_eq!(
            Form::urlencoded(many.as_bytes()).unwrap_err().reason,
            Reason::TooMany { max: ARGUMENTS_MAX }
        );
        let long = format!("{}=1", "a".repeat(NAME_BYTES_MAX + 1));
        assert!(matches!(Form::urlencoded(long.as_bytes()).unwrap_err().reason, Reason::TooLong { .. }));
        assert_eq!(read(&"&".repeat(10_000)), Form::default());
    }
}
