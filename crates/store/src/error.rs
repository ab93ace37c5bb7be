/// Why a statement or a transaction failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("another writer changed the same row")]
    Conflict,
    /// The named unique key or constraint refused a row.
    #[error("a row that must be unique is there already: {0}")]
    Duplicate(String),
    #[error("the disk is full")]
    Full,
    #[error("the database cannot be reached or written: {0}")]
    Unavailable(String),
    /// A fault of ours: a statement or a row that is not as it should be.
    #[error("the database holds or was asked something unsound: {0}")]
    Broken(String),
}

/// Whether running the same transaction again can help.
pub trait Retry {
    fn retry(&self) -> bool;
}

impl Retry for StoreError {
    fn retry(&self) -> bool {
        matches!(self, StoreError::Conflict)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let text = error.to_string();
        match error.sqlite_error_code() {
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => StoreError::Conflict,
            Some(Code::ConstraintViolation) if text.contains("UNIQUE") => StoreError::Duplicate(text),
            Some(Code::DiskFull) => StoreError::Full,
            Some(
                Code::SystemIoFailure
                | Code::CannotOpen
                | Code::ReadOnly
                | Code::DatabaseCorrupt
                | Code::NotADatabase
                | Code::OutOfMemory,
            ) => StoreError::Unavailable(text),
            _ => StoreError::Broken(text),
        }
    }
}

impl From<postgres::Error> for StoreError {
    fn from(error: postgres::Error) -> Self {
        use postgres::error::SqlState as State;
        let text = error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string);
        match error.code() {
            Some(&State::T_R_SERIALIZATION_FAILURE | &State::T_R_DEADLOCK_DETECTED) => StoreError::Conflict,
            Some(&State::UNIQUE_VIOLATION) => StoreError::Duplicate(text),
            Some(&State::DISK_FULL) => StoreError::Full,
            // Class 53: resources; 57: shut down or starting up; 58: the machine's own fault; 08: the connection;
            // 28: who may enter; 3D: no such database.
            Some(code) if ["53", "57", "58", "08", "28", "3D"].contains(&&code.code()[..2]) => {
                StoreError::Unavailable(text)
            }
            Some(_) => StoreError::Broken(text),
            None if error.is_closed() => StoreError::Unavailable(text),
            None => StoreError::Unavailable(text),
        }
    }
}
