//! The EU's certificates (HC1:), to be read and checked, never to be made: hcert-spec 1.3. What it allows and a pass
//! does not: zlib, CBOR in any form, the key's id unprotected, RSA.

mod certificate;
mod signer;
mod value;

pub use certificate::{Certificate, HcertError, INFLATED_BYTES_MAX, Kind, TEXT_BYTES_MAX};
pub use signer::{CertificateError, Signer};
pub use value::{Value, ValueError};
