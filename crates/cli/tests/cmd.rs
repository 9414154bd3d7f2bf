//! What the program prints and how it exits, command by command: `tests/cmd/*.trycmd`. What the documentation shows is
//! in `tests/docs`.

#[test]
fn commands_print_what_they_should() {
    // Some write into it, and none may be the one that has to make it.
    std::fs::create_dir_all("target").expect("a folder can be made beside the tests");
    trycmd::TestCases::new()
        // The comparison takes a back-slash for a slash, so the pictures are of the other characters.
        .env("LC_ALL", "C.UTF-8")
        .env("NO_COLOR", "1")
        .case("tests/cmd/*.trycmd")
        .case("tests/cmd/*.toml");
}
