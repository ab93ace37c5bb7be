//! `olzii api-key …`: the keys by which other systems report through Open311.

use anyhow::{Context, bail};
use clap::Subcommand;
use domain::{
    Ctx, Refusal,
    integration::{self, NewApiKey, PER_DAY_DEFAULT, PER_MINUTE_DEFAULT},
};
use kernel::Id;

use crate::{Place, data};

#[derive(Subcommand)]
pub enum ApiKeyCommand {
    /// Issue a key to another system. It is shown once.
    Create {
        #[command(flatten)]
        place: Place,
        /// The system that will hold it.
        #[arg(long, required_unless_present = "replaces", default_value = "", hide_default_value = true)]
        name: String,
        /// The key instead of which the same system will use it: what that filed, this may add to. It stays in force
        /// until it is revoked.
        #[arg(long, value_name = "ID")]
        replaces: Option<String>,
        /// Reports that it may make in a minute.
        #[arg(long, default_value_t = PER_MINUTE_DEFAULT)]
        per_minute: i64,
        /// Reports that it may make in a day.
        #[arg(long, default_value_t = PER_DAY_DEFAULT)]
        per_day: i64,
    },
    /// List all keys that were ever issued.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Take a key away.
    Revoke {
        /// As `list` shows it.
        id: String,
        #[command(flatten)]
        place: Place,
    },
}

pub fn run(command: ApiKeyCommand) -> anyhow::Result<()> {
    match command {
        ApiKeyCommand::Create { place, name, replaces, per_minute, per_day } => {
            let replaces = replaces.as_deref().map(parse).transpose()?;
            create(&place, &NewApiKey { name, replaces, per_minute, per_day })
        }
        ApiKeyCommand::List { place } => list(&place),
        ApiKeyCommand::Revoke { id, place } => revoke(&place, &id),
    }
}

fn create(place: &Place, new: &NewApiKey) -> anyhow::Result<()> {
    let ctx = Ctx::system(data::open(place)?);
    let (secret, key) = integration::issue(&ctx, new).map_err(|refusal| match refusal {
        Refusal::Invalid(faults) => {
            let fields: Vec<_> =
                faults.iter().map(|it| format!("--{}", it.field.replace('_', "-"))).collect();
            anyhow::anyhow!("{}: a name of one line, and numbers above 0", fields.join(", "))
        }
        Refusal::NotFound => anyhow::anyhow!("--replaces: there is no such key: see olzii api-key list"),
        Refusal::Conflict(_) => anyhow::anyhow!("there is no city yet: run olzii import areas first"),
        refusal => refusal.into(),
    })?;
    eprintln!("{} may report {} times a minute and {} times a day.", key.name, key.per_minute, key.per_day);
    eprintln!("Its id is {}; the key itself is not shown again:", key.id);
    println!("{secret}");
    Ok(())
}

fn list(place: &Place) -> anyhow::Result<()> {
    let ctx = Ctx::system(data::open(place)?);
    for it in integration::list(&ctx)? {
        let until = it.to.map_or_else(|| "in force".to_owned(), |to| format!("revoked {to}"));
        println!(
            "{}  {}  {until}  {}/minute  {}/day  {}",
            it.id, it.from, it.per_minute, it.per_day, it.name
        );
    }
    Ok(())
}

fn parse(id: &str) -> anyhow::Result<Id<kernel::ApiKey>> {
    id.parse().ok().with_context(|| format!("{id:?} is not the id of a key: see olzii api-key list"))
}

fn revoke(place: &Place, id: &str) -> anyhow::Result<()> {
    let ctx = Ctx::system(data::open(place)?);
    let id = parse(id)?;
    match integration::revoke(&ctx, id) {
        Ok(()) => Ok(()),
        Err(Refusal::NotFound) => bail!("no key {id} is in force: see olzii api-key list"),
        Err(refusal) => Err(refusal.into()),
    }
}
