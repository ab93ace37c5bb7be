//! Tokens of sessions and keys of other systems, and what is stored of them. The token itself is only with
//! its holder.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

const TOKEN_BYTES: usize = 32;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hash_of_a_whole_token_is_stored() {
        let token = encode([9; 32]);
        assert_eq!(stored(&token).unwrap(), <[u8; 32]>::from(Sha256::digest([9; 32])));
        for text in ["", &token[1..], &format!("{token}A"), &"*".repeat(43), &"é".repeat(43)] {
            assert_eq!(stored(text), None, "{text}");
        }
    }
}
