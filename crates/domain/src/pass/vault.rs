//! The secrets of regimes: one for each, in a file of its own beside the city's key and in no database. All that a regime
//! signs with or hides people by is derived from it, so that destroying one file ends all of it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use chacha20poly1305::{
    ChaCha20Poly1305, Key, KeyInit as _, Nonce,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use kernel::{Household, Id, Person};
use pass_format::{Algorithm, SecretKey};
use sha2::Sha256;

use crate::Refusal;

/// Told apart so that nothing of one purpose can pass for another.
const WRAP_PURPOSE: &[u8] = b"olzii/pass-wrap/v1\n";
const SIGN_PURPOSE: &[u8] = b"olzii/pass-sign/v1\n";
const HOLDER_PURPOSE: &[u8] = b"olzii/pass-holder/v1\n";
const HOUSEHOLD_PURPOSE: &[u8] = b"olzii/pass-household/v1\n";
const SEAL_PURPOSE: &[u8] = b"olzii/pass-seal/v1\n";
const REVOKE_PURPOSE: &[u8] = b"olzii/pass-revoke/v1\n";
const NONCE_BYTES: usize = 12;

/// The folder of the secrets. Back it up apart from the database, and keep its copies for days, not for years.
pub struct KeyFolder {
    folder: PathBuf,
    /// Derived from the city's key: a copy of the folder alone opens nothing.
    wrap: [u8; 32],
}

/// The secret of a regime. It is read for each use and kept nowhere.
pub struct Secret([u8; 32]);

impl KeyFolder {
    pub fn new(folder: &Path, city_key: &[u8; 32]) -> Self {
        Self { folder: folder.to_owned(), wrap: derive(city_key, WRAP_PURPOSE, &[]) }
    }

    fn path(&self, regime: u16) -> PathBuf {
        self.folder.join(format!("regime-{regime}.key"))
    }

    /// Keeps `secret` for a regime that has none yet, durably; one that is there stays.
    pub(super) fn keep(&self, regime: u16, secret: [u8; 32], nonce: &[u8; 32]) -> io::Result<()> {
        let sealed = seal(&self.wrap, nonce, &regime.to_be_bytes(), &secret);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let draft = self.folder.join(format!("regime-{regime}.{}.new", hex(&nonce[..8])));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(&sealed)?;
        file.sync_all()?;
        let linked = fs::hard_link(&draft, self.path(regime));
        fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => File::open(&self.folder)?.sync_all(),
        }
    }

    /// None for a regime whose secret is destroyed, or was never made.
    pub(super) fn get(&self, regime: u16) -> io::Result<Option<Secret>> {
        let path = self.path(regime);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mode = fs::metadata(&path)?.permissions().mode();
        if mode & 0o077 != 0 {
            let fault = format!("{} can be read by others: run chmod 600 on it", path.display());
            return Err(io::Error::other(fault));
        }
        let opened = unseal(&self.wrap, &regime.to_be_bytes(), &bytes).and_then(|it| it.try_into().ok());
        let fault = || io::Error::other(format!("{} is not what was written there", path.display()));
        opened.map(|it| Some(Secret(it))).ok_or_else(fault)
    }

    /// Overwrites and deletes the secret of a regime; nothing if that was done. Whether it was there.
    pub fn destroy(&self, regime: u16) -> io::Result<bool> {
        let path = self.path(regime);
        let mut file = match OpenOptions::new().write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let length = usize::try_from(file.metadata()?.len()).unwrap_or(0);
        file.write_all(&vec![0; length])?;
        file.sync_all()?;
        fs::remove_file(&path)?;
        File::open(&self.folder)?.sync_all()?;
        Ok(true)
    }
}

impl Secret {
    /// The signing key of that number. A few seeds are no keys of other curves; of Ed25519 each is one.
    pub fn signing_key(&self, number: i64) -> Result<SecretKey, Refusal> {
        let seed = derive(&self.0, SIGN_PURPOSE, &number.to_be_bytes());
        SecretKey::new(Algorithm::Ed25519, &seed).map_err(|error| Refusal::Broken(error.to_string()))
    }

    /// What stands for a person in the rows of the regime.
    pub fn holder(&self, person: Id<Person>) -> Vec<u8> {
        derive(&self.0, HOLDER_PURPOSE, person.uuid().as_bytes()).to_vec()
    }

    /// What stands for a household there.
    pub fn household(&self, household: Id<Household>) -> Vec<u8> {
        derive(&self.0, HOUSEHOLD_PURPOSE, household.uuid().as_bytes()).to_vec()
    }

    /// `about` binds it to its row.
    pub fn seal(&self, chance: &[u8; 32], about: &[u8], clear: &[u8]) -> Vec<u8> {
        seal(&derive(&self.0, SEAL_PURPOSE, &[]), chance, about, clear)
    }

    /// None of what was not sealed here for that row.
    pub fn unseal(&self, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        unseal(&derive(&self.0, SEAL_PURPOSE, &[]), about, sealed)
    }

    /// Stands beside a revocation that the city made: who has the database alone revokes nothing.
    pub fn revocation_mark(&self, index: i64) -> Vec<u8> {
        derive(&self.0, REVOKE_PURPOSE, &index.to_be_bytes()).to_vec()
    }
}

fn derive(key: &[u8; 32], purpose: &[u8], more: &[u8]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("a key of any length is taken");
    mac.update(purpose);
    mac.update(more);
    mac.finalize().into_bytes().into()
}

fn seal(key: &[u8; 32], chance: &[u8; 32], about: &[u8], clear: &[u8]) -> Vec<u8> {
    let nonce: [u8; NONCE_BYTES] = chance[..NONCE_BYTES].try_into().expect("it is longer");
    let cipher = ChaCha20Poly1305::new(&Key::from(*key));
    let sealed = cipher.encrypt(&Nonce::from(nonce), Payload { msg: clear, aad: about });
    [&nonce[..], &sealed.expect("what is sealed here is short")].concat()
}

fn unseal(key: &[u8; 32], about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES)?;
    let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
    let cipher = ChaCha20Poly1305::new(&Key::from(*key));
    cipher.decrypt(&Nonce::from(nonce), Payload { msg: sealed, aad: about }).ok()
}

/// As digests and names of files are written.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
