//! Services are the minor classes of the catalogue, in groups by major class; and where they are offered.

use axum::response::Response;
use domain::{
    Ctx,
    case::{self, MajorClass, MinorClass},
};
use kernel::Timestamp;
use open311::{
    Attribute, Automated, Datatype, Discovery, Moment, Service, ServiceDefinition, ServiceType,
    service_definition, services,
};

use super::{
    answer::{Answer, Failure},
    asked::{Asked, Endpoint, Reading},
};
use crate::locale::Translator;

/// The attribute that names the division.
pub const AREA: &str = "area";
/// The attribute that FixMyStreet fills with its own number of the report.
pub const FIXMYSTREET_ID: &str = "fixmystreet_id";
/// Minutes that the city's clocks are ahead.
const OFFSET_MINUTES: i32 = 480;

pub fn moment(at: Timestamp) -> Moment {
    Moment { micros: at.micros(), offset_minutes: OFFSET_MINUTES }
}

pub async fn list(asked: Asked) -> Response {
    asked
        .read(|it| {
            let majors = it.ctx.city.classes.classes.iter();
            let all = majors.flat_map(|major| major.minors.iter().map(move |minor| (major, minor)));
            let offered = all.filter(|(_, minor)| is_offered(it.ctx, &minor.code));
            let list: Vec<Service> = offered.map(|(major, minor)| service(it.words, major, minor)).collect();
            Ok(services(&list).into())
        })
        .await
}

/// Only what is published can be followed here, and so be reported here.
pub fn is_offered(ctx: &Ctx, class: &str) -> bool {
    ctx.city.procedures.publishes(&ctx.city.classes, class)
}

fn service(words: &Translator, major: &MajorClass, minor: &MinorClass) -> Service {
    let language = words.language.tag();
    let (name, group) = (case::words(&minor.label, language), case::words(&major.label, language));
    Service {
        code: minor.code.clone(),
        name: name.to_owned(),
        description: notice(words, minor),
        metadata: true,
        kind: ServiceType::Realtime,
        keywords: vec![name.to_owned(), group.to_owned()],
        group: group.to_owned(),
    }
}

/// Within what time it is handled once it is filed.
pub fn notice(words: &Translator, minor: &MinorClass) -> String {
    let id = format!("open311-limit-{}", minor.limit.kind.as_str().replace('_', "-"));
    words.with(&id, "amount", minor.limit.amount)
}

pub async fn definition(asked: Asked) -> Response {
    asked
        .read(|it| {
            let known = it.ctx.city.classes.get(it.name).filter(|class| is_offered(it.ctx, &class.code));
            let known = known.ok_or(Failure::Missing("open311-no-service"))?;
            let definition =
                ServiceDefinition { service_code: known.code.clone(), attributes: attributes(it.words) };
            Ok(service_definition(&definition).into())
        })
        .await
}

/// What every service asks besides the standard's arguments.
fn attributes(words: &Translator) -> Vec<Attribute> {
    let attribute = |code: &str, order, name: &str| Attribute {
        variable: true,
        code: code.to_owned(),
        datatype: Datatype::String,
        required: false,
        datatype_description: words.say(&format!("open311-attribute-{name}-help")),
        order,
        description: words.say(&format!("open311-attribute-{name}")),
        values: Vec::new(),
        automated: None,
    };
    let fixmystreet = attribute(FIXMYSTREET_ID, 2, "sender-number");
    vec![
        attribute(AREA, 1, "area"),
        Attribute { variable: false, automated: Some(Automated::ServerSet), ..fixmystreet },
    ]
}

pub async fn discovery(asked: Asked) -> Response {
    asked
        .read(|it| {
            let document = open311::discovery(&Discovery {
                changeset: moment(it.app.started_at),
                contact: it.words.say("open311-contact"),
                key_service: it.words.say("open311-key-service"),
                endpoints: [Endpoint::PRODUCTION, Endpoint::TEST]
                    .map(|endpoint| address(it, endpoint))
                    .into(),
            });
            Ok(Answer { is_bare: true, ..document.into() })
        })
        .await
}

fn address(it: &Reading<'_>, endpoint: Endpoint) -> open311::Endpoint {
    open311::Endpoint {
        url: format!("{}{}", it.site, endpoint.path),
        changeset: moment(it.app.started_at),
        kind: endpoint.kind,
    }
}
