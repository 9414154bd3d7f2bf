//! The invariants of the workspace, held by reading it.

use std::fs;
use std::path::{Path, PathBuf};

use busproof_core::bus::BUSES;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Every file below `dir` whose name ends in `ending`, build output left out.
fn files(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.expect("a folder can be listed").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// What breaks a rule, one line each; a test fails if there is any.
fn assert_none(what: &str, offences: &[String]) {
    assert!(offences.is_empty(), "{what}:\n{}", offences.join("\n"));
}

/// Which of our crates each may depend on: the arrows point one way.
const ARROWS: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("parts", &["core"]),
    ("wave", &["core"]),
    ("plot", &["core"]),
    ("testkit", &["core"]),
    ("links", &["core"]),
    ("dram", &["core", "parts"]),
    ("vectors", &["core", "parts", "wave", "plot", "testkit", "links", "dram"]),
    ("cli", &["core", "parts", "wave", "plot", "testkit", "links", "dram", "vectors"]),
];

#[test]
fn dependencies_point_one_way() {
    let mut offences = Vec::new();
    for (name, allowed) in ARROWS {
        let manifest = read(&root().join("crates").join(name).join("Cargo.toml"));
        let real = manifest.split("[dev-dependencies]").next().unwrap_or_default();
        for (other, _) in ARROWS {
            if real.contains(&format!("busproof-{other}.workspace")) && !allowed.contains(other) {
                offences.push(format!("crates/{name} depends on {other}"));
            }
        }
    }
    assert_none("forbidden dependency", &offences);
}

#[test]
fn every_crate_stands_in_the_table_of_arrows() {
    let crates = fs::read_dir(root().join("crates")).unwrap();
    for entry in crates {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(ARROWS.iter().any(|(n, _)| *n == name), "crates/{name} is missing in ARROWS");
    }
}

#[test]
fn the_core_does_no_io_and_keeps_no_clock_thread_or_global() {
    let forbidden = [
        "std::fs",
        "std::io",
        "std::net",
        "std::env",
        "std::thread",
        "std::time",
        "std::process",
        "println!",
        "eprintln!",
        "static mut",
        "thread_local!",
        "OnceLock",
        "LazyLock",
    ];
    let mut offences = Vec::new();
    for path in files(&root().join("crates/core/src"), ".rs") {
        if path.ends_with("tests.rs") || path.iter().any(|p| p == "tests") {
            continue;
        }
        let text = read(&path);
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for word in forbidden.iter().filter(|word| code.contains(*word)) {
            offences.push(format!("{}: {word}", path.display()));
        }
    }
    assert_none("the core is pure", &offences);
}

/// The files of a bus's two agents, as its field calls them.
fn agents(bus: &str) -> [&'static str; 2] {
    match bus {
        "handshake" => ["sender.rs", "receiver.rs"],
        "uart" => ["transmitter.rs", "receiver.rs"],
        "ddr" => ["pins/controller.rs", "pins/device.rs"],
        _ => ["controller.rs", "target.rs"],
    }
}

#[test]
fn every_bus_has_the_same_anatomy() {
    let anatomy = ["mod.rs", "item.rs", "decode.rs", "rules.rs", "info.rs", "tests.rs"];
    for bus in BUSES {
        let folder = root().join("crates/core/src/bus").join(bus.name);
        for file in anatomy.into_iter().chain(agents(bus.name)) {
            assert!(folder.join(file).is_file(), "{} has no {file}", folder.display());
        }
    }
    let folders = fs::read_dir(root().join("crates/core/src/bus")).unwrap().map(Result::unwrap);
    for folder in folders.filter(|f| f.path().is_dir()) {
        let name = folder.file_name().to_string_lossy().into_owned();
        assert!(BUSES.iter().any(|b| b.name == name), "bus {name} is missing in the table of buses");
    }
}

#[test]
fn no_bus_imports_another() {
    let mut offences = Vec::new();
    for bus in BUSES {
        for path in files(&root().join("crates/core/src/bus").join(bus.name), ".rs") {
            let text = read(&path);
            for other in BUSES.iter().filter(|b| b.name != bus.name) {
                if text.contains(&format!("bus::{}", other.name))
                    || text.contains(&format!("super::super::{}", other.name))
                {
                    offences.push(format!("{}: {}", path.display(), other.name));
                }
            }
        }
    }
    assert_none("a bus imports another", &offences);
}

#[test]
fn every_rule_says_what_it_asks_who_says_so_and_what_breaks_it() {
    for bus in BUSES {
        assert!(!bus.rules.is_empty() && !bus.roles.is_empty() && !bus.options.is_empty(), "{}", bus.name);
        for rule in bus.rules {
            for (what, text) in [("summary", rule.summary), ("source", rule.source), ("cause", rule.cause)] {
                assert!(text.len() > 8, "{}: rule {} has no {what}", bus.name, rule.name);
            }
        }
        for code in bus.codes {
            assert!(code.code.starts_with(&format!("{}::", bus.name)), "{}", code.code);
            assert!(code.explanation.len() > code.summary.len(), "{} is not explained", code.code);
        }
        for check in bus.checks {
            let is_code = bus.codes.iter().any(|code| code.code == check.code);
            assert!(is_code && !check.on.is_empty(), "{}: a check of no code, or on no event", check.code);
        }
    }
}

#[test]
fn every_code_a_monitor_or_an_agent_gives_is_explained() {
    for bus in BUSES {
        let folder = root().join("crates/core/src/bus").join(bus.name);
        let is_told = |path: &PathBuf| {
            let name = path.to_string_lossy();
            // What memories remark has a table of its own.
            !name.ends_with("info.rs") && !name.contains("tests") && !name.ends_with("pins/remarks.rs")
        };
        let texts: Vec<String> =
            files(&folder, ".rs").iter().filter(|p| is_told(p)).map(|p| read(p)).collect();
        let quote = format!("\"{}::", bus.name);
        let rests = texts.iter().flat_map(|text| text.split(&quote).skip(1));
        let given: Vec<String> =
            rests.filter_map(|rest| Some(format!("{}::{}", bus.name, rest.split_once('"')?.0))).collect();
        assert!(!given.is_empty());
        for code in &given {
            assert!(bus.codes.iter().any(|c| c.code == code), "{code} is not in the table of codes");
        }
        for code in bus.codes {
            assert!(given.iter().any(|g| g == code.code), "{} is explained but never given", code.code);
        }
    }
}

#[test]
fn the_map_names_only_what_exists() {
    let map = read(&root().join("docs/architecture.md"));
    let mut seen = 0;
    for word in map.split('`').skip(1).step_by(2) {
        let path = word.split('#').next().unwrap_or_default();
        if ["crates/", "docs/", "vectors/", "benches/", "examples/", "fuzz/", ".ci/"]
            .iter()
            .any(|p| path.starts_with(p))
        {
            assert!(root().join(path).exists(), "docs/architecture.md names {path}, which does not exist");
            seen += 1;
        }
    }
    assert!(seen > 20, "the map names only {seen} paths");
}

#[test]
fn nothing_is_left_undone() {
    let marks = [
        ["#[ig", "nore"].concat(),
        ["to", "do!("].concat(),
        ["unimple", "mented!("].concat(),
        ["```ig", "nore"].concat(),
    ];
    let mut offences = Vec::new();
    for path in ["crates", "examples", "benches"].iter().flat_map(|d| files(&root().join(d), ".rs")) {
        let text = read(&path);
        for mark in marks.iter().filter(|mark| text.contains(*mark)) {
            offences.push(format!("{}: {mark}", path.display()));
        }
    }
    assert_none("left undone", &offences);
}
