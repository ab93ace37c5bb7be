use std::{env, fs, path::Path};

use crate::world::policy;

/// Rewrite it with `OLZII_UPDATE_GOLDEN=1 cargo nextest run -p policy`, then read the difference.
#[test]
fn who_may_what_is_as_it_was_agreed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/who-may-what.txt");
    let now = policy::golden::who_may_what(policy()).unwrap();
    if env::var("OLZII_UPDATE_GOLDEN").is_ok_and(|it| it == "1") {
        fs::write(&path, &now).unwrap();
        return;
    }
    let agreed = fs::read_to_string(&path).unwrap_or_default();
    assert!(now == agreed, "who may what has changed:\n{}", difference(&agreed, &now));
}

/// Lines that only one of the two has, each under the last title before it.
fn difference(agreed: &str, now: &str) -> String {
    let titled = |text: &str| -> Vec<(String, String)> {
        let mut title = String::new();
        let lines = text.lines().map(|line| {
            if !line.starts_with(' ') {
                title = line.to_owned();
            }
            (title.clone(), line.to_owned())
        });
        lines.collect()
    };
    let (agreed, now) = (titled(agreed), titled(now));
    let gone =
        agreed.iter().filter(|it| !now.contains(it)).map(|(title, line)| format!("{title}\n  - {line}\n"));
    let come =
        now.iter().filter(|it| !agreed.contains(it)).map(|(title, line)| format!("{title}\n  + {line}\n"));
    gone.chain(come).collect()
}
