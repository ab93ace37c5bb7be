//! Plays the people of the city: reports cases and moves them on, through the rooms' public functions
//! and with no more rights than whoever is played has at that moment.

mod beside;

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    sync::Arc,
};

use anyhow::{Context, Result};
use domain::{
    City, Ctx, Refusal, SignedIn,
    case::{self, Case, Contact, Report, Source, StepInput, StoredPhoto, Transition},
    organization::{self, Organization, OrganizationKind},
    supervision::{self, Kind, New, Step},
};
use kernel::{Area, Id, Person, Role, Tier, Timestamp};
use parking_lot::Mutex;
use policy::{Actor, Appointment, Relation};
use uuid::Uuid;

use super::{
    chance::Chance,
    picture::{self, Scene},
    place::Places,
    territory::{Community, Grid, Territory},
    words::{Story, Words, phone},
};

/// What is ordered from above, whatever its class.
const ORDERED: &str = "emergency-task";
/// How often each of a stage's transitions is taken; those not named here are taken when nothing else is.
const LIKELY: [(&str, f64); 30] = [
    ("verify", 0.9),
    ("refute", 0.1),
    ("register", 0.8),
    ("void", 0.17),
    ("ask_again", 0.03),
    ("feed_back", 0.8),
    ("return", 0.2),
    ("accept", 0.92),
    ("rework", 0.08),
    ("close", 0.92),
    ("fail", 0.08),
    ("rate", 0.94),
    ("accept_request", 0.92),
    ("contact", 0.9),
    ("contact_by_desk", 0.06),
    ("accept_reply", 0.92),
    ("call_back", 0.85),
    ("redo", 0.08),
    ("unanswered", 0.04),
    ("grade", 0.92),
    ("order", 0.7),
    ("order_at_once", 0.3),
    ("assign", 0.95),
    ("confirm", 0.9),
    ("conclude", 0.9),
    ("carry_on", 0.1),
    ("reply", 1.0),
    ("rectified", 1.0),
    ("enforced", 1.0),
    ("report_back", 1.0),
];
/// People asked for a step, nearest first.
const CANDIDATES: i64 = 6;
/// Different drawings of one scene.
const DRAWINGS: usize = 6;

/// JPEGs by scene, whether it is mended, and number.
type Drawings = HashMap<(Scene, bool, usize), Vec<u8>>;

pub struct Player {
    pub city: Arc<City>,
    pub territory: Arc<Territory>,
    pub chance: Chance,
    words: Arc<Words>,
    places: Arc<Places>,
    /// The name of the body of each class.
    departments: Arc<BTreeMap<String, String>>,
    drawings: Arc<Mutex<Drawings>>,
}

/// Who reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Anonymous,
    Resident(Id<Person>),
    GridWorker,
    Desk,
    /// A leader, who orders an emergency task.
    Leader,
}

impl Player {
    pub fn new(city: Arc<City>, seed: u64, name: &str, territory: Territory, words: Words) -> Result<Self> {
        let places = Places::read(seed, &territory)?;
        let departments = words.department_of_class();
        let departments =
            departments.into_iter().map(|(class, name)| (class.to_owned(), name.to_owned())).collect();
        Ok(Self {
            city,
            territory: Arc::new(territory),
            chance: Chance::new(seed, name),
            words: Arc::new(words),
            places: Arc::new(places),
            departments: Arc::new(departments),
            drawings: Arc::default(),
        })
    }

    /// Another who plays by `chance`, and shares all else.
    pub fn with_chance(&self, chance: Chance) -> Self {
        Self {
            city: self.city.clone(),
            territory: self.territory.clone(),
            chance,
            words: self.words.clone(),
            places: self.places.clone(),
            departments: self.departments.clone(),
            drawings: self.drawings.clone(),
        }
    }

    /// Reports a case in a grid, by its community's and its own place in the plan; of a class, or of any that fits.
    pub fn report(
        &mut self,
        now: Timestamp,
        spot: (usize, usize),
        by: By,
        class: Option<&str>,
    ) -> Result<Case> {
        let words = self.words.clone();
        let (story, text, place) = self.story(&words, spot, class);
        let (class, scene) = (story.class.clone(), story.scene);
        let (_, grid) = self.at(spot)?;
        let (code, path) = (grid.code.clone(), grid.path.clone());
        let place = format!("{}{place}", grid.street);
        let holder = |roles: &[Role]| {
            let found = self.city.db.read(|tx| organization::holders(tx, roles, &path, now, 1))?;
            found.first().copied().with_context(|| format!("nobody at {code} can report"))
        };
        let ctx = match by {
            By::Anonymous => self.nobody(now),
            By::Resident(person) => self.acting(person, now)?,
            By::GridWorker => self.acting(holder(&[Role::GridLeader])?, now)?,
            By::Desk => self.acting(holder(&[Role::Acceptor])?, now)?,
            By::Leader => self.acting(holder(&[Role::Leader])?, now)?,
        };
        let procedure = match by {
            By::Leader => ORDERED,
            _ => self.city.procedures.of_class(&self.city.classes, &class),
        };
        let procedure = procedure.to_owned();
        let contact = match by {
            By::Anonymous | By::Desk if self.chance.happens(0.7) => Contact {
                name: Some(self.words.any_name(&mut self.chance)),
                phone: Some(phone(&mut self.chance)),
            },
            _ => Contact::default(),
        };
        let pictured = by != By::Desk && self.chance.happens(0.7);
        let photos = if pictured { vec![self.photo(&ctx, scene, false)?] } else { Vec::new() };
        let position =
            if self.chance.happens(0.9) { self.places.near(&code, &mut self.chance) } else { None };
        let report = Report {
            id: ctx.id(),
            procedure,
            class,
            area: code,
            place,
            position,
            description: text,
            contact,
            photos,
        };
        Ok(case::report(&ctx, report)?.0)
    }

    fn at(&self, (community, grid): (usize, usize)) -> Result<(&Community, &Grid)> {
        let community = self.territory.communities.get(community).context("no such community in the plan")?;
        Ok((community, community.grids.get(grid).context("no such grid in the plan")?))
    }

    /// Something that is reported in such a place: the story, what is said, and where in the street.
    fn story<'a>(
        &mut self,
        words: &'a Words,
        (community, _): (usize, usize),
        class: Option<&str>,
    ) -> (&'a Story, String, String) {
        let urban = self.territory.communities.get(community).is_some_and(|it| it.urban);
        let of_fields = !urban && self.chance.happens(0.5);
        let fits = |it: &&Story| match class {
            Some(class) => it.class == class,
            None => (it.scene == Scene::Field) == of_fields,
        };
        let fitting: Vec<&Story> = words.stories.iter().filter(fits).collect();
        let story = *self.chance.pick(&fitting);
        let text = self.chance.pick(&story.texts).clone();
        let place = self.chance.pick(&story.places).clone();
        (story, text, place)
    }

    /// A transition that may come next, the clock's own left out.
    pub fn next(&mut self, case: &Case) -> Option<String> {
        let stage = self.city.procedures.get(&case.procedure)?.stage(&case.stage)?;
        let likely = |it: &Transition| LIKELY.iter().find(|(id, _)| *id == it.id).map(|(_, share)| *share);
        let doubtful = case.stage == "register" && case.source == Source::Public;
        let mut draw = self.chance.fraction();
        let open = stage.transitions.iter().filter(|it| !it.is_automatic() && stage.opener(it).is_none());
        let mut last = None;
        for transition in open {
            // What was not found on site is seldom filed.
            let share = if doubtful { 1.0 / 3.0 } else { likely(transition).unwrap_or(1.0) };
            last = Some(transition.id.clone());
            if draw < share {
                break;
            }
            draw -= share;
        }
        last
    }

    /// Takes a transition by the first of those near the case who may. `None` when nobody may.
    pub fn step(&mut self, case: &Case, transition: &str, now: Timestamp) -> Result<Option<Case>> {
        let city = self.city.clone();
        let stage = city.procedures.get(&case.procedure).and_then(|it| it.stage(&case.stage));
        let Some(transition) = stage.and_then(|it| it.transition(transition)) else { return Ok(None) };
        let actors = self.actors(case, transition, now)?;
        let Some(first) = actors.first() else { return Ok(None) };
        let input = self.input(first, case, transition)?;
        for ctx in &actors {
            match case::advance(ctx, case.id, &transition.id, &input) {
                Ok(record) => return Ok(Some(record.case)),
                Err(Refusal::Denied | Refusal::NotFound | Refusal::SignIn) => {}
                // It is too late to give it back: they do it. Or that was done as often as it may be: what then opens is left.
                Err(Refusal::Conflict(message)) => {
                    let usual =
                        stage.and_then(|it| it.transitions.first()).filter(|it| it.id != transition.id);
                    let next = match message.id {
                        "conflict-return-window" => usual.map(|it| &it.id),
                        _ => transition.then.as_ref(),
                    };
                    let Some(next) = next else { return Ok(None) };
                    return self.step(case, next, now);
                }
                Err(refusal) => {
                    return Err(refusal)
                        .with_context(|| format!("{} of case {}", transition.id, case.number));
                }
            }
        }
        Ok(None)
    }

    /// A leader near the case has those who have it reply about it; by these shares they do, and that is accepted.
    pub fn supervise(
        &mut self,
        case: &Case,
        now: Timestamp,
        until: Timestamp,
        shares: [f64; 2],
    ) -> Result<()> {
        let db = &self.city.db;
        let leaders =
            db.read(|tx| organization::holders(tx, &[Role::Leader], &case.path, now, CANDIDATES))?;
        let Some(leader) = leaders.first() else { return Ok(()) };
        let leader = self.acting(*leader, now)?;
        let words = self.words.clone();
        let tier = leader.actor.appointments.iter().filter_map(|it| Tier::of_code(it.area.code())).min();
        let levels = self.city.supervision.levels.iter().filter(|it| tier <= Some(it.tier));
        let level = self.chance.pick_common(&levels.collect::<Vec<_>>()).id.clone();
        let requirement = words.of_supervision("requirement", &mut self.chance);
        let new = New { id: leader.id(), case: case.id, kind: Kind::Overdue, level, requirement };
        let order = match supervision::order(&leader, &new) {
            Ok(order) => order,
            // What nobody has to do anything about now, or those who have to are the leader's own.
            Err(Refusal::Denied | Refusal::Conflict(_)) => return Ok(()),
            Err(refusal) => {
                return Err(refusal).with_context(|| format!("supervision of case {}", case.number));
            }
        };
        let mut at = now;
        for (step, share) in [Step::Reply, Step::Accept].into_iter().zip(shares) {
            at = at.plus_seconds(self.chance.seconds(3_600, 12 * 3_600));
            if at >= until || !self.chance.happens(share) {
                return Ok(());
            }
            let person = match step {
                Step::Reply => {
                    self.city.db.read(|tx| organization::handlers_of(tx, order.organization, at, 1))?
                }
                _ => leaders.clone(),
            };
            let Some(person) = person.first() else { return Ok(()) };
            let ctx = self.acting(*person, at)?;
            let note = words.of_supervision(step.as_str(), &mut self.chance);
            let request = Some(ctx.id::<()>().uuid());
            supervision::advance(&ctx, order.id, step, request, &note)
                .with_context(|| format!("{} of supervision of case {}", step.as_str(), case.number))?;
        }
        Ok(())
    }

    /// Those near the case who have the post for it.
    fn actors(&mut self, case: &Case, transition: &Transition, now: Timestamp) -> Result<Vec<Ctx>> {
        let roles =
            match transition.advance.checks && transition.advance.roles.contains(&Role::GridSupervisor) {
                // A community's supervisor checks; the workers of the grid itself look at what is new.
                true => &[Role::GridSupervisor, Role::Acceptor][..],
                false => &transition.advance.roles,
            };
        let db = &self.city.db;
        let mut people = match (transition.advance.relation, case.owner) {
            (Relation::System, _) => return Ok(vec![Ctx { actor: Actor::system(), ..self.nobody(now) }]),
            (Relation::Reporter, _) => match case.reporter {
                Some(person) => vec![person],
                None => return Ok(vec![Ctx { actor: Actor::follower(case.id), ..self.nobody(now) }]),
            },
            (Relation::Owner, Some(owner)) => {
                db.read(|tx| organization::handlers_of(tx, owner, now, CANDIDATES))?
            }
            (Relation::Owner, None) => Vec::new(),
            (Relation::Area, _) => {
                db.read(|tx| organization::holders(tx, roles, &case.path, now, CANDIDATES))?
            }
        };
        if people.len() > 1 && self.chance.happens(0.4) {
            people.rotate_left(1);
        }
        people.into_iter().map(|person| self.acting(person, now)).collect()
    }

    /// All that the transition asks for.
    fn input(&mut self, ctx: &Ctx, case: &Case, transition: &Transition) -> Result<StepInput> {
        let asks = &transition.asks;
        let scene =
            self.words.stories.iter().find(|it| it.class == case.class).map_or(Scene::Road, |it| it.scene);
        let mended = ["feed_back", "close", "rectified", "enforced", "report_back", "confirm"];
        let mended = mended.contains(&transition.id.as_str());
        let photos = (0..asks.photos).map(|_| self.photo(ctx, scene, mended)).collect::<Result<_>>()?;
        let city = self.city.clone();
        let procedure = city.procedures.get(&case.procedure);
        let grounds = asks.ground.as_ref().and_then(|list| procedure?.grounds.get(list));
        Ok(StepInput {
            request: Some(ctx.id::<()>().uuid()),
            note: self.words.note(&transition.id, &mut self.chance),
            photos,
            organization: if asks.organization { self.handler(ctx, case)? } else { None },
            supporting: Vec::new(),
            class: None,
            ground: grounds.map(|grounds| self.chance.pick(grounds).id.clone()),
            finding: asks.findings.first().cloned(),
            rating: asks.rating.then(|| *self.chance.pick_common(&[5, 4, 5, 4, 3, 2, 1])),
            solved: asks.rating.then(|| self.chance.happens(0.9)),
        })
    }

    /// The body whose it is by the case's class; mostly another one when a body has returned it, and now and
    /// then the property manager, for what may lie inside a compound.
    fn handler(&mut self, ctx: &Ctx, case: &Case) -> Result<Option<Id<kernel::Organization>>> {
        let bodies = organization::for_dispatch(ctx, &case.path)?;
        let due = self.departments.get(&case.class);
        let is_due = |it: &&Organization| due.is_some_and(|due| it.name.ends_with(due.as_str()));
        let near = bodies.iter().find(|it| it.kind == OrganizationKind::PropertyManager);
        let is_of = |major: &[&str]| major.iter().any(|it| case.class.starts_with(it));
        // What a compound's manager has to mend is theirs at first.
        let is_theirs = is_of(&["p1"]) && case.returns == 0;
        let may_be_theirs = is_of(&["c1", "c3", "c4"]);
        let body = match near.filter(|_| is_theirs || (may_be_theirs && self.chance.happens(0.15))) {
            Some(near) => Some(near),
            None if case.returns > 0 && self.chance.happens(0.7) => {
                bodies.iter().find(|it| Some(it.id) != case.owner)
            }
            None => bodies.iter().find(is_due).or(bodies.first()),
        };
        Ok(body.map(|it| it.id))
    }

    fn photo(&mut self, ctx: &Ctx, scene: Scene, mended: bool) -> Result<StoredPhoto> {
        let variant = self.chance.below(DRAWINGS);
        let drawing = match self.drawings.lock().entry((scene, mended, variant)) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(unknown) => {
                let chance = &mut Chance::of(variant as u64, "pictures", scene as usize);
                unknown.insert(picture::draw(scene, mended, chance)?).clone()
            }
        };
        Ok(case::store_photo(ctx, &drawing)?)
    }

    pub fn nobody(&self, now: Timestamp) -> Ctx {
        Ctx { city: self.city.clone(), actor: Actor::anonymous(), signed_in: None, now }
    }

    /// A person with the posts that they hold at `now`, as if they had signed in.
    pub fn acting(&self, person: Id<Person>, now: Timestamp) -> Result<Ctx> {
        let posts = self.city.db.read(|tx| organization::appointments_of(tx, person, now))?;
        let posts =
            posts.into_iter().map(|(role, organization, area)| Appointment { role, organization, area });
        // No session was opened: these stand for one, and nothing of them is written.
        let nil = Uuid::nil();
        let signed_in = SignedIn {
            person,
            county: Id::<Area>::from_uuid(nil),
            name: String::new(),
            account: Id::from_uuid(nil),
            session: Id::from_uuid(nil),
        };
        let actor = Actor::signed_in(person, posts.collect());
        Ok(Ctx { actor, signed_in: Some(signed_in), ..self.nobody(now) })
    }
}
