use super::rules::{PARAMS, T_CK};
use super::{Command, Level, SLOTS, Standard};
use crate::time::Time;
use crate::timing::{Event, EventKind, Kind, Param, Place, Term};

#[test]
fn commands_are_numbered_in_order_and_named_once() {
    for (slot, &command) in Command::ALL.iter().enumerate() {
        assert_eq!(command.slot(), slot);
        assert_eq!(Command::of(command.kind()), Some(command));
        assert_eq!(Command::ALL.iter().filter(|other| other.name() == command.name()).count(), 1);
        assert!(!command.summary().is_empty());
    }
    assert_eq!(Command::of(EventKind(SLOTS as u8)), None);
}

#[test]
fn what_concerns_a_rank_reaches_all_its_banks() {
    let bank = Place([0, 1, 2, 3]);
    let at = |command: Command| -> Event { command.events(Time::ZERO, bank, 4).next().unwrap() };
    assert_eq!(at(Command::Act).place, bank);
    assert_eq!(Command::PreAll.level(), Level::Rank);
    let rank = Place([0, 1, Place::ALL, Place::ALL]);
    assert_eq!(at(Command::PreAll).place, rank);
    let same: Vec<(EventKind, Place)> =
        Command::RefSame.events(Time::ZERO, bank, 2).map(|event| (event.kind, event.place)).collect();
    let each = Command::RefSame.kind_at_banks();
    let banks = [Place([0, 1, 0, 3]), Place([0, 1, 1, 3])];
    assert_eq!(same, [(Command::RefSame.kind(), rank), (each, banks[0]), (each, banks[1])]);
}

#[test]
fn every_row_says_what_it_asks_who_says_so_and_what_breaks_it() {
    for standard in Standard::ALL {
        for rule in standard.rules() {
            for text in [rule.summary, rule.source, rule.cause] {
                assert!(text.len() > 8, "{}: {}", standard.name(), rule.name);
            }
            let same = standard.rules().iter().filter(|other| other.name == rule.name).count();
            assert_eq!(same, 1, "{}: {} stands there twice", standard.name(), rule.name);
        }
    }
}

/// Limits are whole clocks if their parameters are: nothing is halved and no time is added as such.
#[test]
fn limits_are_sums_of_whole_parameters() {
    for rule in Standard::ALL.iter().flat_map(|standard| standard.rules()) {
        let terms = match rule.kind {
            Kind::Budget { period, .. } => period,
            _ => rule.bound().unwrap().terms(),
        };
        assert!(!terms.is_empty(), "{}", rule.name);
        for term in terms {
            assert!(matches!(term, Term::Scaled { den: 1, .. }), "{}: {term:?}", rule.name);
        }
    }
}

#[test]
fn parameters_have_names_of_their_own() {
    assert_eq!(T_CK, Param(0));
    for info in PARAMS {
        assert_eq!(PARAMS.iter().filter(|other| other.name == info.name).count(), 1, "{}", info.name);
    }
}

#[test]
fn times_become_clocks_as_the_family_rounds() {
    let clocks = |ps: u64, tck: u64| Standard::Ddr4.clocks(ps * 1000, tck * 1000);
    // The example of the rounding correction, and 350 ns at 833 ps: 420.2 clocks.
    assert_eq!(clocks(30_000, 1071), Some(28));
    assert_eq!(clocks(350_000, 833), Some(421));
    assert_eq!(clocks(833, 833), Some(1));
    assert_eq!(clocks(0, 833), Some(0));
    assert_eq!(clocks(1, 0), None);
}
