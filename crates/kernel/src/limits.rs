//! Every limit in one place. Each is a promise to users and is named in what they are told.

/// Bytes of an area path: seven codes of at most 18 digits and their separators fit twice.
pub const AREA_PATH_BYTES_MAX: usize = 255;
/// Characters of an area's name.
pub const AREA_NAME_CHARS_MAX: usize = 100;
/// Rows of one import of areas: the whole country has 665,000.
pub const AREA_IMPORT_ROWS_MAX: usize = 1_000_000;
/// Bytes of one file of areas.
pub const AREA_IMPORT_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Faults that an import lists before it says how many more there are.
pub const IMPORT_FAULTS_LISTED_MAX: usize = 100;
/// Bytes of one boundary file.
pub const BOUNDARY_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Rows of one list of responsibilities: a city has some hundreds of classes and of areas that differ.
pub const RESPONSIBILITY_ROWS_MAX: usize = 50_000;
/// Bytes of one file of responsibilities.
pub const RESPONSIBILITY_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Rows in a page of a list.
pub const PAGE_ROWS_MAX: usize = 200;
/// Rows in a page when nobody asked for a number.
pub const PAGE_ROWS_DEFAULT: usize = 50;
/// Bytes of a request body without photos.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// Bytes of a photo as uploaded.
pub const PHOTO_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Photos in one upload, and per step of a case.
pub const PHOTOS_PER_STEP_MAX: usize = 6;
/// Photos of one case.
pub const PHOTOS_PER_CASE_MAX: usize = 60;
/// Pixels of a photo that is still decoded: 50 megapixels.
pub const PHOTO_PIXELS_MAX: u64 = 50_000_000;
/// The longer side of a photo as stored, in pixels.
pub const PHOTO_SIDE_MAX: u32 = 2_048;
/// Characters of a description or a note.
pub const TEXT_CHARS_MAX: usize = 4_000;
/// Characters of a place, a name or another line of text.
pub const LINE_CHARS_MAX: usize = 200;
/// Characters of a password; the lower bound is `PASSWORD_CHARS_MIN`.
pub const PASSWORD_CHARS_MAX: usize = 256;
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Notes of one person, or of all who have the secret link, in one case.
pub const NOTES_PER_PERSON_MAX: usize = 50;
/// Steps that people may add to one case before only an end is open to it.
pub const CASE_STEPS_MAX: usize = 500;
/// Orders of supervision that one case may have in its life.
pub const SUPERVISIONS_PER_CASE_MAX: usize = 20;
/// Times that it may be asked for in one case that it be left out of the evaluation.
pub const EXCLUSIONS_PER_CASE_MAX: usize = 3;
/// Supporting bodies that one dispatch may name.
pub const SUPPORTING_MAX: usize = 5;
/// Bytes of a procedure file.
pub const PROCEDURE_BYTES_MAX: usize = 256 * 1024;
/// Times that a write is run again after a conflict.
pub const WRITE_ATTEMPTS_MAX: u32 = 12;
/// Seconds that a session lives unused, and at all.
pub const SESSION_IDLE_SECONDS: i64 = 12 * 3_600;
pub const SESSION_LIFE_SECONDS: i64 = 7 * 24 * 3_600;
/// Viewers of the live map at once.
pub const LIVE_VIEWERS_MAX: usize = 2_000;
/// Bytes and rows of a file of a year's days: a feed of twenty years has about 800 events.
pub const CALENDAR_BYTES_MAX: usize = 1024 * 1024;
pub const CALENDAR_ROWS_MAX: usize = 2_000;
/// Years that can be entered and shown.
pub const CALENDAR_YEAR_MIN: i16 = 2000;
pub const CALENDAR_YEAR_MAX: i16 = 2100;
/// So long before a year begins its offices are told that its holidays are not entered.
pub const CALENDAR_AHEAD_DAYS: i64 = 45;
/// Bytes of one file that belongs to a form or a submission.
pub const FORM_FILE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Files of one form, and of one submission.
pub const FORM_FILES_MAX: usize = 200;
/// Characters of the name of such a file.
pub const FORM_FILE_NAME_CHARS_MAX: usize = 255;
/// Bytes of one request that brings a submission; clients split what is larger.
pub const SUBMISSION_REQUEST_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Forms that are listed: far more than a city asks at a time.
pub const FORMS_LISTED_MAX: i64 = 2_000;
/// Edits of one submission.
pub const SUBMISSION_EDITS_MAX: i64 = 1_000;
/// Days that an answer is kept if its form says nothing else: five years and a leap day or two.
pub const ANSWER_DAYS_DEFAULT: i64 = 1_827;
/// The longest that a form may say.
pub const ANSWER_DAYS_MAX: i64 = 3_653;
/// Comments on one submission.
pub const SUBMISSION_COMMENTS_MAX: i64 = 1_000;
/// Versions of one submission that are shown beside each other.
pub const SUBMISSION_HISTORY_MAX: i64 = 20;
/// Campaigns of a city that ask at the same time.
pub const CAMPAIGNS_OPEN_MAX: i64 = 500;
/// Units that one campaign asks: a city has some thousands of grids.
pub const CAMPAIGN_UNITS_MAX: i64 = 50_000;
/// Days after its due day for which a campaign may still take records.
pub const CAMPAIGN_GRACE_DAYS_MAX: i64 = 90;
/// Days ahead that a campaign may begin or be due.
pub const CAMPAIGN_AHEAD_DAYS_MAX: i64 = 730;
/// Hours within which a unit is not reminded twice of the same campaign.
pub const CAMPAIGN_REMINDER_HOURS: i64 = 12;
/// Days for which it is kept who was reminded, and by which rounds.
pub const CAMPAIGN_REMINDERS_KEPT_DAYS: i64 = 400;
/// Hours before it is due at which those who are silent are reminded by the clock.
pub const CAMPAIGN_REMINDER_BEFORE_HOURS: i64 = 48;
/// Rows and bytes of one file of events.
pub const EVENT_ROWS_MAX: usize = 100_000;
pub const EVENT_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Bytes of a workbook with the reports of many units.
pub const STATISTIC_UPLOAD_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Records that one analysis counts, and that it looks through to find them.
pub const ANALYSIS_RECORDS_MAX: usize = 20_000;
pub const ANALYSIS_READ_MAX: usize = 100_000;
/// Answers that one analysis holds: a hundred questions of that many records.
pub const ANALYSIS_ANSWERS_MAX: usize = 2_000_000;
/// Versions of a form whose records are analysed together.
pub const ANALYSIS_VERSIONS_MAX: usize = 40;
/// Areas by whose residents records are weighted.
pub const ANALYSIS_AREAS_MAX: usize = 2_000;
/// Cells of a table of one question by another.
pub const ANALYSIS_CELLS_MAX: usize = 1_000;
/// Cells of a workbook of answers, of which each stands there twice: as a label and as a code.
pub const ANALYSIS_EXPORT_CELLS_MAX: usize = 600_000;
