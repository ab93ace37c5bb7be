//! Photos: told by their content, decoded within bounds, turned upright, made smaller, written anew.
//! What is stored is a picture of ours: no position, no device data, nothing hidden of the sender's.

use std::{
    fs,
    io::{self, Cursor, Write},
    path::{Path, PathBuf},
    str::FromStr,
};

use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, codecs::jpeg::JpegEncoder, imageops::FilterType,
};
use kernel::{Id, Photo, Timestamp, limits};
use sha2::{Digest, Sha256};

use super::model::StoredPhoto;
use crate::{Ctx, Message, Refusal};

const JPEG_QUALITY: u8 = 82;
const DECODE_BYTES_MAX: u64 = limits::PHOTO_PIXELS_MAX * 4 + 16 * 1024 * 1024;

/// A folder outside the web root, one file a photo. A photo is in `new` until the case that it belongs to
/// is on disk; then it is kept in one of 256 parts. Only what is new is ever deleted, and nothing is
/// acknowledged before its photos are kept: whatever database the folder is opened beside, an empty one,
/// another city's or an old backup, no photo goes that anybody was promised.
#[derive(Clone, Debug)]
pub struct PhotoFolder(PathBuf);

impl PhotoFolder {
    pub fn open(folder: &Path) -> io::Result<Self> {
        for part in 0..=u8::MAX {
            fs::create_dir_all(folder.join(format!("{part:02x}")))?;
        }
        fs::create_dir_all(folder.join(NEW))?;
        sync(folder)?;
        sync(folder.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
        Ok(Self(folder.to_owned()))
    }

    /// A folder in which nothing is made.
    pub fn look(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    fn new_path(&self, id: Id<Photo>) -> PathBuf {
        self.0.join(NEW).join(file_name(id))
    }

    fn kept_path(&self, id: Id<Photo>) -> PathBuf {
        let name = file_name(id);
        // The last digits of a version 7 id are random and spread the files evenly.
        self.0.join(&name[30..32]).join(name)
    }

    /// Returns once file and name are on stable storage.
    fn save(&self, id: Id<Photo>, bytes: &[u8]) -> io::Result<()> {
        let mut file = fs::File::create(self.new_path(id))?;
        file.write_all(bytes)?;
        file.sync_all()?;
        sync(&self.0.join(NEW))
    }

    /// After the case that it belongs to is on disk. Returns once that it is kept is on disk too.
    fn keep(&self, id: Id<Photo>) -> io::Result<()> {
        let kept = self.kept_path(id);
        match fs::rename(self.new_path(id), &kept) {
            // Another process that looks after the same city came first.
            Err(error) if error.kind() == io::ErrorKind::NotFound && kept.exists() => {}
            renamed => renamed?,
        }
        sync(kept.parent().unwrap_or(&self.0))
    }

    pub(super) fn load(&self, id: Id<Photo>) -> io::Result<Vec<u8>> {
        match fs::read(self.new_path(id)) {
            // What is not new any more has been kept.
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::read(self.kept_path(id)),
            read => read,
        }
    }

    /// Photos that are new and were taken before that moment, at most `max`.
    pub(super) fn new_before(&self, before: Timestamp, max: usize) -> io::Result<Vec<Id<Photo>>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(self.0.join(NEW))? {
            let name = entry?.file_name();
            let id =
                name.to_str().and_then(photo_of).filter(|id| taken_at(*id).is_some_and(|at| at < before));
            found.extend(id);
            if found.len() >= max {
                break;
            }
        }
        Ok(found)
    }

    pub(super) fn delete_new(&self, id: Id<Photo>) -> io::Result<()> {
        match fs::remove_file(self.new_path(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

const NEW: &str = "new";

fn sync(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

fn file_name(id: Id<Photo>) -> String {
    format!("{}.jpg", id.uuid().simple())
}

/// The photo of a file's name; none for a file that is not ours.
fn photo_of(name: &str) -> Option<Id<Photo>> {
    let id = Id::from_uuid(uuid::fmt::Simple::from_str(name.strip_suffix(".jpg")?).ok()?.into_uuid());
    (file_name(id) == name).then_some(id)
}

/// A version 7 id says when it was made.
fn taken_at(id: Id<Photo>) -> Option<Timestamp> {
    let (seconds, nanoseconds) = id.uuid().get_timestamp()?.to_unix();
    let micros = i64::try_from(seconds).ok()?.checked_mul(1_000_000)?;
    Some(Timestamp::from_micros(micros.checked_add(i64::from(nanoseconds) / 1_000)?))
}

/// Keeps the photos of a step that is on disk. One that cannot be kept now stays new: it can be seen, and
/// `forget_photos` keeps it later.
pub(super) fn keep(ctx: &Ctx, photos: impl Iterator<Item = Id<Photo>>) {
    for photo in photos {
        if let Err(error) = ctx.city.photos.keep(photo) {
            tracing::error!(%photo, %error, "a photo was not kept; an hourly round makes up for it");
        }
    }
}

/// Takes an upload: `PHOTO_BYTES_MAX` bytes of JPEG, PNG or WebP. Stored as JPEG, its longer side at
/// most `PHOTO_SIDE_MAX` pixels. It becomes part of a case with the step that it is given to.
pub fn store_photo(ctx: &Ctx, upload: &[u8]) -> Result<StoredPhoto, Refusal> {
    let (bytes, picture) = made_anew(upload)?;
    let id = ctx.id();
    ctx.city.photos.save(id, &bytes).map_err(|error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Refusal::Full,
        _ => Refusal::Unavailable(format!("photo folder: {error}")),
    })?;
    Ok(StoredPhoto {
        id,
        sha256: Sha256::digest(&bytes).into(),
        width: picture.width(),
        height: picture.height(),
    })
}

/// The same picture as a JPEG that says nothing else; none of what is no picture at all.
pub fn clean_photo(upload: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
    match image::guess_format(upload) {
        Ok(ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) => Ok(Some(made_anew(upload)?.0)),
        _ => Ok(None),
    }
}

fn made_anew(upload: &[u8]) -> Result<(Vec<u8>, DynamicImage), Refusal> {
    let refuse = |id| Refusal::invalid("photos", Message::new(id));
    if upload.len() > limits::PHOTO_BYTES_MAX {
        let megabytes = limits::PHOTO_BYTES_MAX / (1024 * 1024);
        return Err(Refusal::invalid("photos", Message::new("fault-photo-size").with("max", megabytes)));
    }
    let format = image::guess_format(upload).map_err(|_| refuse("fault-photo-type"))?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) {
        return Err(refuse("fault-photo-type"));
    }
    let picture = decode(upload, format).ok_or_else(|| refuse("fault-photo-damaged"))?;
    let mut bytes = Vec::new();
    picture
        .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))
        .map_err(|_| refuse("fault-photo-damaged"))?;
    Ok((bytes, picture))
}

fn decode(upload: &[u8], format: ImageFormat) -> Option<DynamicImage> {
    let mut reader = ImageReader::with_format(Cursor::new(upload), format);
    let mut bounds = image::Limits::default();
    bounds.max_alloc = Some(DECODE_BYTES_MAX);
    reader.limits(bounds);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits::PHOTO_PIXELS_MAX {
        return None;
    }
    let orientation = decoder.orientation().ok()?;
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(orientation);
    let side = limits::PHOTO_SIDE_MAX;
    if picture.width().max(picture.height()) > side {
        picture = picture.resize(side, side, FilterType::Triangle);
    }
    Some(DynamicImage::ImageRgb8(picture.to_rgb8()))
}
