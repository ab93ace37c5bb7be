//! What people sign in with, and the devices on which they are signed in.
//!
//! Signing in has two halves. A *proof of who* (today a password) ends in [`open_session`], which knows
//! nothing of how the proof was made; passkeys and OpenID Connect will end there too.
//!
//! Promises: a password is kept only as Argon2id, a session token only as SHA-256. An unknown name, a
//! disabled account and a wrong password get the same answer after the same work. There is no lock on an
//! account, which would be a weapon against its holder: the caller limits attempts by address and by
//! name. A right that ends (a post, an account, a session) is gone at the next request, because
//! [`resolve`] looks it up at every request.
//!
//! Checking a password takes 19 MiB of memory and some 20 ms: the caller bounds how many run at once.

mod action;
mod model;
mod password;
mod query;
mod rule;
mod store;

pub use action::{
    change_password, create, create_all, disable, expire, open_session, resolve, revoke, revoke_all_others,
    sign_in, sign_out,
};
pub use model::{AccountRow, NewAccount, SessionRow};
pub use password::hash_password;
pub use query::{find, holder, sessions};
pub use rule::{check_login_name, check_password};
