//! Session tokens and what is derived from them. The token itself is only with its holder.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const TOKEN_BYTES: usize = 32;
/// Keeps this use of SHA-256 over a token apart from the one that is stored.
const CSRF_LABEL: &[u8] = b"olzii csrf token, version 1\0";

/// The token as it travels: 43 characters of base64url.
pub fn encode(secret: [u8; TOKEN_BYTES]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(secret)
}

/// What is stored of a token; `None` for what cannot be one.
pub fn stored(token: &str) -> Option<[u8; 32]> {
    let bytes = (token.len() == TOKEN_BYTES * 4 / 3 + 1)
        .then(|| BASE64_URL_SAFE_NO_PAD.decode(token).ok())
        .flatten()?;
    Some(Sha256::digest(bytes).into())
}

/// What the forms of a session carry, to show that they came from our own pages. Derived from the
/// token, so that nothing more is kept; it does not lead back to the token.
pub fn csrf_token(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD
        .encode(Sha256::new().chain_update(CSRF_LABEL).chain_update(token.as_bytes()).finalize())
}

/// Whether `sent` is the token's, in a time that does not tell how much of it is right.
pub fn csrf_matches(token: &str, sent: &str) -> bool {
    csrf_token(token).as_bytes().ct_eq(sent.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_of_another_session_does_not_pass() {
        let (mine, other) = (encode([1; 32]), encode([2; 32]));
        assert!(csrf_matches(&mine, &csrf_token(&mine)));
        for sent in [csrf_token(&other), mine.clone(), String::new()] {
            assert!(!csrf_matches(&mine, &sent), "{sent}");
        }
    }

    #[test]
    fn only_the_hash_of_a_whole_token_is_stored() {
        let token = encode([9; 32]);
        assert_eq!(stored(&token).unwrap(), <[u8; 32]>::from(Sha256::digest([9; 32])));
        for text in ["", &token[1..], &format!("{token}A"), &"*".repeat(43), &"é".repeat(43)] {
            assert_eq!(stored(text), None, "{text}");
        }
    }
}
