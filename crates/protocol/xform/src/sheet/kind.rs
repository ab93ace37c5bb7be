//! Kinds of questions, with every spelling that has been in use.

/// What a question of a kind becomes.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    pub names: &'static [&'static str],
    pub data_type: &'static str,
    pub control: &'static str,
    pub mediatype: &'static str,
    /// `jr:preload` and `jr:preloadParams`.
    pub preload: Option<(&'static str, &'static str)>,
    pub is_readonly: bool,
    pub constraint: &'static str,
    pub hint: &'static str,
}

const PLAIN: Kind = Kind {
    names: &[],
    data_type: "string",
    control: "",
    mediatype: "",
    preload: None,
    is_readonly: false,
    constraint: "",
    hint: "",
};

const fn input(names: &'static [&'static str], data_type: &'static str) -> Kind {
    Kind { names, data_type, control: "input", ..PLAIN }
}

const fn shown(names: &'static [&'static str], control: &'static str, data_type: &'static str) -> Kind {
    Kind { names, data_type, control, ..PLAIN }
}

const fn upload(names: &'static [&'static str], mediatype: &'static str) -> Kind {
    Kind { names, data_type: "binary", control: "upload", mediatype, ..PLAIN }
}

const fn property(names: &'static [&'static str], name: &'static str) -> Kind {
    Kind { names, preload: Some(("property", name)), ..PLAIN }
}

const fn stamp(names: &'static [&'static str], name: &'static str) -> Kind {
    Kind { names, data_type: "dateTime", preload: Some(("timestamp", name)), ..PLAIN }
}

const fn bounded(names: &'static [&'static str], constraint: &'static str, hint: &'static str) -> Kind {
    Kind { names, data_type: "int", control: "input", constraint, hint, ..PLAIN }
}

pub const KINDS: &[Kind] = &[
    input(&["text", "string", "q string", "add text prompt"], "string"),
    input(&["integer", "int", "q int", "add integer prompt"], "int"),
    input(&["decimal", "q decimal", "add decimal prompt"], "decimal"),
    input(&["date", "q date", "add date prompt"], "date"),
    input(&["time"], "time"),
    input(
        &[
            "dateTime",
            "datetime",
            "date time",
            "q dateTime",
            "q date time",
            "add dateTime prompt",
            "add date time prompt",
        ],
        "dateTime",
    ),
    input(&["barcode", "q barcode", "add barcode prompt"], "barcode"),
    input(&["geopoint", "gps", "location", "q geopoint", "q location", "add location prompt"], "geopoint"),
    input(&["geotrace", "q geotrace"], "geotrace"),
    input(&["geoshape", "q geoshape"], "geoshape"),
    Kind { names: &["note", "q note", "add note prompt"], control: "input", is_readonly: true, ..PLAIN },
    shown(
        &["select one", "q select1", "select one using", "add select one prompt using"],
        "select1",
        "string",
    ),
    shown(
        &[
            "select all that apply",
            "q select",
            "select multiple from",
            "select multiple using",
            "select all that apply from",
            "add select multiple prompt using",
        ],
        "select",
        "string",
    ),
    shown(&["select one external"], "input", "string"),
    shown(&["rank"], "odk:rank", "odk:rank"),
    shown(&["range"], "range", "int"),
    shown(&["acknowledge", "q acknowledge", "add acknowledge prompt"], "trigger", "string"),
    shown(&["trigger"], "trigger", ""),
    upload(&["photo", "image", "q picture", "q image", "add image prompt"], "image/*"),
    upload(&["audio", "q audio", "add audio prompt"], "audio/*"),
    upload(&["video", "q video", "add video prompt"], "video/*"),
    upload(&["file", "add file prompt"], "application/*"),
    upload(&["osm"], "osm/*"),
    Kind { names: &["calculate", "q calculate", "add calculate prompt"], ..PLAIN },
    Kind { names: &["hidden"], ..PLAIN },
    stamp(&["start", "start time", "get start time"], "start"),
    stamp(&["end", "end time", "get end time"], "end"),
    Kind { names: &["today", "get today"], data_type: "date", preload: Some(("date", "today")), ..PLAIN },
    property(&["deviceid", "imei", "device id", "get device id"], "deviceid"),
    property(&["subscriberid", "subscriber id", "get subscriber id"], "subscriberid"),
    property(&["simserial", "sim id", "get sim id"], "simserial"),
    property(&["phonenumber", "get phone number"], "phonenumber"),
    property(&["username"], "username"),
    property(&["email"], "email"),
    property(&["uri:deviceid"], "uri:deviceid"),
    property(&["uri:subscriberid"], "uri:subscriberid"),
    property(&["uri:simserial"], "uri:simserial"),
    property(&["uri:phonenumber"], "uri:phonenumber"),
    property(&["uri:username"], "uri:username"),
    property(&["uri:email"], "uri:email"),
    Kind { names: &["audit"], data_type: "binary", ..PLAIN },
    shown(&["start-geopoint"], "action", "geopoint"),
    shown(&["background-audio"], "action", "binary"),
    shown(&["background-geopoint"], "trigger", "geopoint"),
    bounded(&["percentage"], "0 <= . and . <= 100", ""),
    bounded(&["number of days in last month"], "0 <= . and . <= 31", "Enter a number 0-31."),
    bounded(&["number of days in last six months"], "0 <= . and . <= 183", "Enter a number 0-183."),
    bounded(&["number of days in last year"], "0 <= . and . <= 365", "Enter a number 0-365."),
    Kind {
        names: &["phone number"],
        control: "input",
        constraint: "regex(., '^\\d*$')",
        hint: "Enter numbers only.",
        ..PLAIN
    },
];

pub fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|it| it.names.contains(&name))
}

/// How near a name must be to another to be offered for it.
const NEAR: f64 = 0.8;

/// The spelling that is nearest to one that is not known.
pub fn nearest(name: &str) -> Option<&'static str> {
    const OTHERS: [&str; 10] = [
        "begin_group",
        "end_group",
        "begin_repeat",
        "end_repeat",
        "select_one",
        "select_multiple",
        "select_one_from_file",
        "select_multiple_from_file",
        "csv-external",
        "xml-external",
    ];
    let wanted = name.to_lowercase();
    KINDS
        .iter()
        .flat_map(|it| it.names)
        .chain(&OTHERS)
        .map(|it| (strsim::jaro_winkler(it, &wanted), *it))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|it| it.0 >= NEAR)
        .map(|it| it.1)
}
