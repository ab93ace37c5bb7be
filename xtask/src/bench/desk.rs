//! The people of the demo who carry the measured cases, and what they send.

use anyhow::{Context, Result};
use uuid::Uuid;

use super::city::{City, Server};

/// County of the people whose logins the demo shows.
const COUNTY: &str = "150902";
/// The demo's list of responsibilities names no body for it, so that a dispatcher sends each case.
const CLASS: &str = "e9-other";

/// Tokens, and where and by whom cases are handled.
pub struct Desk {
    pub resident: String,
    pub acceptor: String,
    pub dispatcher: String,
    pub handler: String,
    /// Codes of the county's communities.
    communities: Vec<String>,
    /// The body that `handler` works for.
    pub organization: Uuid,
}

impl Desk {
    pub const BOUNDARY: &str = "olzii-bench-boundary";
    /// What a handler says at the end.
    pub const NOTE: &str = r#"{"note":"灯泡已更换，线路检查正常。"}"#;

    pub fn open(city: &City, server: &Server) -> Result<Self> {
        let logins = city.logins()?;
        let mut rows = city.rows()?;
        let communities = rows.texts(&format!(
            "SELECT code FROM area WHERE tier = 4 AND valid_to IS NULL AND code >= '{COUNTY}' AND code < '{COUNTY}~' ORDER BY code"
        ))?;
        let of_handler = format!(
            "account a JOIN appointment h ON h.person_id = a.person_id JOIN post p ON p.id = h.post_id \
             WHERE a.login_name = '{}'",
            logins.name("handler")?
        );
        let organization = rows.ids("p.organization_id", &of_handler)?;
        Ok(Self {
            resident: server.sign_in(&logins, "resident")?,
            acceptor: server.sign_in(&logins, "acceptor")?,
            dispatcher: server.sign_in(&logins, "dispatcher")?,
            handler: server.sign_in(&logins, "handler")?,
            communities: Some(communities)
                .filter(|it| !it.is_empty())
                .context("the demo has no communities in the county")?,
            organization: *organization.first().context("the demo's handler holds no post")?,
        })
    }

    /// Id and JSON of a new report, somewhere in the county.
    pub fn report(&self, procedure: &str) -> (String, String) {
        let id = Uuid::now_v7();
        let community = &self.communities[(id.as_u128() % self.communities.len() as u128) as usize];
        let report = serde_json::json!({
            "id": id,
            "procedure": procedure,
            "class": CLASS,
            "area": community,
            "place": "恩和路与解放大街交叉口东北角第三根灯杆",
            "description": "路灯从昨天晚上开始不亮，附近有学校，孩子放学时天已经黑了，请尽快派人来修理。",
        });
        (id.to_string(), report.to_string())
    }

    /// The parts of a resolution with a note and a small photo.
    pub fn upload(&self) -> Result<Vec<u8>> {
        const SIDE: u32 = 64;
        let mut photo = std::io::Cursor::new(Vec::new());
        let picture =
            image::RgbImage::from_fn(SIDE, SIDE, |x, y| image::Rgb([(x * 4) as u8, (y * 4) as u8, 128]));
        picture.write_to(&mut photo, image::ImageFormat::Jpeg)?;
        let boundary = Self::BOUNDARY;
        let mut bytes = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"case\"\r\n\
             content-type: application/json\r\n\r\n{}\r\n\
             --{boundary}\r\ncontent-disposition: form-data; name=\"photos\"; filename=\"after.jpg\"\r\n\
             content-type: image/jpeg\r\n\r\n",
            Self::NOTE
        )
        .into_bytes();
        bytes.extend(photo.into_inner());
        bytes.extend(format!("\r\n--{boundary}--\r\n").into_bytes());
        Ok(bytes)
    }
}
