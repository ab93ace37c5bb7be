//! Cases that belong together, or to nobody: a second report of the same thing, a body that supports another, bodies that
//! give a case back until it is ruled on.

use anyhow::{Context, Result};
use domain::{
    case::{self, Case, Contact, Report, StepInput},
    organization,
};
use kernel::{Role, Timestamp};

use super::{Player, phone};

/// How far from the first reporter the second one stood, in degrees of latitude: some twenty metres.
const A_FEW_STEPS: f64 = 0.000_2;

impl Player {
    /// Somebody without an account reports the same thing again, and the desk merges the two.
    pub fn double(&mut self, case: &Case, now: Timestamp) -> Result<()> {
        let nobody = self.nobody(now);
        let contact = Contact {
            name: Some(self.words.any_name(&mut self.chance)),
            phone: Some(phone(&mut self.chance)),
        };
        let report = Report {
            id: nobody.id(),
            procedure: case.procedure.clone(),
            class: case.class.clone(),
            area: case.path.code().to_owned(),
            place: case.place.clone(),
            position: case.position.map(|(longitude, latitude)| (longitude, latitude + A_FEW_STEPS)),
            description: case.description.clone(),
            contact,
            photos: Vec::new(),
        };
        let (second, _) = case::report(&nobody, report)?;
        let desk =
            self.city.db.read(|tx| organization::holders(tx, &[Role::Acceptor], &case.path, now, 1))?;
        let desk = self.acting(*desk.first().context("no desk merges reports")?, now)?;
        let reason = self.words.note("merge", &mut self.chance);
        case::merge(&desk, second.id, case.id, Some(desk.id::<()>().uuid()), &reason)
            .with_context(|| format!("merging case {} into {}", second.number, case.number))?;
        Ok(())
    }

    /// One body after the other gives the case back, and a leader rules whose it is.
    pub fn pass_around(&mut self, case: &Case, now: Timestamp) -> Result<()> {
        let (mut case, mut at) = (case.clone(), now);
        loop {
            let transition = match case.stage.as_str() {
                "handle" => "return",
                "dispatch" => "dispatch",
                _ => "rule",
            };
            let moved = self.step(&case, transition, at)?;
            case = moved.with_context(|| format!("nobody may {transition} in {}", case.stage))?;
            if transition == "rule" {
                return Ok(());
            }
            at = at.plus_seconds(self.chance.seconds(600, 1_200));
        }
    }

    /// A dispatcher sends the case to the body whose it is, and names another that supports it.
    pub fn send_jointly(&mut self, case: &Case, now: Timestamp) -> Result<Case> {
        let roles = [Role::Dispatcher];
        let dispatcher = self.city.db.read(|tx| organization::holders(tx, &roles, &case.path, now, 1))?;
        let dispatcher = self.acting(*dispatcher.first().context("no dispatcher")?, now)?;
        let lead = self.handler(&dispatcher, case)?;
        let bodies = organization::for_dispatch(&dispatcher, &case.path)?;
        let supporting = bodies.iter().map(|it| it.id).find(|it| Some(*it) != lead);
        let input = StepInput {
            request: Some(dispatcher.id::<()>().uuid()),
            note: self.words.note("dispatch", &mut self.chance),
            organization: lead,
            supporting: supporting.into_iter().collect(),
            ..StepInput::default()
        };
        let sent = case::advance(&dispatcher, case.id, "dispatch", &input);
        Ok(sent.with_context(|| format!("sending case {} to two bodies", case.number))?.case)
    }
}
