//! Photos: kept with their case, and gone after a day without one.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use domain::{
    Ctx, Refusal,
    case::{self, Contact, PhotoFolder, Report, StepInput, StoredPhoto},
};
use kernel::{Case, Id, Role};
use store::{Db, both, testing::Scratch};
use uuid::Uuid;

use crate::ground::{COMMUNITY, GRID, Ground};

const HOUR: i64 = 3_600;

/// A city with a folder of photos of its own, or one that is there already.
fn ground(db: Db, folder: &Path) -> Ground {
    let mut ground = Ground::new(db);
    Arc::get_mut(&mut ground.city).expect("nobody else has it").photos = PhotoFolder::open(folder).unwrap();
    ground
}

struct Folder(PathBuf);

impl Folder {
    #[allow(clippy::disallowed_methods, reason = "tests run side by side and need folders of their own")]
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("olzii-photos-{}", Uuid::new_v4().simple())))
    }

    /// Names of the files in one part.
    fn files(&self, part: &str) -> Vec<String> {
        let entries = fs::read_dir(self.0.join(part)).unwrap();
        entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect()
    }

    fn new_ones(&self) -> usize {
        self.files("new").len()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn photo(ctx: &Ctx) -> StoredPhoto {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(16, 12).write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    case::store_photo(ctx, bytes.get_ref()).unwrap()
}

fn lamp(number: u128, photos: Vec<StoredPhoto>) -> Report {
    Report {
        id: Id::from_uuid(Uuid::from_u128(0x2000 + number)),
        procedure: "city-event".into(),
        class: "c1-street-lamp".into(),
        area: GRID.into(),
        place: String::new(),
        position: None,
        description: "路灯不亮".into(),
        contact: Contact::default(),
        photos,
    }
}

fn forget(ground: &Ground) -> u64 {
    case::forget_photos(&Ctx::system(ground.city.clone())).unwrap()
}

fn shows(ctx: &Ctx, case: Id<Case>, photo: &StoredPhoto) -> bool {
    case::photo(ctx, case, photo.id).is_ok_and(|bytes| bytes.starts_with(&[0xff, 0xd8]))
}

both!(a_photo_of_a_form_that_was_refused_goes_after_a_day_and_no_sooner, |db: Db| {
    let folder = Folder::new();
    let ground = ground(db, &folder.0);
    let person = ground.resident("王", GRID);
    let ctx = ground.acting(person);
    let refused = Report { description: String::new(), ..lamp(1, vec![photo(&ctx)]) };
    assert!(matches!(case::report(&ctx, refused), Err(Refusal::Invalid(_))));
    ground.clock.pass_seconds(23 * HOUR);
    let ctx = ground.acting(person);
    let young = photo(&ctx);
    // What somebody else put there is not ours to judge.
    for name in ["readme.txt", "00000000000000000000000000000001.jpg", "photo.jpg"] {
        fs::write(folder.0.join("new").join(name), "x").unwrap();
    }
    assert_eq!((forget(&ground), folder.new_ones()), (0, 5));
    ground.clock.pass_seconds(2 * HOUR);
    assert_eq!((forget(&ground), folder.new_ones()), (1, 4), "the young one stays");
    assert_eq!(forget(&ground), 0);
    assert!(case::report(&ctx, lamp(1, vec![young])).is_ok(), "and may still come to be part of a case");
});

both!(a_photo_of_a_case_stays_whatever_database_the_folder_is_opened_beside, |db: Db| {
    let folder = Folder::new();
    let ground_of_case = ground(db, &folder.0);
    let ctx = ground_of_case.acting(ground_of_case.resident("王", GRID));
    let (of_report, of_step) = (photo(&ctx), photo(&ctx));
    let id = case::report(&ctx, lamp(1, vec![of_report.clone()])).unwrap().0.id;
    let worker = ground_of_case.acting(ground_of_case.officer("网格长", Role::GridLeader, COMMUNITY));
    let seen =
        StepInput { finding: Some("exists".into()), photos: vec![of_step.clone()], ..StepInput::default() };
    case::advance(&worker, id, "verify", &seen).unwrap();
    assert_eq!(folder.new_ones(), 0, "kept before it was acknowledged");

    // An empty database, as a wrong address or a lost file would give, and as good as an old backup: it
    // knows nothing of the case.
    let scratch = Scratch::sqlite();
    let other = ground(scratch.db.clone(), &folder.0);
    other.clock.pass_seconds(400 * 24 * HOUR);
    photo(&other.acting(other.resident("李", GRID)));
    other.clock.pass_seconds(25 * HOUR);
    assert_eq!(forget(&other), 1, "it deletes what was its own and came to nothing");

    ground_of_case.clock.pass_seconds(500 * 24 * HOUR);
    assert_eq!(forget(&ground_of_case), 0);
    assert!(shows(&worker, id, &of_report) && shows(&worker, id, &of_step));
});

both!(a_photo_whose_case_was_written_just_before_the_machine_stopped_is_seen_and_kept, |db: Db| {
    let folder = Folder::new();
    let ground = ground(db, &folder.0);
    let ctx = ground.acting(ground.resident("王", GRID));
    let stored = photo(&ctx);
    let id = case::report(&ctx, lamp(1, vec![stored.clone()])).unwrap().0.id;
    let name = format!("{}.jpg", stored.id.uuid().simple());
    let (kept, new) = (folder.0.join(&name[30..32]).join(&name), folder.0.join("new").join(&name));
    fs::rename(&kept, &new).unwrap();
    assert!(shows(&ctx, id, &stored));
    ground.clock.pass_seconds(25 * HOUR);
    assert_eq!((forget(&ground), folder.new_ones(), kept.exists()), (0, 0, true));
    assert!(shows(&ctx, id, &stored));
});

both!(what_is_sent_twice_is_kept_once, |db: Db| {
    let folder = Folder::new();
    let ground = ground(db, &folder.0);
    let ctx = ground.acting(ground.resident("王", GRID));
    let first = photo(&ctx);
    let id = case::report(&ctx, lamp(1, vec![first.clone()])).unwrap().0.id;
    assert!(!case::report(&ctx, lamp(1, vec![photo(&ctx)])).unwrap().1, "the same picture again");
    let worker = ground.acting(ground.officer("网格长", Role::GridLeader, COMMUNITY));
    let verify = |photos| {
        let request = Some(Uuid::from_u128(7));
        let seen = StepInput { request, finding: Some("exists".into()), photos, ..StepInput::default() };
        case::advance(&worker, id, "verify", &seen).unwrap()
    };
    let second = photo(&worker);
    verify(vec![second.clone()]);
    assert_eq!(verify(vec![photo(&worker)]).photos.len(), 2);
    assert_eq!(folder.new_ones(), 2);
    ground.clock.pass_seconds(25 * HOUR);
    assert_eq!((forget(&ground), folder.new_ones()), (2, 0));
    assert!(shows(&worker, id, &first) && shows(&worker, id, &second));
});
