//! `olzii succeed-log`: the log goes on under another name and key, where it cannot under its own.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail};
use clap::Args;
use domain::{
    City,
    journal::{self, Succession, SuccessionError},
};
use sha2::{Digest, Sha256};
use tlog::{LogKey, Policy};

use super::{KEY, POLICY, SIGNED, keys, of_files};
use crate::{Place, data};

/// Where the successor's key and policy wait until the database holds its log. While it is there no server starts.
const NEXT: &str = "log.next";
/// Begins the name of a folder with the files of a log that was succeeded.
const FORMER: &str = "log.former.";
/// What was signed last of the former log, in NEXT.
const FORMER_SIGNED: &str = "former.signed";

#[derive(Args, Clone, Debug)]
pub struct SucceedArguments {
    #[command(flatten)]
    pub place: Place,
    /// What the log is called from now on; by default its name with the next number.
    #[arg(long, value_name = "NAME")]
    pub origin: Option<String>,
}

pub fn run(arguments: &SucceedArguments) -> anyhow::Result<()> {
    let city = succeed(arguments)?;
    let key = city.log.identity().keys.first().context("the policy names no key of the new log")?;
    eprintln!(
        "The log is {} from now on. What is to be done now:\n\
         - Start the server, and print the new key where the former one stood.\n\
         - Ask its witnesses to run\n  olzii witness --log {key}\n\
         - Open the link of each checkpoint's phone again: it keeps to the policy that it was given, and takes no bundle of the \
         new log before.\n\
         - Tell those who run `olzii verify --policy` or `--memory` to take the new log.policy, by --policy, and to keep what \
         they remember.",
        city.log.origin()
    );
    Ok(())
}

/// Each step can be cut short anywhere: to run it again ends what was begun.
pub fn succeed(arguments: &SucceedArguments) -> anyhow::Result<Arc<City>> {
    let SucceedArguments { place, origin } = arguments;
    let folder = &place.data;
    let next = folder.join(NEXT);
    prepare(folder, &next, origin.as_deref())?;
    // The key is the first that goes to its place.
    let is_shifted = !fs::exists(next.join(KEY))?;
    let key = keys::read(&if is_shifted { folder.join(KEY) } else { next.join(KEY) }, keys::Kind::Log)?;
    let (origin, seed) = key.context("the key of the new log is gone again")?;
    let city = data::open_with_log(place, of_files(&next, &origin, seed)?)?;
    let last = fs::read(next.join(FORMER_SIGNED)).context("what was signed last")?;
    let is_key_lost = !fs::exists(folder.join(KEY))?;
    match journal::succeed(&city, &last, is_key_lost) {
        Ok(None) => {}
        Ok(Some(it)) => eprintln!("{}", words(&it)),
        // The database may hold the new log all the same, or take it the next time.
        Err(error @ (SuccessionError::Moved | SuccessionError::Refusal(_))) => return Err(error.into()),
        Err(error) => {
            fs::remove_dir_all(&next).with_context(|| next.display().to_string())?;
            return Err(error.into());
        }
    }
    finish(folder, &next, &last)?;
    Ok(city)
}

fn words(it: &Succession) -> String {
    let Succession { former, signed, kept, is_rewritten } = it;
    match is_rewritten {
        true => format!(
            "{former}: {signed} entries were signed for, and were REWRITTEN: the {kept} that are there do not begin with them. The \
             new log says so to everybody, and `olzii verify` finds fault with it for good. If there is a copy of the database \
             with what was signed, bring that back in place of this one and succeed the log there."
        ),
        false => format!(
            "{former}: {signed} entries were signed for, {kept} are left. The next entry says so to everybody."
        ),
    }
}

/// A server that seals while its log is succeeded would take the files of one for those of the other.
pub fn must_be_finished(folder: &Path) -> anyhow::Result<()> {
    let next = folder.join(NEXT);
    match fs::exists(next.join(POLICY)).with_context(|| next.display().to_string())? {
        true => {
            bail!("{} is there: a succession was cut short; run `olzii succeed-log` again", next.display())
        }
        false => Ok(()),
    }
}

fn prepare(folder: &Path, next: &Path, origin: Option<&str>) -> anyhow::Result<()> {
    // Written last.
    if fs::exists(next.join(POLICY))? {
        return Ok(());
    }
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read(&path)
            .with_context(|| format!("{}: a succession names what was there before", path.display()))
    };
    let (signed, policy) = (read(SIGNED)?, String::from_utf8(read(POLICY)?).context(POLICY)?);
    let parsed: Policy = policy.parse().context(POLICY)?;
    let former = parsed.logs().iter().find(|it| it.open(&signed).is_ok());
    let former = former.with_context(|| format!("{SIGNED} is signed by no log that {POLICY} names"))?;
    let origin = origin.map_or_else(|| next_name(&former.origin), str::to_owned);
    if parsed.logs().iter().any(|it| it.origin == origin) {
        bail!("{origin} is the name of a log already");
    }
    fs::create_dir_all(next).with_context(|| next.display().to_string())?;
    let (name, seed) = match keys::read(&next.join(KEY), keys::Kind::Log)? {
        Some(key) => key,
        None => keys::make(&next.join(KEY), keys::Kind::Log, &origin)?,
    };
    keys::replace(&next.join(FORMER_SIGNED), &signed, 0o644)?;
    let key = LogKey::new(&name, &seed)?;
    // The former log stays in it: what was proven of that is proven for good.
    let policy = format!("# It succeeds the log below.\nlog {}\n{policy}", key.verifier());
    keys::replace(&next.join(POLICY), policy.as_bytes(), 0o644)
}

/// What the logs before this one signed last, as far as their files are there.
pub fn former(folder: &Path) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let is_former = path.file_name().is_some_and(|it| it.to_string_lossy().starts_with(FORMER))
            && path.join(SIGNED).exists();
        if is_former {
            let signed = path.join(SIGNED);
            found.push(fs::read(&signed).with_context(|| signed.display().to_string())?);
        }
    }
    Ok(found)
}

/// `city.example/journal`, then `city.example/journal/2`, and so on.
fn next_name(former: &str) -> String {
    let numbered =
        former.rsplit_once('/').and_then(|(name, number)| Some((name, number.parse::<u32>().ok()?)));
    match numbered {
        Some((name, number)) => format!("{name}/{}", number.saturating_add(1)),
        None => format!("{former}/2"),
    }
}

/// The files of the former log go into a folder of their own, and those of the next take their place.
fn finish(folder: &Path, next: &Path, last: &[u8]) -> anyhow::Result<()> {
    let digest: String = Sha256::digest(last)[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    let former = folder.join(format!("{FORMER}{digest}"));
    fs::create_dir_all(&former).with_context(|| former.display().to_string())?;
    let shift = |from: PathBuf, to: PathBuf| -> anyhow::Result<()> {
        match fs::rename(&from, &to) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            renamed => renamed.with_context(|| to.display().to_string()),
        }
    };
    // The policy goes last: as long as the next one waits, what stands here is of the former log.
    for (name, is_followed) in [(SIGNED, false), (KEY, true), (POLICY, true)] {
        let waits = fs::exists(next.join(if is_followed { name } else { POLICY }))?;
        if waits {
            shift(folder.join(name), former.join(name))?;
        }
        if waits && is_followed {
            shift(next.join(name), folder.join(name))?;
        }
    }
    fs::File::open(folder)?.sync_all()?;
    fs::remove_dir_all(next).with_context(|| next.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_succeeds_a_log_that_was_rewritten_is_told_so() {
        let told = |is_rewritten| {
            words(&Succession {
                former: "city.example/journal".to_owned(),
                signed: 20,
                kept: 30,
                is_rewritten,
            })
        };
        assert!(told(true).contains("20 entries were signed for, and were REWRITTEN"), "{}", told(true));
        assert!(told(false).contains("20 entries were signed for, 30 are left"), "{}", told(false));
    }

    #[test]
    fn a_log_that_follows_another_has_the_next_number() {
        for (former, next) in [
            ("city.example/journal", "city.example/journal/2"),
            ("city.example/journal/2", "city.example/journal/3"),
            ("olzii/00ff/journal/9", "olzii/00ff/journal/10"),
            ("x", "x/2"),
        ] {
            assert_eq!(next_name(former), next);
        }
    }
}
