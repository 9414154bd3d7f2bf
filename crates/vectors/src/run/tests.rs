//! Vectors run as they say.

use std::path::Path;

use super::*;

fn run_text(text: &str) -> Vec<VectorResult> {
    let file = VectorFile::parse("test", text).unwrap_or_else(|error| panic!("{error}"));
    run_file(Path::new("test.toml"), &file, &RunOptions::default())
}

fn titles(result: &VectorResult) -> Vec<String> {
    result.failures.iter().map(|f| format!("{}:{} [{}] {}", f.line, f.column, f.code, f.title)).collect()
}

#[test]
fn a_flash_says_who_it_is() {
    let results = run_text(
        r#"
        [bus.spi]
        kind = "spi"
        clock = "16 MHz"
        [device.flash]
        part = "w25q128jv"
        [[step]]
        do = "[0x9f r:3=ef4018]"
        [check]
        items = 6
        "#,
    );
    assert_eq!(titles(&results[0]), [""; 0]);
    assert_eq!(results[0].outcome, Outcome::Passed);
}

#[test]
fn a_wrong_expectation_points_at_the_item() {
    let results = run_text(
        r#"
        bus.spi = { kind = "spi", clock = "16 MHz" }
        device.flash.part = "w25q128jv"
        [[step]]
        do = "[0x9f r:3=ef40x9]"
        "#,
    );
    assert_eq!(titles(&results[0]), ["5:21 [mismatch] expected ef 40 x9, read ef 40 18"]);
    assert_eq!(results[0].outcome, Outcome::Failed);
}
