use std::collections::HashMap;

use super::body::{Text, TextPart};

/// The languages of a form.
#[derive(Clone, Debug, Default)]
pub struct Translations {
    pub languages: Vec<Language>,
}

#[derive(Clone, Debug)]
pub struct Language {
    /// As the form names it: `中文 (zh)`.
    pub name: String,
    pub is_default: bool,
    pub texts: HashMap<String, Translation>,
}

/// One text in its forms.
#[derive(Clone, Debug, Default)]
pub struct Translation {
    pub values: Vec<(TextForm, Vec<TextPart>)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextForm {
    /// Without a form: what is read.
    Plain,
    Short,
    Long,
    Guidance,
    Image,
    BigImage,
    Audio,
    Video,
    Other(String),
}

impl TextForm {
    pub(super) fn parse(text: Option<&str>) -> TextForm {
        match text {
            None => TextForm::Plain,
            Some("short") => TextForm::Short,
            Some("long") => TextForm::Long,
            Some("guidance") => TextForm::Guidance,
            Some("image") => TextForm::Image,
            Some("big-image") => TextForm::BigImage,
            Some("audio") => TextForm::Audio,
            Some("video") => TextForm::Video,
            Some(other) => TextForm::Other(other.to_owned()),
        }
    }
}

impl Translations {
    /// The language of this name; without one, the form's own.
    pub fn language(&self, name: &str) -> Option<&Language> {
        let own = || self.languages.iter().find(|it| it.is_default).or_else(|| self.languages.first());
        self.languages.iter().find(|it| it.name == name).or_else(own)
    }

    /// A text in a form; the form's own language where this one lacks it.
    pub fn text(&self, id: &str, language: &str, form: &TextForm) -> Option<&[TextPart]> {
        let of = |language: &str| -> Option<&[TextPart]> {
            let translation = self.language(language)?.texts.get(id)?;
            translation.values.iter().find(|it| it.0 == *form).map(|it| it.1.as_slice())
        };
        of(language).or_else(|| of(""))
    }

    pub fn contains(&self, id: &str) -> bool {
        self.languages.iter().any(|it| it.texts.contains_key(id))
    }

    /// Names of media files.
    pub(super) fn files(&self) -> impl Iterator<Item = String> + '_ {
        let values = self.languages.iter().flat_map(|it| it.texts.values()).flat_map(|it| &it.values);
        values.filter_map(|(_, parts)| match parts.as_slice() {
            [TextPart::Literal(uri)] => {
                let rest = uri.trim().strip_prefix("jr://")?;
                rest.rsplit_once('/').map(|it| it.1.to_owned())
            }
            _ => None,
        })
    }
}

impl Text {
    /// The text without what expressions would put into it.
    pub fn literal(&self, translations: &Translations, language: &str) -> String {
        let parts = match self {
            Text::Plain(parts) => parts,
            Text::Translated(id) => translations.text(id, language, &TextForm::Plain).unwrap_or_default(),
        };
        literal(parts)
    }
}

pub(crate) fn literal(parts: &[TextPart]) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            TextPart::Literal(literal) => text.push_str(literal),
            TextPart::Output(_) => text.push('…'),
        }
    }
    text.trim().to_owned()
}
