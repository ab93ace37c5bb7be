//! Photos: told by their content, decoded within bounds, turned upright, made smaller, written anew.
//! What is stored is a picture of ours: no position, no device data, nothing hidden of the sender's.

use std::{
    fs,
    io::{Cursor, Write},
    path::{Path, PathBuf},
};

use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, codecs::jpeg::JpegEncoder, imageops::FilterType,
};
use kernel::{Id, Photo, limits};
use sha2::{Digest, Sha256};

use super::model::StoredPhoto;
use crate::{Ctx, Message, Refusal};

const JPEG_QUALITY: u8 = 82;
const DECODE_BYTES_MAX: u64 = limits::PHOTO_PIXELS_MAX * 4 + 16 * 1024 * 1024;

/// A folder outside the web root, one file a photo, in 256 parts that are there from the start.
#[derive(Clone, Debug)]
pub struct PhotoFolder(PathBuf);

impl PhotoFolder {
    pub fn open(folder: &Path) -> std::io::Result<Self> {
        for part in 0..=u8::MAX {
            fs::create_dir_all(folder.join(format!("{part:02x}")))?;
        }
        fs::File::open(folder)?.sync_all()?;
        fs::File::open(folder.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new(".")))?
            .sync_all()?;
        Ok(Self(folder.to_owned()))
    }

    fn path(&self, id: Id<Photo>) -> PathBuf {
        let name = id.uuid().simple().to_string();
        // The last digits of a version 7 id are random and spread the files evenly.
        self.0.join(&name[30..]).join(format!("{name}.jpg"))
    }

    /// Returns once file and name are on stable storage.
    fn save(&self, id: Id<Photo>, bytes: &[u8]) -> std::io::Result<()> {
        let path = self.path(id);
        let folder = path.parent().unwrap_or(&self.0);
        let draft = path.with_extension("new");
        let mut file = fs::File::create(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, &path)?;
        fs::File::open(folder)?.sync_all()
    }

    pub(super) fn load(&self, id: Id<Photo>) -> std::io::Result<Vec<u8>> {
        fs::read(self.path(id))
    }
}

/// Takes an upload: `PHOTO_BYTES_MAX` bytes of JPEG, PNG or WebP. Stored as JPEG, its longer side at
/// most `PHOTO_SIDE_MAX` pixels. It becomes part of a case with the step that it is given to.
pub fn store_photo(ctx: &Ctx, upload: &[u8]) -> Result<StoredPhoto, Refusal> {
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
    let id = ctx.id();
    ctx.city.photos.save(id, &bytes).map_err(|error| match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Refusal::Full,
        _ => Refusal::Unavailable(format!("photo folder: {error}")),
    })?;
    Ok(StoredPhoto {
        id,
        sha256: Sha256::digest(&bytes).into(),
        width: picture.width(),
        height: picture.height(),
    })
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
