use crate::xpath::{Uses, expression::Expr};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    Abs,
    Acos,
    Area,
    Asin,
    Atan,
    Atan2,
    Base64Decode,
    Boolean,
    BooleanFromString,
    Ceiling,
    Checklist,
    ChoiceName,
    Coalesce,
    Concat,
    Contains,
    Cos,
    Count,
    CountNonEmpty,
    CountSelected,
    Current,
    Date,
    DecimalDateTime,
    DecimalTime,
    Digest,
    Distance,
    EndsWith,
    Exp,
    Exp10,
    False,
    Floor,
    FormatDate,
    Id,
    If,
    IndexedRepeat,
    Instance,
    Int,
    Itext,
    Join,
    Lang,
    Last,
    LocalName,
    Log,
    Log10,
    Max,
    Min,
    Name,
    NamespaceUri,
    NormalizeSpace,
    Not,
    Now,
    Number,
    Once,
    Pi,
    Position,
    Pow,
    Pulldata,
    Random,
    Randomize,
    Regex,
    Round,
    Selected,
    SelectedAt,
    Sin,
    Sqrt,
    StartsWith,
    String,
    StringLength,
    Substr,
    Substring,
    SubstringAfter,
    SubstringBefore,
    Sum,
    Tan,
    Today,
    Translate,
    True,
    Uuid,
    WeightedChecklist,
}

use Function as F;

/// Name, function, fewest and most arguments; no most where there is no limit.
const FUNCTIONS: &[(&str, Function, usize, Option<usize>)] = &[
    ("abs", F::Abs, 1, Some(1)),
    ("acos", F::Acos, 1, Some(1)),
    ("area", F::Area, 1, Some(1)),
    ("asin", F::Asin, 1, Some(1)),
    ("atan", F::Atan, 1, Some(1)),
    ("atan2", F::Atan2, 2, Some(2)),
    ("base64-decode", F::Base64Decode, 1, Some(1)),
    ("boolean", F::Boolean, 1, Some(1)),
    ("boolean-from-string", F::BooleanFromString, 1, Some(1)),
    ("ceiling", F::Ceiling, 1, Some(1)),
    ("checklist", F::Checklist, 2, None),
    ("coalesce", F::Coalesce, 1, Some(2)),
    ("concat", F::Concat, 0, None),
    ("contains", F::Contains, 2, Some(2)),
    ("cos", F::Cos, 1, Some(1)),
    ("count", F::Count, 1, Some(1)),
    ("count-non-empty", F::CountNonEmpty, 1, Some(1)),
    ("count-selected", F::CountSelected, 1, Some(1)),
    ("current", F::Current, 0, Some(0)),
    ("date", F::Date, 1, Some(1)),
    ("date-time", F::Date, 1, Some(1)),
    ("decimal-date-time", F::DecimalDateTime, 1, Some(1)),
    ("decimal-time", F::DecimalTime, 1, Some(1)),
    ("digest", F::Digest, 2, Some(3)),
    ("distance", F::Distance, 1, None),
    ("ends-with", F::EndsWith, 2, Some(2)),
    ("exp", F::Exp, 1, Some(1)),
    ("exp10", F::Exp10, 1, Some(1)),
    ("false", F::False, 0, Some(0)),
    ("floor", F::Floor, 1, Some(1)),
    ("format-date", F::FormatDate, 2, Some(2)),
    ("format-date-time", F::FormatDate, 2, Some(2)),
    ("id", F::Id, 1, Some(1)),
    ("if", F::If, 3, Some(3)),
    ("indexed-repeat", F::IndexedRepeat, 3, Some(7)),
    ("instance", F::Instance, 1, Some(1)),
    ("int", F::Int, 1, Some(1)),
    ("join", F::Join, 1, None),
    ("jr:choice-name", F::ChoiceName, 2, Some(2)),
    ("jr:itext", F::Itext, 1, Some(1)),
    ("lang", F::Lang, 1, Some(1)),
    ("last", F::Last, 0, Some(0)),
    ("local-name", F::LocalName, 0, Some(1)),
    ("log", F::Log, 1, Some(1)),
    ("log10", F::Log10, 1, Some(1)),
    ("max", F::Max, 0, None),
    ("min", F::Min, 0, None),
    ("name", F::Name, 0, Some(1)),
    ("namespace-uri", F::NamespaceUri, 0, Some(1)),
    ("normalize-space", F::NormalizeSpace, 0, Some(1)),
    ("not", F::Not, 1, Some(1)),
    ("now", F::Now, 0, Some(0)),
    ("number", F::Number, 0, Some(1)),
    ("once", F::Once, 1, Some(1)),
    ("pi", F::Pi, 0, Some(0)),
    ("position", F::Position, 0, Some(1)),
    ("pow", F::Pow, 2, Some(2)),
    ("pulldata", F::Pulldata, 4, Some(4)),
    ("random", F::Random, 0, Some(0)),
    ("randomize", F::Randomize, 1, Some(2)),
    ("regex", F::Regex, 2, Some(2)),
    ("round", F::Round, 1, Some(2)),
    ("selected", F::Selected, 2, Some(2)),
    ("selected-at", F::SelectedAt, 2, Some(2)),
    ("sin", F::Sin, 1, Some(1)),
    ("sqrt", F::Sqrt, 1, Some(1)),
    ("starts-with", F::StartsWith, 2, Some(2)),
    ("string", F::String, 0, Some(1)),
    ("string-length", F::StringLength, 0, Some(1)),
    ("substr", F::Substr, 2, Some(3)),
    ("substring", F::Substring, 2, Some(3)),
    ("substring-after", F::SubstringAfter, 2, Some(2)),
    ("substring-before", F::SubstringBefore, 2, Some(2)),
    ("sum", F::Sum, 1, Some(1)),
    ("tan", F::Tan, 1, Some(1)),
    ("today", F::Today, 0, Some(0)),
    ("translate", F::Translate, 3, Some(3)),
    ("true", F::True, 0, Some(0)),
    ("uuid", F::Uuid, 0, Some(1)),
    ("weighted-checklist", F::WeightedChecklist, 2, None),
];

/// How near a name must be to another to be offered for it.
const NEAR: f64 = 0.75;

impl Function {
    /// The function of a name, or what to write instead.
    pub fn find(name: &str) -> Result<(Function, usize, Option<usize>), String> {
        if let Some((_, function, least, most)) = FUNCTIONS.iter().find(|it| it.0 == name) {
            return Ok((*function, *least, *most));
        }
        let near = FUNCTIONS
            .iter()
            .map(|it| (strsim::jaro_winkler(it.0, name), it.0))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .filter(|it| it.0 >= NEAR);
        Err(match near {
            Some((_, near)) => format!("there is no function {name}(): is {near}() meant?"),
            None => format!("there is no function {name}()"),
        })
    }

    /// Whether it reads the context node when called with so many arguments.
    pub fn reads_context(self, arguments: usize) -> bool {
        match self {
            F::Once => true,
            F::String | F::Number | F::StringLength | F::NormalizeSpace => arguments == 0,
            _ => false,
        }
    }

    /// Notes what a call makes the value depend on.
    pub fn note(self, arguments: &[Expr], uses: &mut Uses) {
        match self {
            F::Now | F::Today => uses.clock = true,
            F::Random | F::Uuid => uses.chance = true,
            F::Randomize => uses.chance |= arguments.len() < 2,
            F::Once => uses.past = true,
            F::Itext | F::ChoiceName => uses.language = true,
            F::FormatDate => match arguments.get(1) {
                Some(Expr::Text(format)) => uses.language |= format.contains("%a") || format.contains("%b"),
                _ => uses.language = true,
            },
            F::Area | F::Distance => uses.geometry = true,
            F::Instance | F::Pulldata => uses.instance = true,
            _ => uses.past |= self.reads_context(arguments.len()),
        }
    }
}
