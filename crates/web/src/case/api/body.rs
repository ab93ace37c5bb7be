//! What is sent about cases: JSON, alone or as one part of a form beside photos.

use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use domain::{
    Ctx, Message, Refusal,
    case::{Contact, Report, StepInput, StoredPhoto},
};
use kernel::{Case, Id, Organization};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::Shared,
    case::upload::{UPLOAD_BYTES_MAX, Upload},
    locale::Translator,
    memory::Share,
    problem::Problem,
    request::{self, content_type, read_json, too_large, wrong_type},
    visitor::Visitor,
};

/// A new report.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportBody {
    /// Made by the client, best as a version 7 UUID: the same report sent again under it is one case.
    #[schema(value_type = Option<Uuid>)]
    id: Option<Id<Case>>,
    /// As /api/v1/procedures has them; that of its class when left out.
    #[schema(min_length = 1, max_length = 64)]
    procedure: Option<String>,
    /// Code of a minor class, as /api/v1/classes has them.
    #[schema(min_length = 1, max_length = 64)]
    class: String,
    /// Code of the area in which it is, as deep as is known.
    #[schema(pattern = "^[0-9]{2,18}$")]
    area: String,
    /// Where it is there, in words.
    #[schema(max_length = 200)]
    #[serde(default)]
    place: String,
    #[serde(default, deserialize_with = "request::object")]
    position: Option<PositionBody>,
    #[schema(min_length = 1, max_length = 4000)]
    description: String,
    #[schema(max_length = 200)]
    contact_name: Option<String>,
    #[schema(max_length = 40)]
    contact_phone: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PositionBody {
    /// Degrees.
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
    /// Degrees.
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
}

/// What comes with a transition; the procedure says what has to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepBody {
    /// Made by the client: the same one again changes nothing.
    request: Option<Uuid>,
    #[schema(max_length = 4000)]
    #[serde(default)]
    note: String,
    /// The body that gets the case.
    #[schema(value_type = Option<Uuid>)]
    organization: Option<Id<Organization>>,
    /// Bodies that support that one, each by a case of its own; where the transition asks for them.
    #[schema(value_type = Vec<Uuid>, max_items = 5)]
    #[serde(default)]
    supporting: Vec<Id<Organization>>,
    #[schema(max_length = 64)]
    class: Option<String>,
    #[schema(max_length = 64)]
    ground: Option<String>,
    #[schema(max_length = 64)]
    finding: Option<String>,
    #[schema(minimum = 1, maximum = 5)]
    rating: Option<i64>,
    solved: Option<bool>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteBody {
    /// Made by the client: the same one again changes nothing.
    pub request: Option<Uuid>,
    #[schema(min_length = 1, max_length = 4000)]
    pub note: String,
    /// Whether the reporter sees it.
    pub public: bool,
}

/// The case of which this one is a second report.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeBody {
    /// Made by the client: the same one again changes nothing.
    pub request: Option<Uuid>,
    #[schema(value_type = Uuid)]
    pub into: Id<Case>,
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnmergeBody {
    /// Made by the client: the same one again changes nothing.
    pub request: Option<Uuid>,
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// A report with photos.
#[derive(ToSchema)]
#[allow(dead_code, reason = "it stands in the document only; `WithPhotos` reads the form")]
pub struct ReportForm {
    /// The report, as application/json.
    case: ReportBody,
    /// At most 6 files of JPEG, PNG or WebP, each of at most 10 MB.
    #[schema(value_type = Vec<String>, format = Binary, content_media_type = "image/jpeg", max_items = 6)]
    photos: Option<Vec<u8>>,
}

/// A step with photos.
#[derive(ToSchema)]
#[allow(dead_code, reason = "it stands in the document only; `WithPhotos` reads the form")]
pub struct StepForm {
    /// The step, as application/json.
    case: StepBody,
    /// At most 6 files of JPEG, PNG or WebP, each of at most 10 MB.
    #[schema(value_type = Vec<String>, format = Binary, content_media_type = "image/jpeg", max_items = 6)]
    photos: Option<Vec<u8>>,
}

/// JSON, or a form of it as the part `case` beside parts `photos`.
pub struct WithPhotos<T> {
    pub body: T,
    upload: Upload,
}

impl<T> WithPhotos<T> {
    pub fn has_photos(&self) -> bool {
        self.upload.has_files()
    }

    /// Stores the photos.
    pub fn store(mut self, ctx: &Ctx) -> Result<(T, Vec<StoredPhoto>), Refusal> {
        let photos = self.upload.store_photos(ctx)?;
        Ok((self.body, photos))
    }
}

impl<T: DeserializeOwned + Send> FromRequest<Shared> for WithPhotos<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let Ok(visitor) = Visitor::from_request_parts(&mut parts, app).await;
        let translator = visitor.translator();
        match content_type(&parts.headers).as_str() {
            "application/json" => {
                Ok(Self { body: read_json(body, &translator).await?, upload: Upload::default() })
            }
            "multipart/form-data" => {
                let memory = app.photo_memory.share(visitor.address);
                read_form(Request::from_parts(parts, body), app, memory, &translator).await
            }
            _ => Err(wrong_type(&translator, "fault-json-or-form-type")),
        }
    }
}

async fn read_form<T: DeserializeOwned>(
    request: Request,
    app: &Shared,
    memory: Share,
    translator: &Translator,
) -> Result<WithPhotos<T>, Problem> {
    let problem = |refusal| Problem::new(translator, refusal);
    let malformed =
        |field, reason| Refusal::invalid(field, Message::new("fault-malformed").with("reason", reason));
    let form = Multipart::from_request(request, app).await;
    let form = form.map_err(|fault| problem(malformed("body", fault.body_text())))?;
    let upload = Upload::read(form, memory).await.map_err(|refusal| match refusal {
        Refusal::Invalid(faults) if faults.iter().any(|it| it.message.id == "fault-body-size") => {
            too_large(translator, UPLOAD_BYTES_MAX)
        }
        refusal => problem(refusal),
    })?;
    if let Some(name) = upload.unknown(&["case"]) {
        return Err(problem(malformed(name, "unknown field".into())));
    }
    let body = request::json(upload.text("case").as_bytes()).map_err(problem)?;
    Ok(WithPhotos { body, upload })
}

impl ReportBody {
    pub fn report(self, ctx: &Ctx, photos: Vec<StoredPhoto>) -> Report {
        let usual = || ctx.city.procedures.of_class(&ctx.city.classes, &self.class).to_owned();
        Report {
            id: self.id.unwrap_or_else(|| ctx.id()),
            procedure: self.procedure.unwrap_or_else(usual),
            class: self.class,
            area: self.area,
            place: self.place,
            position: self.position.map(|it| (it.longitude, it.latitude)),
            description: self.description,
            contact: Contact { name: self.contact_name, phone: self.contact_phone },
            photos,
        }
    }
}

impl StepBody {
    pub fn step(self, photos: Vec<StoredPhoto>) -> Result<StepInput, Refusal> {
        if self.rating.is_some_and(|it| !(1..=5).contains(&it)) {
            return Err(Refusal::invalid(
                "rating",
                Message::new("fault-range").with("min", 1).with("max", 5),
            ));
        }
        Ok(StepInput {
            request: self.request,
            note: self.note,
            photos,
            organization: self.organization,
            supporting: self.supporting,
            class: self.class,
            ground: self.ground,
            finding: self.finding,
            rating: self.rating,
            solved: self.solved,
        })
    }
}
