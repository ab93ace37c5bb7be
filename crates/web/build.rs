//! The pages' styles and scripts are bundled before this crate is built.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=../../web-ui/dist/manifest.json");
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=templates");
    let manifest = Path::new("../../web-ui/dist/manifest.json");
    assert!(
        manifest.exists(),
        "web-ui/dist is not there yet: run `cargo xtask setup` once, which installs and bundles web-ui"
    );
}
