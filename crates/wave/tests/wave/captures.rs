//! Recordings of real buses, if they are at hand.

use std::fs;
use std::path::{Path, PathBuf};

use busproof_wave::{Kind, ReadOptions, open};

/// `BUSPROOF_CAPTURES`, or `shared/captures` beside the workspace.
pub(crate) fn captures() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/captures");
    std::env::var_os("BUSPROOF_CAPTURES")
        .map(PathBuf::from)
        .into_iter()
        .chain([beside])
        .find(|path| path.is_dir())
}

#[test]
fn every_recorded_session_is_read() {
    let Some(directory) = captures() else {
        eprintln!("SKIPPED: no recordings found; set BUSPROOF_CAPTURES to the folder that holds them");
        return;
    };
    let mut sessions = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path().join("capture.sr");
        if path.is_file() {
            let reader = open(&path, &ReadOptions::default()).unwrap();
            assert_eq!(reader.kind(), Kind::Sigrok);
            assert!(reader.source().grid().is_some(), "{}", path.display());
            let recorded = reader.read_all().unwrap();
            assert!(!recorded.summary.truncated, "{}", path.display());
            assert!(recorded.log.columns().iter().any(|c| c.len() > 2), "{}", path.display());
            sessions += 1;
        }
    }
    eprintln!("read {sessions} recorded sessions");
    assert!(sessions > 0, "the folder of recordings holds none");
}
