//! Argon2id, with the parameters that OWASP's Password Storage Cheat Sheet gives first for it.

use std::sync::LazyLock;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// What passwords for names that nobody has are checked against, so that they take as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_password("nobody signs in with this", &[0; 32]));

/// The PHC string of a password, `$argon2id$v=19$m=19456,t=2,p=1$…`. `salt` must be new for each
/// password: `Ids::secret` gives one.
pub fn hash_password(password: &str, salt: &[u8; 32]) -> String {
    let hash: PasswordHash = hasher()
        .hash_password_with_salt(password.as_bytes(), salt)
        .expect("salt and parameters are within Argon2's bounds");
    hash.to_string()
}

/// Whether the password is that of `hash`. Without one it takes as long and the answer is no.
pub fn matches(password: &str, hash: Option<&str>) -> bool {
    // Made before either case, or the first unknown name would take twice as long.
    let nobody = NOBODY.as_str();
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(nobody)) else { return false };
    hasher().verify_password(password.as_bytes(), &parsed).is_ok() && hash.is_some()
}

fn hasher() -> Argon2<'static> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).expect("constant parameters are within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_own_hash_alone() {
        let hash = hash_password("草原上的额吉 2026", &[7; 32]);
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(matches("草原上的额吉 2026", Some(&hash)));
        assert!(!matches("草原上的额吉 2027", Some(&hash)));
        assert!(!matches("nobody signs in with this", None), "the stand-in signs nobody in");
        assert!(!matches("x", Some("not a hash")));
        assert_ne!(hash, hash_password("草原上的额吉 2026", &[8; 32]));
    }
}
