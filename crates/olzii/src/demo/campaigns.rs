//! A campaign of the city that most villages and communities have answered: in time, late, with slips, or not at all.

use anyhow::{Context, Result};
use domain::{
    Ctx, area,
    campaign::{self, Audience, Campaign, DueBy, New},
    form::{self, Expected, Publication, Review, Sent, Terms},
    organization,
};
use kernel::{Role, Tier, Timestamp};
use policy::Actor;

use super::{chance::Chance, play::Player, territory::Community};

const FORM: &[u8] = include_bytes!("../../../../data/demo/winter-supply.xml");
const FILE: &str = "winter-supply.xml";
const FORM_ID: &str = "winter_supply";
/// Days before `now` at which it was sent, and at whose end it was due.
const SENT_DAYS: i64 = 12;
const DUE_DAYS: i64 = 1;
/// Days for which late records are taken.
const GRACE_DAYS: i64 = 30;
/// Shares of the units that have answered, of those that slipped, and of those whose township has accepted the answer.
const ANSWERED: f64 = 0.86;
const LATE: f64 = 0.06;
const SLIPPED: f64 = 0.05;
const ACCEPTED: f64 = 0.55;
const RETURNED: f64 = 0.03;
const DAY: i64 = 86_400;
/// What villages and communities ask of those above.
const NOTES: [&str; 6] = [
    "村西头路灯不亮三个月了，老人出门不便",
    "供热管网老化，２号楼室温不到16℃",
    "通村路结冰，缺一台清雪车",
    "独居老人取暖煤需要送到家",
    "自来水管冻裂，需要抢修队",
    "ＷＩＦＩ和手机信号差，通知发不到户",
];

/// Sends it, and has villages and communities answer it. The shown one finds it unanswered.
pub fn play(player: &Player, seed: u64, now: Timestamp) -> Result<()> {
    let chance = &mut Chance::new(seed, "campaigns");
    let city = &player.territory.city;
    let sent_at = now.plus_seconds(-SENT_DAYS * DAY);
    let system = |at| Ctx { actor: Actor::system(), ..player.nobody(at) };
    let publication = Publication {
        area: city.code.clone(),
        organization: None,
        file_name: FILE.into(),
        bytes: FORM.to_vec(),
        files: Vec::new(),
        terms: Terms::default(),
        reason: String::new(),
    };
    form::publish(&system(sent_at), &publication).context("the demo's form of a campaign is not sound")?;
    let holder =
        |role, path: &_, at| player.city.db.read(|tx| organization::holders(tx, &[role], path, at, 1));
    let commander = *holder(Role::Commander, &city.path, sent_at)?.first().context("a commander")?;
    let ctx = player.acting(commander, sent_at)?;
    let new = New {
        id: ctx.id(),
        form_id: FORM_ID.into(),
        is_fixed: false,
        title: "冬季保供摸底".into(),
        period: "2026—2027 年采暖季".into(),
        area: city.code.clone(),
        audience: Audience::Areas { tier: Tier::Community, kind: None },
        starts: None,
        due: now.plus_seconds(-DUE_DAYS * DAY).civil().date(),
        due_by: DueBy::Day,
        grace_days: GRACE_DAYS,
    };
    let it = campaign::send(&ctx, &new)?;
    campaign::tick(&system(sent_at))?;
    let shown = player.territory.shown_community()?.code.clone();
    for community in player.territory.communities.iter().filter(|it| it.code != shown) {
        if chance.happens(ANSWERED) {
            answer(player, &it, community, chance, now)?;
        }
    }
    Ok(())
}

fn answer(
    player: &Player,
    it: &Campaign,
    community: &Community,
    chance: &mut Chance,
    now: Timestamp,
) -> Result<()> {
    let late = now.seconds_since(it.due).max(1);
    let at = match chance.happens(LATE) {
        true => it.due.plus_seconds(chance.seconds(1, late)),
        false => it.sent_at.plus_seconds(chance.seconds(3_600, it.due.seconds_since(it.sent_at))),
    };
    let Some((record, instance)) = send(player, community, chance, at)? else { return Ok(()) };
    // The township looks at what is valid.
    if record.state != form::Judged::Valid || at.plus_seconds(DAY) > now {
        return Ok(());
    }
    let review = match chance.fraction() {
        part if part < ACCEPTED => Review::Approved,
        part if part < ACCEPTED + RETURNED => Review::HasIssues,
        _ => return Ok(()),
    };
    let township = community.path.parent().context("a township")?;
    let leaders = player.city.db.read(|tx| organization::holders(tx, &[Role::Leader], &township, at, 1))?;
    let Some(leader) = leaders.first() else { return Ok(()) };
    let ctx = player.acting(*leader, at.plus_seconds(DAY))?;
    let grounds = if review == Review::HasIssues {
        "独居老人户数与上月台账相差较大，请核对"
    } else {
        ""
    };
    form::judge(&ctx, FORM_ID, (&instance, 1), review, grounds)?;
    Ok(())
}

/// The answer of a community by whoever serves it; none where nobody does.
pub fn send(
    player: &Player,
    community: &Community,
    chance: &mut Chance,
    at: Timestamp,
) -> Result<Option<(form::Receipt, String)>> {
    let workers = player
        .city
        .db
        .read(|tx| organization::holders(tx, &[Role::GridSupervisor], &community.path, at, 1))?;
    let Some(worker) = workers.first() else { return Ok(None) };
    let ctx = player.acting(*worker, at)?;
    let place = ctx.read(|tx| area::place(tx, &community.code))?.context("a community")?;
    let Some((campaign, unit)) = asking(&ctx, place.id.uuid())? else { return Ok(None) };
    let instance = format!("uuid:{}", ctx.id::<()>().uuid());
    let households = 150 + chance.below(900) as i64;
    let alone = if chance.happens(SLIPPED) {
        households + 12
    } else {
        households * (3 + chance.below(9) as i64) / 100
    };
    let heating = if community.urban { "central" } else { *chance.pick(&["coal", "coal", "electric"]) };
    let tons = if heating == "coal" {
        format!("<coal_tons>{}</coal_tons>", chance.below(60) * 5)
    } else {
        String::new()
    };
    let note = note(&community.code);
    let plough = if chance.happens(0.8) { "yes" } else { "no" };
    let xml = format!(
        "<data id=\"{FORM_ID}\" version=\"2026\"><base><households>{households}</households><alone>{alone}</alone>\
         <heating>{heating}</heating>{tons}</base><roads><plough>{plough}</plough>{note}</roads>\
         <meta><instanceID>{instance}</instanceID><instanceName>{}</instanceName></meta></data>",
        community.short
    );
    let seconds = Some(120 + households % 480);
    let sent = Sent { xml: xml.into_bytes(), seconds, ..Sent::default() };
    let asked = campaign::Asked { campaign, unit, finished_at: None };
    let receipt = form::submit(&ctx, &sent, Expected::Asked(&asked))
        .map_err(|rejection| anyhow::anyhow!("{}: {rejection}", community.code))?;
    Ok(Some((receipt, instance)))
}

/// What some communities write of their own, by their code, so that nothing else of the demo depends on it.
fn note(code: &str) -> String {
    let number: usize = code.bytes().map(usize::from).sum();
    let code: usize = code.parse().unwrap_or_default();
    match number % 4 {
        0 => format!("<note>{}</note>", NOTES[code % NOTES.len()]),
        _ => String::new(),
    }
}

/// The campaign that asks a unit, if it has not answered.
fn asking(ctx: &Ctx, unit: uuid::Uuid) -> Result<Option<(kernel::Id<kernel::Campaign>, uuid::Uuid)>> {
    let mine = campaign::mine(ctx)?;
    let found =
        mine.iter().find(|it| it.form_id == FORM_ID && it.unit.id == unit && it.unit.record.is_none());
    Ok(found.map(|it| (it.campaign.id, it.unit.id)))
}
