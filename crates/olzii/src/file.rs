//! Files that somebody names on the command line.

use std::{fs::File, io::Read, path::Path};

use anyhow::{Context, ensure};

/// All of a file, which may have up to so many bytes.
pub fn read(path: &Path, bytes_max: u64) -> anyhow::Result<Vec<u8>> {
    let name = || path.display().to_string();
    let mut bytes = Vec::new();
    // Not by its length, which a pipe does not tell.
    File::open(path).with_context(name)?.take(bytes_max + 1).read_to_end(&mut bytes).with_context(name)?;
    ensure!(bytes.len() as u64 <= bytes_max, "{} is longer than the {bytes_max} bytes that are read", name());
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit_and_refused_beyond_it() {
        let path = std::env::temp_dir().join(format!("olzii-file-{}", std::process::id()));
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert!(read(&path, 4).unwrap_err().to_string().contains("4 bytes"));
        std::fs::remove_file(&path).unwrap();
        assert!(read(&path, 5).unwrap_err().to_string().contains("olzii-file"));
    }
}
