//! `cargo xtask new-room NAME`: the files of a room in domain and of its twin in web.

use std::{fs, path::Path};

use anyhow::{Result, ensure};

use crate::workspace;

/// What the room is called.
#[derive(clap::Args)]
pub struct Options {
    /// The subject in the singular, in snake_case, as the field calls it: `household`, `patrol_route`
    name: String,
}

/// `(path below the root, text)`, with NAME for the room's name.
const FILES: [(&str, &str); 9] = [
    (
        "crates/domain/src/NAME/mod.rs",
        "//! What NAME is, in prose: what it promises, what it leaves out. The only public face of the room.\n\
         \nmod action;\nmod model;\nmod query;\nmod store;\n",
    ),
    ("crates/domain/src/NAME/model.rs", "//! Types and transitions of NAME; pure.\n"),
    (
        "crates/domain/src/NAME/action.rs",
        "//! One public function per thing a person does: load, ask policy, change, save, record, tell; one transaction.\n",
    ),
    ("crates/domain/src/NAME/query.rs", "//! Lists and counts, always scoped to what the actor may see.\n"),
    ("crates/domain/src/NAME/store.rs", "//! SQL of NAME and nothing else: one `const` text per query.\n"),
    (
        "crates/web/src/NAME/mod.rs",
        "//! How people and machines reach NAME: its routes.\n\nmod api;\nmod page;\nmod view;\n",
    ),
    (
        "crates/web/src/NAME/page.rs",
        "//! HTML in, HTML out: reads the form, calls the room, decides nothing.\n",
    ),
    ("crates/web/src/NAME/api.rs", "//! JSON in, JSON out, with its OpenAPI on the handler.\n"),
    ("crates/web/src/NAME/view.rs", "//! What a template may see of NAME.\n"),
];

const NEXT_STEPS: &str = "next:
  1. `pub mod NAME;` in crates/domain/src/lib.rs, `mod NAME;` and its routes in crates/web/src/lib.rs
  2. the terms in docs/glossary.md: word, Chinese, table, meaning
  3. a migration in crates/store/migrations, and each column's purpose and retention in crates/store/privacy.toml
  4. its actions in crates/policy, then `cargo xtask golden` and read who-may-what.txt
  5. templates in crates/web/templates/NAME, their words in crates/web/locales/*/NAME.ftl
  6. a story test in crates/domain/tests/it and one over HTTP in crates/web/tests/it
  7. cargo xtask layers && cargo xtask sql && cargo xtask test --fast";

pub fn run(options: Options) -> Result<()> {
    create(&workspace::root(), &options.name)?;
    println!("{}", NEXT_STEPS.replace("NAME", &options.name));
    Ok(())
}

fn create(root: &Path, name: &str) -> Result<()> {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase());
    ensure!(
        name.split('_').all(is_word),
        "\"{name}\" is no name for a room: whole lower-case words joined by _, for instance patrol_route"
    );
    for floor in ["domain", "web"] {
        let room = root.join(format!("crates/{floor}/src/{name}"));
        ensure!(!room.exists(), "{} is there already", room.display());
        let file = room.with_extension("rs");
        ensure!(!file.exists(), "{} is a module already", file.display());
    }
    for (path, text) in FILES {
        let path = path.replace("NAME", name);
        fs::create_dir_all(root.join(&path).parent().expect("it lies in a room"))?;
        fs::write(root.join(&path), text.replace("NAME", name))?;
        println!("{path}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_made_once_under_a_proper_name() {
        let root = std::env::temp_dir().join(format!("olzii-new-room-{}", std::process::id()));
        create(&root, "patrol_route").unwrap();
        let face = fs::read_to_string(root.join("crates/domain/src/patrol_route/mod.rs")).unwrap();
        assert!(face.starts_with("//! What patrol_route is") && face.contains("\nmod store;"), "{face}");
        assert!(root.join("crates/web/src/patrol_route/page.rs").is_file());
        assert!(create(&root, "patrol_route").unwrap_err().to_string().contains("is there already"));
        for name in ["", "Patrol", "patrol-route", "_patrol", "../patrol"] {
            assert!(create(&root, name).unwrap_err().to_string().contains("is no name"), "{name}");
        }
        fs::remove_dir_all(root).unwrap();
    }
}
