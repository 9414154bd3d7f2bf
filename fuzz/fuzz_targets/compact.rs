//! Any text as a compact string, or as what `i2ctransfer` takes: what is understood prints in a form that is understood alike.
#![no_main]

use busproof_vectors::compact::{Script, i2c, i2ctransfer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for read in [Script::parse(text), i2ctransfer(text)] {
        match read {
            Ok(script) => {
                let printed = script.to_string();
                let again = Script::parse(&printed).expect("what is printed can be read");
                assert_eq!(printed, again.to_string());
                let _ = i2c::lower(&script);
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
});
