//! Any text as a compact string: what is understood prints in a form that is understood alike.
#![no_main]

use busproof_vectors::compact::Script;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Script::parse(text) {
        Ok(script) => {
            let printed = script.to_string();
            let again = Script::parse(&printed).expect("what is printed can be read");
            assert_eq!(printed, again.to_string());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
