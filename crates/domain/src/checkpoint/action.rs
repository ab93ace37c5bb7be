use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use kernel::{Checkpoint as CheckpointName, CheckpointDevice, Id};
use policy::{Action, Resource};
use store::Tx;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::{
    model::{Checkpoint, DAYS_MAX, DEVICES_EVER_MAX, DEVICES_MAX, Device, New},
    store as rows,
};
use crate::{
    City, Ctx, Faults, Message, Refusal, area,
    journal::{self, Entry, SubjectKind},
    pass, text,
};

const DAY_SECONDS: i64 = 24 * 3600;

/// Opens a checkpoint until a moment. The same again is the same.
pub fn open(ctx: &Ctx, new: &New) -> Result<Checkpoint, Refusal> {
    ctx.person()?;
    ctx.write(|tx| {
        let mut faults = Faults::default();
        let name = text::line(&mut faults, "name", &new.name);
        let name = text::required(&mut faults, "name", name);
        let place = area::place(tx, new.area.trim())?;
        let place = place.ok_or_else(|| Refusal::invalid("area", Message::new("fault-area")))?;
        ctx.must(Action::CheckpointAdminister, Resource::Area { path: &place.path })?;
        if let Some(known) = rows::by_id(tx, new.id)? {
            let is_same = known.area == place.id
                && known.name == name
                && (known.regime, known.place, known.ends_at) == (new.regime, new.place, new.ends_at);
            return if is_same { Ok(known) } else { Err(Refusal::conflict("conflict-checkpoint-id")) };
        }
        // As the order itself says: whoever asks is not believed about it.
        let regime = pass::in_force(tx, new.regime)?.filter(|it| ctx.now < it.end);
        let regime = regime.filter(|it| usize::from(new.place) < it.scopes.len());
        let last = ctx.now.plus_seconds(DAYS_MAX * DAY_SECONDS);
        if regime.is_none() {
            faults.add("kind", Message::new("fault-choice"));
        }
        if new.ends_at <= ctx.now || new.ends_at > regime.map_or(last, |it| last.min(it.end)) {
            faults.add("ends_at", Message::new("fault-checkpoint-end").with("days", DAYS_MAX));
        }
        faults.check()?;
        let checkpoint = Checkpoint {
            id: new.id,
            county: place.county,
            area: place.id,
            path: place.path,
            name: name.clone(),
            regime: new.regime,
            place: new.place,
            organization: ctx.office().1,
            opened_at: ctx.now,
            ends_at: new.ends_at,
            closed_at: None,
        };
        rows::insert(tx, &checkpoint)?;
        record(tx, ctx, "checkpoint.open", &checkpoint, None)?;
        Ok(checkpoint)
    })
}

/// Closes it before its end. What its devices counted until then is still taken.
pub fn close(ctx: &Ctx, id: Id<CheckpointName>) -> Result<Checkpoint, Refusal> {
    ctx.write(|tx| {
        let checkpoint = administered(tx, ctx, id)?;
        if !checkpoint.is_open(ctx.now) {
            return Ok(checkpoint);
        }
        rows::close(tx, &checkpoint, ctx.now)?;
        record(tx, ctx, "checkpoint.close", &checkpoint, None)?;
        Ok(Checkpoint { closed_at: Some(ctx.now), ..checkpoint })
    })
}

/// A further device of a checkpoint that stands.
pub fn add_device(ctx: &Ctx, id: Id<CheckpointName>) -> Result<Device, Refusal> {
    ctx.write(|tx| {
        let checkpoint = administered(tx, ctx, id)?;
        must_stand(&checkpoint, ctx)?;
        let known = rows::devices(tx, &checkpoint)?;
        // A phone that is lost gives its place to another; a gate that loses a thousand has another trouble.
        if known.iter().filter(|it| it.ended_at.is_none()).count() >= DEVICES_MAX {
            let most = Message::new("conflict-checkpoint-devices").with("max", DEVICES_MAX);
            return Err(Refusal::Conflict(most));
        }
        if known.len() >= DEVICES_EVER_MAX {
            let most = Message::new("conflict-checkpoint-devices-ever").with("max", DEVICES_EVER_MAX);
            return Err(Refusal::Conflict(most));
        }
        let device = Device {
            id: ctx.id(),
            county: checkpoint.county,
            checkpoint: id,
            number: known.iter().map(|it| it.number).max().unwrap_or(0) + 1,
            added_at: ctx.now,
            heard_at: None,
            ended_at: None,
        };
        rows::insert_device(tx, &device)?;
        record(tx, ctx, "checkpoint.add_device", &checkpoint, Some(&device))?;
        Ok(device)
    })
}

/// Takes a device's link away, as when it is lost. What it counted until then is taken for some days more.
pub fn end_device(ctx: &Ctx, id: Id<CheckpointName>, number: i64) -> Result<(), Refusal> {
    ctx.write(|tx| {
        let checkpoint = administered(tx, ctx, id)?;
        let device = rows::devices(tx, &checkpoint)?.into_iter().find(|it| it.number == number);
        let device = device.ok_or(Refusal::NotFound)?;
        if device.ended_at.is_some() {
            return Ok(());
        }
        rows::end_device(tx, &device, ctx.now)?;
        record(tx, ctx, "checkpoint.end_device", &checkpoint, Some(&device))
    })
}

pub(super) fn must_stand(checkpoint: &Checkpoint, ctx: &Ctx) -> Result<(), Refusal> {
    if checkpoint.is_open(ctx.now) { Ok(()) } else { Err(Refusal::conflict("conflict-checkpoint-closed")) }
}

/// The checkpoint, for those who may see it and administer it.
fn administered(tx: &mut Tx<'_>, ctx: &Ctx, id: Id<CheckpointName>) -> Result<Checkpoint, Refusal> {
    let checkpoint = visible(tx, ctx, id)?;
    ctx.must(Action::CheckpointAdminister, Resource::Area { path: &checkpoint.path })?;
    Ok(checkpoint)
}

pub(super) fn visible(tx: &mut Tx<'_>, ctx: &Ctx, id: Id<CheckpointName>) -> Result<Checkpoint, Refusal> {
    ctx.person()?;
    let checkpoint = rows::by_id(tx, id)?.ok_or(Refusal::NotFound)?;
    ctx.must_see(Action::CheckpointRead, Resource::Area { path: &checkpoint.path })?;
    Ok(checkpoint)
}

fn record(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    action: &str,
    checkpoint: &Checkpoint,
    device: Option<&Device>,
) -> Result<(), Refusal> {
    let entry = Entry::new(checkpoint.county, action, SubjectKind::Checkpoint, checkpoint.id.uuid())
        .with("regime", checkpoint.regime);
    let entry = match device {
        Some(device) => entry.with("device", device.number),
        None => entry.with("ends_at", checkpoint.ends_at),
    };
    journal::record(tx, ctx, &entry)
}

/// What the link of a device ends in: its id and a seal over it under the city's key. Nothing secret is stored.
pub fn device_token(city: &City, device: Id<CheckpointDevice>) -> String {
    let bytes = [device.uuid().as_bytes().as_slice(), seal(city, device).as_bytes()].concat();
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The device whose token it is; one that is not ours is `NotFound`.
pub(super) fn device_of(city: &City, token: &str) -> Result<Id<CheckpointDevice>, Refusal> {
    let bytes = (token.len() <= 64).then(|| BASE64_URL_SAFE_NO_PAD.decode(token).ok()).flatten();
    let bytes = bytes.ok_or(Refusal::NotFound)?;
    let (id, sent) = bytes.split_at_checked(16).ok_or(Refusal::NotFound)?;
    let device = Id::from_uuid(Uuid::from_slice(id).map_err(|_| Refusal::NotFound)?);
    if bool::from(sent.ct_eq(seal(city, device).as_bytes())) { Ok(device) } else { Err(Refusal::NotFound) }
}

fn seal(city: &City, device: Id<CheckpointDevice>) -> Uuid {
    city.derived_id::<CheckpointDevice>("olzii checkpoint device 1", &[device.uuid().as_bytes()]).uuid()
}
