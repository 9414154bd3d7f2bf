use busproof_core::bus::ddr::Command;
use busproof_parts::memory::{self, Memory};

use crate::{Energy, Issued, Meter};

fn issued(clock: u64, command: Command, bank: u8) -> Issued {
    Issued { clock, command, channel: 0, rank: 0, bank_group: bank / 4, bank: bank % 4, row: 0, column: 0 }
}

fn metered(part: &str, commands: &[(u64, Command, u8)], end: u64) -> Option<Energy> {
    let mut meter = Meter::new(&memory::find(part).unwrap()).unwrap();
    for &(clock, command, bank) in commands {
        meter.command(&issued(clock, command, bank));
    }
    meter.read_off(end)
}

/// In femtojoules.
fn femto(joule: f64) -> i64 {
    (joule * 1e15).round() as i64
}

/// Of 8 memories at 1.2 V, for clocks of 833 ps, in femtojoules.
fn drawn(milliampere_clocks: f64) -> i64 {
    (milliampere_clocks * 8.0 * 1.2 * 833.0).round() as i64
}

// Currents of DRAMsim3's `DDR4_8Gb_x8_2400.ini`, tRC 56, tRAS 39, tBURST 4; tRFC is 350 ns, 421 clocks.

#[test]
fn states_last_and_commands_add() {
    use Command::{Act, Pre, Rd, Wr};
    let commands = [(0, Act, 0), (17, Rd, 0), (30, Wr, 0), (39, Act, 5), (60, Pre, 0), (90, Pre, 5)];
    let energy = metered("ddr4-2400t-8gb-x8", &commands, 100).unwrap();
    assert_eq!(femto(energy.activate), drawn(2.0 * (48.0 * 56.0 - 43.0 * 39.0 - 34.0 * 17.0)));
    assert_eq!(femto(energy.read), drawn((135.0 - 43.0) * 4.0));
    assert_eq!(femto(energy.write), drawn((123.0 - 43.0) * 4.0));
    assert_eq!(femto(energy.standby), drawn(43.0 * 90.0 + 34.0 * 10.0));
    assert_eq!([femto(energy.refresh), femto(energy.power_down)], [0, 0]);
    let sum = energy.activate + energy.read + energy.write + energy.standby;
    assert!((energy.total() - sum).abs() < 1e-18);
}

#[test]
fn a_refresh_draws_idd5b_in_all_and_power_down_less_than_standby() {
    use Command::{Pde, Pdx, Ref};
    let refreshed = metered("ddr4-2400t-8gb-x8", &[(0, Ref, 0)], 421).unwrap();
    assert_eq!(femto(refreshed.total()), drawn(250.0 * 421.0));
    let asleep = metered("ddr4-2400t-8gb-x8", &[(10, Pde, 0), (90, Pdx, 0)], 100).unwrap();
    assert_eq!(femto(asleep.power_down), drawn(25.0 * 80.0));
    assert_eq!(femto(asleep.standby), drawn(34.0 * 20.0));
}

#[test]
fn what_no_current_is_known_for_is_not_guessed() {
    assert_eq!(metered("ddr4-2400t-8gb-x8", &[(0, Command::RefBank, 0)], 100), None);
    assert!(Meter::new(&memory::find("ddr5-4800an-16gb-x8").unwrap()).is_none());
}

#[test]
fn currents_without_a_unit_or_beyond_reason_are_refused() {
    let text = memory::source_text("ddr4-2400t-8gb-x8").unwrap();
    let error = |to: &str| Memory::parse(&text.replace("\"48 mA\"", to), "x.toml").unwrap_err().to_string();
    for wrong in ["\"48\"", "\"48 A\"", "\"-1 mA\"", "\"48 mV\"", "48"] {
        assert!(error(wrong).starts_with("x.toml:"), "{wrong}: {}", error(wrong));
    }
    assert!(error("\"48\"").contains("48 mA"), "{}", error("\"48\""));
}
