//! Filing a new request: by the key of another system, as a report of the public.

use axum::{
    body::to_bytes,
    extract::{FromRequest, Multipart, Request, State},
    response::Response,
};
use domain::{
    Ctx, Message, Refusal, area,
    case::{self, Contact, Report, StoredPhoto},
    integration,
};
use kernel::{Case, Id, Tier, limits};
use open311::{Fault, Filed, Filing, Form, Location, Reason, UpdateFiling, filed, update_filed};

use super::{
    answer::{Answer, Failure},
    asked::{Asked, check_jurisdiction, run},
    service::{AREA, FIXMYSTREET_ID, is_offered, notice},
};
use crate::{
    app::Shared,
    case::upload::{Upload, next_part},
    locale::Translator,
    request::content_type,
};

/// Characters of what a sender chooses to tell its requests apart by.
const CHOSEN_CHARS_MAX: usize = 200;

pub async fn file(State(app): State<Shared>, asked: Asked, request: Request) -> Response {
    let is_update = match asked.name.as_str() {
        "requests" => false,
        "servicerequestupdates" => true,
        "services" | "discovery" => return asked.no_such_method(),
        _ => return asked.not_found().await,
    };
    let (format, words) = (asked.format, asked.visitor.translator());
    let answer = match read(&app, &asked, request).await {
        Ok(Received { form, upload, ctx }) => {
            let words = words.clone();
            let work = move |_: &Shared| {
                let sent = Sent { ctx: &ctx, asked: &asked, form: &form, words: &words };
                if is_update { sent.update(upload) } else { sent.file(upload) }
            };
            run(app, work).await
        }
        Err(failure) => Err(failure),
    };
    match answer {
        Ok(answer) => answer.response(format),
        Err(failure) => failure.response(format, &words),
    }
}

/// What was sent, and the system that sent it.
struct Received {
    form: Form,
    upload: Upload,
    ctx: Ctx,
}

/// A form with files or without.
async fn read(app: &Shared, asked: &Asked, request: Request) -> Result<Received, Failure> {
    app.guard.open311(asked.visitor.address)?;
    if content_type(request.headers()) == "multipart/form-data" {
        return read_parts(app, asked, request).await;
    }
    let too_large = |_| {
        let message = Message::new("fault-body-size").with("max", limits::BODY_BYTES_MAX / 1024);
        Failure::Refusal(Refusal::invalid("body", message))
    };
    let bytes = to_bytes(request.into_body(), limits::BODY_BYTES_MAX).await.map_err(too_large)?;
    let form = Form::urlencoded(&bytes).map_err(argument)?;
    let ctx = identified(app, asked, form.text("api_key").map(str::to_owned)).await?;
    Ok(Received { form, upload: Upload::default(), ctx })
}

/// Every file is a photo, whatever its part is called. None is read before it is known by whose key it comes.
async fn read_parts(app: &Shared, asked: &Asked, request: Request) -> Result<Received, Failure> {
    let malformed = |reason| Refusal::invalid("body", Message::new("fault-malformed").with("reason", reason));
    let parts = Multipart::from_request(request, app).await;
    let mut parts = parts.map_err(|fault| malformed(fault.body_text()))?;
    let mut upload = Upload::new(app.photo_memory.share(asked.visitor.address));
    let mut known = None;
    while let Some(field) = next_part(&mut parts).await? {
        let is_photo = field.file_name().is_some();
        if is_photo && known.is_none() {
            known = Some(identified(app, asked, upload.given("api_key")).await?);
        }
        upload.take(field, is_photo).await?;
    }
    let ctx = match known {
        Some(ctx) => ctx,
        None => identified(app, asked, upload.given("api_key")).await?,
    };
    let form = Form::new(upload.take_fields()).map_err(argument)?;
    Ok(Received { form, upload, ctx })
}

fn argument(fault: Fault) -> Failure {
    Failure::Arguments(vec![fault])
}

/// The system that the key stands for. Some clients send it with the address.
async fn identified(app: &Shared, asked: &Asked, sent: Option<String>) -> Result<Ctx, Failure> {
    let in_query = || asked.form.as_ref().ok().and_then(|it| it.text("api_key")).map(str::to_owned);
    let key = sent.or_else(in_query).ok_or(Failure::Key)?;
    run(app.clone(), move |app| {
        let (ctx, key) = integration::resolve(&app.city, key.trim()).map_err(|refusal| match refusal {
            Refusal::Denied => Failure::Key,
            refusal => refusal.into(),
        })?;
        app.guard.report_by_key(&key)?;
        Ok(ctx)
    })
    .await
}

/// A new request as it came.
struct Sent<'a> {
    ctx: &'a Ctx,
    asked: &'a Asked,
    form: &'a Form,
    words: &'a Translator,
}

impl Sent<'_> {
    fn file(&self, mut upload: Upload) -> Result<Answer, Failure> {
        let ctx = self.ctx;
        check_jurisdiction(ctx, self.form, &self.asked.headers)?;
        let filing = Filing::read(self.form)?;
        let class = ctx.city.classes.get(&filing.service_code);
        let class = class.filter(|it| is_offered(ctx, &it.code));
        let class = class.ok_or(Failure::Missing("open311-no-service"))?;
        let chosen = self.chosen()?;
        let area = self.area(ctx, &filing.location)?;
        let is_test = self.asked.endpoint.is_test();
        let photos = if is_test { Vec::new() } else { upload.store_photos(ctx)? };
        let procedure = ctx.city.procedures.of_class(&ctx.city.classes, &filing.service_code).to_owned();
        let fallback = case::words(&class.label, self.words.language.tag());
        let report = Report {
            id: integration::own_id(ctx, chosen.as_deref()),
            area,
            ..report(filing, &procedure, fallback, photos)
        };
        let id = if is_test { case::check_report(ctx, report)? } else { once(ctx, report)? };
        let filed_as = Filed {
            service_request_id: id.to_string(),
            service_notice: Some(match is_test {
                true => self.words.say("open311-test"),
                false => notice(self.words, class),
            }),
            account_id: None,
        };
        Ok(filed(&filed_as).into())
    }

    /// Adds a note, with its photos, to a request that the same system filed; its reporter and those who work on it see it.
    fn update(&self, mut upload: Upload) -> Result<Answer, Failure> {
        let ctx = self.ctx;
        check_jurisdiction(ctx, self.form, &self.asked.headers)?;
        let UpdateFiling { service_request_id, update_id, description, media_urls } =
            UpdateFiling::read(self.form)?;
        let missing = || Failure::Missing("open311-no-request");
        let id: Id<Case> = service_request_id.parse().map_err(|_| missing())?;
        let ctx = case::reported(ctx, id).map_err(|refusal| match refusal {
            Refusal::NotFound => missing(),
            Refusal::Denied => Failure::OfAnother,
            refusal => refusal.into(),
        })?;
        let request = integration::own_id::<Case>(&ctx, Some(&format!("update {id} {update_id}"))).uuid();
        if !self.asked.endpoint.is_test() {
            let photos = upload.store_photos(&ctx)?;
            let note = with_links(description, &media_urls);
            case::add_note(&ctx, id, Some(request), &note, true, &photos)?;
        }
        Ok(update_filed(&request.to_string()).into())
    }

    /// What the sender tells this request from others by, so that it can be sent again.
    fn chosen(&self) -> Result<Option<String>, Failure> {
        const HEADER: &str = "Idempotency-Key";
        let chosen = match self.asked.headers.get(HEADER) {
            Some(value) if !value.as_bytes().trim_ascii().is_empty() => {
                Some(format!("key {}", String::from_utf8_lossy(value.as_bytes()).trim()))
            }
            _ => self.form.attribute(FIXMYSTREET_ID).first().map(|it| format!("fixmystreet {it}")),
        };
        match chosen {
            Some(chosen) if chosen.chars().count() > CHOSEN_CHARS_MAX => {
                let reason = Reason::TooLong { max: CHOSEN_CHARS_MAX };
                Err(Failure::Arguments(vec![Fault { argument: HEADER.into(), reason }]))
            }
            chosen => Ok(chosen),
        }
    }

    /// The code of the division in which a grid worker will look: as it was sent, or as boundaries and the
    /// address tell it. It is never guessed.
    fn area(&self, ctx: &Ctx, location: &Location) -> Result<String, Failure> {
        let sent = self.form.attribute(AREA).first().or(location.address_id.as_ref());
        if let Some(code) = sent {
            return Ok(code.trim().to_owned());
        }
        let located = match location.point {
            Some((latitude, longitude)) => area::locate(ctx, longitude, latitude)?,
            None => None,
        };
        let (code, name, tier, path) = match located {
            Some(it) => (it.code, it.name, it.tier, it.path),
            None => {
                let city = ctx.read(area::city)?.ok_or(Refusal::conflict("conflict-no-city"))?;
                if location.point.is_some() && area::has_boundary(ctx, &city.code)? {
                    return Err(Failure::Outside { city: city.name });
                }
                (city.code, city.name, city.tier, city.path)
            }
        };
        if tier >= Tier::Community {
            return Ok(code);
        }
        let named = match &location.address {
            Some(address) => area::named_in(ctx, &path, address)?,
            None => None,
        };
        named.map(|it| it.code).ok_or(Failure::NoCommunity { around: name })
    }
}

/// The same key of the sender's choice with another report is refused.
fn once(ctx: &Ctx, report: Report) -> Result<Id<Case>, Failure> {
    match case::report(ctx, report) {
        Ok((case, _)) => Ok(case.id),
        Err(Refusal::Conflict(message)) if message.id == "conflict-id" => Err(Failure::Reused),
        Err(refusal) => Err(refusal.into()),
    }
}

/// What is said of a person is how to call them; what only a machine would want is left out.
fn report(filing: Filing, procedure: &str, fallback: &str, photos: Vec<StoredPhoto>) -> Report {
    let description = filing.description.unwrap_or_else(|| fallback.to_owned());
    let description = with_links(description, &filing.media_urls);
    Report {
        id: Id::from_uuid(uuid::Uuid::nil()),
        procedure: procedure.into(),
        class: filing.service_code,
        area: String::new(),
        place: filing.location.address.unwrap_or_default(),
        position: filing.location.point.map(|(latitude, longitude)| (longitude, latitude)),
        description,
        contact: Contact { name: name(filing.first_name, filing.last_name), phone: filing.phone },
        photos,
    }
}

/// Links to media, a line each: nothing is fetched from where a sender says.
fn with_links(text: String, links: &[String]) -> String {
    std::iter::once(text).chain(links.iter().cloned()).collect::<Vec<_>>().join("\n")
}

/// Family name first where it is not written in Latin letters.
fn name(first: Option<String>, last: Option<String>) -> Option<String> {
    // FixMyStreet sends a dash for a name that it does not know.
    let known = |name: Option<String>| name.filter(|it| it != "-");
    match (known(first), known(last)) {
        (Some(first), Some(last)) if first.is_ascii() => Some(format!("{first} {last}")),
        (Some(first), Some(last)) => Some(format!("{last}{first}")),
        (first, last) => first.or(last),
    }
}
