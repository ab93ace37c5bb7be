//! Forms with photos: read part by part, each bounded, before anything is done with them.

use std::collections::BTreeMap;

use axum::{
    extract::{
        Form, FromRequest, FromRequestParts, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::StatusCode,
    response::Response,
};
use domain::{Ctx, Fault, Message, Refusal, case};
use kernel::limits;

use crate::{
    app::Shared,
    memory::{MEGABYTE, Share},
    request::content_type,
    visitor::Visitor,
};

/// Bytes of a form with all the photos that one step may bring.
pub const UPLOAD_BYTES_MAX: usize =
    limits::PHOTOS_PER_STEP_MAX * limits::PHOTO_BYTES_MAX + limits::BODY_BYTES_MAX;
const FIELDS_MAX: usize = 40;

/// What a form brought, with files or without.
#[derive(Default)]
pub struct Upload {
    fields: Vec<(String, String)>,
    photos: Vec<Vec<u8>>,
    faults: Vec<Fault>,
    /// Bytes of the fields.
    text_bytes: usize,
    /// What the photos hold; none where no file can come.
    memory: Option<Share>,
}

impl Upload {
    /// One to read into, whose photos are held in that share.
    pub fn new(memory: Share) -> Self {
        Self { memory: Some(memory), ..Self::default() }
    }

    /// A field as it was typed; a field that did not come is empty.
    pub fn text(&self, name: &str) -> &str {
        self.fields.iter().rev().find(|(it, _)| it == name).map_or("", |(_, text)| text.as_str())
    }

    /// All values of a field that may come several times.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.fields.iter().filter(|(it, _)| it == name).map(|(_, text)| text.as_str()).collect()
    }

    /// A field that may be left out.
    pub fn given(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// The name of a field that is not among `known`.
    pub fn unknown(&self, known: &[&str]) -> Option<&str> {
        self.fields.iter().map(|(name, _)| name.as_str()).find(|name| !known.contains(name))
    }

    /// Of a field that came more than once, the last.
    pub fn into_fields(self) -> BTreeMap<String, String> {
        self.fields.into_iter().collect()
    }

    /// The fields as they came, repeated ones too; they are taken out.
    pub fn take_fields(&mut self) -> Vec<(String, String)> {
        std::mem::take(&mut self.fields)
    }

    pub fn has_files(&self) -> bool {
        !self.photos.is_empty() || !self.faults.is_empty()
    }

    /// Stores the photos. Faults of files come together, named by field.
    pub fn store_photos(&mut self, ctx: &Ctx) -> Result<Vec<case::StoredPhoto>, Refusal> {
        let mut faults = std::mem::take(&mut self.faults);
        let mut stored = Vec::new();
        for photo in self.photos.drain(..) {
            match case::store_photo(ctx, &photo) {
                Ok(photo) => stored.push(photo),
                Err(Refusal::Invalid(more)) => faults.extend(more),
                Err(refusal) => return Err(refusal),
            }
        }
        self.memory = None;
        faults.dedup();
        if faults.is_empty() { Ok(stored) } else { Err(Refusal::Invalid(faults)) }
    }

    fn refuse(&mut self, message: Message) {
        self.faults.push(Fault { field: "photos".into(), message });
    }

    /// One file of the form. An empty one is a file field that was left alone.
    async fn read_photo(&mut self, field: &mut Field<'_>) -> Result<(), Refusal> {
        let mut bytes = Vec::new();
        let (mut too_large, mut is_empty) = (false, true);
        while let Some(chunk) = field.chunk().await.map_err(unreadable)? {
            is_empty &= chunk.is_empty();
            too_large |= bytes.len() + chunk.len() > limits::PHOTO_BYTES_MAX;
            if too_large || self.photos.len() >= limits::PHOTOS_PER_STEP_MAX {
                bytes.truncate(1);
                too_large |= self.photos.len() < limits::PHOTOS_PER_STEP_MAX;
                continue;
            }
            self.memory.as_mut().map_or(Ok(()), |share| share.hold(chunk.len()))?;
            bytes.extend_from_slice(&chunk);
        }
        if too_large {
            let megabytes = limits::PHOTO_BYTES_MAX / MEGABYTE;
            self.refuse(Message::new("fault-photo-size").with("max", megabytes));
        } else if self.photos.len() >= limits::PHOTOS_PER_STEP_MAX && !is_empty {
            self.refuse(Message::new("fault-too-many-photos").with("max", limits::PHOTOS_PER_STEP_MAX));
        } else if !bytes.is_empty() {
            self.photos.push(bytes);
        }
        Ok(())
    }

    /// Reads a form part by part. Files are those of `photos`.
    pub async fn read(mut parts: Multipart, memory: Share) -> Result<Self, Refusal> {
        let mut upload = Self::new(memory);
        while let Some(field) = next_part(&mut parts).await? {
            let is_photo = field.name() == Some("photos");
            upload.take(field, is_photo).await?;
        }
        Ok(upload)
    }

    /// Reads one part.
    pub async fn take(&mut self, mut field: Field<'_>, is_photo: bool) -> Result<(), Refusal> {
        let name = field.name().unwrap_or_default().to_owned();
        if is_photo {
            self.read_photo(&mut field).await?;
        } else if self.fields.len() < FIELDS_MAX {
            let text = self.read_text(&mut field).await?;
            self.fields.push((name, text));
        }
        Ok(())
    }

    /// All fields together are no longer than a body without files may be.
    async fn read_text(&mut self, field: &mut Field<'_>) -> Result<String, Refusal> {
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(unreadable)? {
            self.text_bytes += chunk.len();
            if self.text_bytes > limits::BODY_BYTES_MAX {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        String::from_utf8(bytes).map_err(|_| malformed("not UTF-8"))
    }
}

/// The next part of a form.
pub async fn next_part(parts: &mut Multipart) -> Result<Option<Field<'_>>, Refusal> {
    parts.next_field().await.map_err(unreadable)
}

fn unreadable(fault: MultipartError) -> Refusal {
    if fault.status() == StatusCode::PAYLOAD_TOO_LARGE { too_large() } else { malformed(fault.body_text()) }
}

fn too_large() -> Refusal {
    Refusal::invalid("body", Message::new("fault-body-size").with("max", UPLOAD_BYTES_MAX / 1024))
}

fn malformed(reason: impl ToString) -> Refusal {
    Refusal::invalid("body", Message::new("fault-malformed").with("reason", reason))
}

impl FromRequest<Shared> for Upload {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Ok(visitor) = Visitor::from_request_parts(&mut parts, app).await;
        let is_multipart = content_type(&parts.headers) == "multipart/form-data";
        let request = Request::from_parts(parts, body);
        let read = if is_multipart {
            match Multipart::from_request(request, app).await {
                Ok(parts) => Self::read(parts, app.photo_memory.share(visitor.address)).await,
                Err(fault) => Err(malformed(fault.body_text())),
            }
        } else {
            match Form::<Vec<(String, String)>>::from_request(request, app).await {
                Ok(Form(fields)) => Ok(Self { fields, ..Self::default() }),
                Err(fault) => Err(malformed(fault.body_text())),
            }
        };
        match read {
            Ok(upload) => Ok(upload),
            Err(refusal) => Err(visitor.page(|_, _| Err(refusal)).await),
        }
    }
}
