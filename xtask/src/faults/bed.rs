//! A copy of the base city that a fault may break, and the record of what was done to it.

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use super::{
    Ground,
    audit::{self, Cases, Findings},
    chance::Chance,
    client::Report,
    disk::Disk,
    ledger::Ledger,
    postmaster::{Cluster, Postmaster},
    server::{Place, Program, Server, copy_folder},
    table::Row,
    writers::{Target, WRITERS, Writers},
};
use crate::postgres;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// A demo city at rest: what every bed is a copy of.
pub struct Base {
    /// Holds `data` and, for PostgreSQL, `cluster`.
    pub folder: std::path::PathBuf,
    pub token: String,
    pub area: String,
    /// Cases of the reporter from before.
    pub before: Cases,
}

/// The copy under fault.
pub struct Bed<'a> {
    pub place: Place,
    pub row: Row,
    pub chance: Chance,
    program: &'a Program,
    base: &'a Base,
    cluster: Option<Cluster>,
    postmaster: Option<Postmaster>,
    ledger: Arc<Ledger>,
    found: Findings,
    report: fn(String) -> Report,
    started: Instant,
}

impl<'a> Bed<'a> {
    /// Copies the base city to `folder`, which may lie on a disk of its own, and starts its PostgreSQL, if any.
    /// A control's PostgreSQL syncs nothing when `flushes` is false.
    pub fn make(
        ground: &'a Ground,
        fault: &'static str,
        engine: Engine,
        folder: &Path,
        control: bool,
    ) -> Result<Self> {
        let base = ground.base(engine)?;
        copy_folder(&base.folder.join("data"), &folder.join("data"))?;
        let kind = if control { "control" } else { "run" };
        let name = format!("{fault}-{}-{kind}", engine.name());
        let cluster = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => {
                let cluster = folder.join("cluster");
                copy_folder(&base.folder.join("cluster"), &cluster)?;
                let log = ground.work.join(format!("{name}-postgresql.log"));
                Some(Cluster { folder: cluster, log, port: postgres::free_port()? })
            }
        };
        let place = Place { data: folder.join("data"), database: cluster.as_ref().map(Cluster::url) };
        let row = Row {
            fault,
            engine: engine.name(),
            control,
            cycles: 0,
            attempted: 0,
            acknowledged: 0,
            sent_again: 0,
            lost: 0,
            invented: 0,
            twice: 0,
            wrong: Vec::new(),
            took: Duration::ZERO,
            note: String::new(),
        };
        Ok(Self {
            place,
            row,
            chance: Chance::new(ground.seed, &name),
            program: &ground.program,
            base,
            cluster,
            postmaster: None,
            ledger: Arc::new(Ledger::make(&ground.work, &name)?),
            found: Findings::default(),
            report: Report::with_some_photos,
            started: Instant::now(),
        })
    }

    /// From now on no report has a photo.
    pub fn without_photos(mut self) -> Self {
        self.report = Report::new;
        self
    }

    /// Starts the bed's PostgreSQL, if it has one.
    pub fn start_database(&mut self, flushes: bool) -> Result<()> {
        if let Some(cluster) = &self.cluster {
            self.postmaster = Some(cluster.start(flushes)?);
        }
        Ok(())
    }

    /// Kill -9 of the bed's PostgreSQL, if it has one.
    pub fn kill_database(&mut self) -> Result<()> {
        self.postmaster.take().map_or(Ok(()), Postmaster::kill)
    }

    pub fn serve(&self) -> Result<Server> {
        self.program.serve(&self.place, &[])
    }

    /// Serves through the program `wrapper`, which traces or spoils its system calls.
    pub fn serve_through(&self, wrapper: &[String]) -> Result<Server> {
        self.program.serve(&self.place, wrapper)
    }

    pub fn target(&self, base: &str) -> Target {
        let Base { token, area, .. } = self.base;
        Target { base: base.to_owned(), token: token.clone(), area: area.clone(), report: self.report }
    }

    /// Eight writers at `base`.
    pub fn write(&mut self, base: &str) -> Writers {
        Writers::start(&self.target(base), &self.ledger, &mut self.chance, WRITERS)
    }

    /// Lets the writers work until a number of acknowledgements of `few..=many`, and a moment longer: the seed
    /// chooses both, so that the fault meets the server in any state.
    pub fn let_write(&mut self, writers: &Writers, few: u64, many: u64) -> Result<()> {
        const LIMIT: Duration = Duration::from_secs(30);
        let (count, moment) = (self.chance.between(few, many), self.chance.between(0, 5_000));
        let came = writers.wait_for(count, LIMIT);
        anyhow::ensure!(came, "{} of {count} reports were acknowledged in {LIMIT:?}", writers.acknowledged());
        std::thread::sleep(Duration::from_micros(moment));
        Ok(())
    }

    /// Cuts the power of `disk` under the server. Returns the moment at which it was gone.
    pub fn cut_power(&self, disk: &Disk) -> Result<Instant> {
        self.ledger.shut();
        disk.cut_power()?;
        Ok(Instant::now())
    }

    /// After the disk has power again and nobody writes: what is answered counts.
    pub fn power_is_back(&self) {
        self.ledger.open();
    }

    /// Answers that came while the power went, and count for nothing.
    pub fn late(&self) -> usize {
        self.ledger.late()
    }

    /// Whether an audit found something acknowledged to be gone.
    pub fn has_lost(&self) -> bool {
        !self.found.lost.is_empty()
    }

    /// Asks `server` for everything and compares. Returns whether it is as promised.
    pub fn audit(&mut self, server: &Server) -> Result<bool> {
        let client = server.client(&self.base.token);
        let findings = audit::audit(&client, &self.ledger, &self.base.before).context("the audit")?;
        let clean = findings.is_clean();
        if !clean {
            self.row.wrong.push(format!("cycle {}: {}", self.row.cycles, findings.examples()));
        }
        self.found.add(findings);
        Ok(clean)
    }

    /// Sends again what was sent and never acknowledged, as a client would; whatever became of it, it must end as
    /// one case.
    pub fn send_again(&mut self, server: &Server) -> Result<()> {
        let client = server.client(&self.base.token);
        let acknowledged = self.ledger.acknowledged()?;
        for id in self.ledger.attempted()?.difference(&acknowledged) {
            let answer = client.report(&self.base.area, &(self.report)(id.clone()))?;
            match answer.is_good() {
                true => {
                    self.ledger.acknowledge(id)?;
                    self.row.sent_again += 1;
                }
                false => self.row.wrong.push(format!("{id} sent again: {} {}", answer.status, answer.body)),
            }
        }
        Ok(())
    }

    /// What `olzii doctor` says, `PRAGMA integrity_check` among it. No server may run.
    pub fn ask_doctor(&mut self) -> Result<()> {
        let found = self.program.doctor(&self.place)?;
        self.row.wrong.extend(found);
        Ok(())
    }

    /// The figures, with a note.
    pub fn close(mut self, note: impl Into<String>) -> Result<Row> {
        self.row.attempted = self.ledger.attempted()?.len();
        self.row.acknowledged = self.ledger.acknowledged()?.len() - self.row.sent_again;
        self.row.lost += self.found.lost.len();
        self.row.invented += self.found.invented.len();
        self.row.twice += self.found.twice.len();
        self.row.took = self.started.elapsed();
        self.row.note = note.into();
        self.kill_database()?;
        Ok(self.row)
    }
}

/// Builds the demo city of `engine` in `folder`.
pub fn build_base(program: &Program, engine: Engine, folder: &Path) -> Result<Base> {
    fs::create_dir_all(folder)?;
    let mut place = Place::sqlite(folder.join("data"));
    let mut postmaster = None;
    if engine == Engine::Postgres {
        let log = program.log.with_extension("postgresql.log");
        let cluster = Cluster { folder: folder.join("cluster"), log, port: postgres::free_port()? };
        postmaster = Some(cluster.initialize()?);
        place.database = Some(cluster.url());
    }
    let base = program.build_city(&place, |base, logins| {
        let name = logins.logins.get("resident").context("the demo has no login for a resident")?;
        let token = super::client::Client::sign_in(base, name, &logins.password)?;
        let client = super::client::Client::new(base, &token);
        let (area, before) = (client.community()?, client.cases()?);
        Ok(Base { folder: folder.to_owned(), token, area, before })
    })?;
    postmaster.map_or(Ok(()), Postmaster::end)?;
    Ok(base)
}
