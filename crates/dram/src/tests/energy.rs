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

/// In microjoules, to a thousandth of a nanojoule.
fn micro(joule: f64) -> f64 {
    (joule * 1e12).round() / 1e6
}

/// 8 memories at 1.2 V, 833 ps: a milliampere for a clock is 7.9968 pJ. Currents of DRAMsim3's DDR4_8Gb_x8_2400.ini, tRC 56, tRAS 39,
/// tBURST 4, tRFC 350 ns = 421 clocks of the part.
const PICO: f64 = 7.9968;

#[test]
fn states_last_and_commands_add() {
    use Command::{Act, Pre, Rd, Wr};
    let commands = [(0, Act, 0), (17, Rd, 0), (30, Wr, 0), (39, Act, 5), (60, Pre, 0), (90, Pre, 5)];
    let energy = metered("ddr4-2400t-8gb-x8", &commands, 100).unwrap();
    let expect = |milliampere_clocks: f64| (milliampere_clocks * PICO).round() / 1e6;
    assert_eq!(micro(energy.activate), expect(2.0 * (48.0 * 56.0 - 43.0 * 39.0 - 34.0 * 17.0)));
    assert_eq!(micro(energy.read), expect((135.0 - 43.0) * 4.0));
    assert_eq!(micro(energy.write), expect((123.0 - 43.0) * 4.0));
    assert_eq!(micro(energy.standby), expect(43.0 * 90.0 + 34.0 * 10.0));
    assert_eq!((energy.refresh, energy.power_down), (0.0, 0.0));
    let sum = energy.activate + energy.read + energy.write + energy.standby;
    assert!((energy.total() - sum).abs() < 1e-18);
}

#[test]
fn a_refresh_draws_idd5b_in_all_and_power_down_less_than_standby() {
    use Command::{Pde, Pdx, Ref};
    let refreshed = metered("ddr4-2400t-8gb-x8", &[(0, Ref, 0)], 421).unwrap();
    assert_eq!(micro(refreshed.total()), (250.0 * 421.0 * PICO).round() / 1e6);
    let asleep = metered("ddr4-2400t-8gb-x8", &[(10, Pde, 0), (90, Pdx, 0)], 100).unwrap();
    assert_eq!(micro(asleep.power_down), (25.0 * 80.0 * PICO).round() / 1e6);
    assert_eq!(micro(asleep.standby), (34.0 * 20.0 * PICO).round() / 1e6);
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
