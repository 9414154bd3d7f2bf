//! The commands on pages of the documentation that need files of the repository, run from its top folder.

use std::path::Path;

#[test]
fn pages_show_what_is_printed() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::env::set_current_dir(top).expect("the repository is there");
    trycmd::TestCases::new().env("LC_ALL", "C.UTF-8").env("NO_COLOR", "1").case("docs/sweeps.md");
}
