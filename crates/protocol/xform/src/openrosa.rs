//! Documents of the OpenRosa API: the list of forms, the manifest of a form's files, and what is said to a submission.
//! Source: <https://docs.getodk.org/openrosa/>.

use std::fmt::Write;

use quick_xml::escape::escape;

/// The header that every request and every answer carries, and its value.
pub const VERSION_HEADER: (&str, &str) = ("x-openrosa-version", "1.0");
/// The part of a submission's body that holds its XML.
pub const SUBMISSION_PART: &str = "xml_submission_file";
pub const CONTENT_TYPE: &str = "text/xml; charset=utf-8";

/// A form that a client may load.
#[derive(Clone, Debug)]
pub struct ListedForm {
    pub form_id: String,
    pub name: String,
    pub version: String,
    /// Of the bytes at `download_url`, in hexadecimal.
    pub md5: String,
    pub download_url: String,
    /// None of a form without files.
    pub manifest_url: Option<String>,
}

/// A file that belongs to a form.
#[derive(Clone, Debug)]
pub struct MediaFile {
    pub name: String,
    pub md5: String,
    pub download_url: String,
}

pub fn form_list(forms: &[ListedForm]) -> String {
    let mut out = begin(r#"<xforms xmlns="http://openrosa.org/xforms/xformsList">"#);
    for it in forms {
        out.push_str("\n  <xform>");
        element(&mut out, "formID", &it.form_id);
        element(&mut out, "name", &it.name);
        element(&mut out, "version", &it.version);
        element(&mut out, "hash", &format!("md5:{}", it.md5));
        element(&mut out, "downloadUrl", &it.download_url);
        if let Some(url) = &it.manifest_url {
            element(&mut out, "manifestUrl", url);
        }
        out.push_str("</xform>");
    }
    out.push_str("\n</xforms>\n");
    out
}

pub fn manifest(files: &[MediaFile]) -> String {
    let mut out = begin(r#"<manifest xmlns="http://openrosa.org/xforms/xformsManifest">"#);
    for it in files {
        out.push_str("\n  <mediaFile>");
        element(&mut out, "filename", &it.name);
        element(&mut out, "hash", &format!("md5:{}", it.md5));
        element(&mut out, "downloadUrl", &it.download_url);
        out.push_str("</mediaFile>");
    }
    out.push_str("\n</manifest>\n");
    out
}

/// What the person with the client in hand is shown.
pub fn response(message: &str, is_error: bool) -> String {
    let nature = if is_error { "error" } else { "" };
    let mut out = begin(&format!(
        r#"<OpenRosaResponse xmlns="http://openrosa.org/http/response" items="0"><message nature="{nature}">"#
    ));
    out.push_str(&escape(message));
    out.push_str("</message></OpenRosaResponse>\n");
    out
}

fn begin(element: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{element}")
}

fn element(out: &mut String, name: &str, text: &str) {
    let _ = write!(out, "<{name}>{}</{name}>", escape(text));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Document, XmlLimits};

    const LIMITS: XmlLimits = XmlLimits { bytes: 10_000, nodes: 100, depth: 10 };

    #[test]
    fn what_people_call_their_forms_and_files_stays_text() {
        let nasty = "<a> & \"b\" ]]> 'c'";
        let form = ListedForm {
            form_id: nasty.into(),
            name: nasty.into(),
            version: String::new(),
            md5: "0".into(),
            download_url: "http://x/?a=1&b=2".into(),
            manifest_url: Some(nasty.into()),
        };
        let file = MediaFile { name: nasty.into(), md5: "0".into(), download_url: nasty.into() };
        for text in [form_list(&[form]), manifest(&[file]), response(nasty, true)] {
            let document = Document::read(text.as_bytes(), &LIMITS).unwrap();
            let root = document.root().unwrap();
            assert!(document.text(root).contains(nasty), "{text}");
        }
    }
}
