//! For how much of the time rows were open.

use busproof_core::bus::ddr::{Command, Level};
use busproof_parts::memory::Geometry;

use crate::controller::Issued;

/// For each bank of one channel, numbered rank, bank group, bank (the last one least significant), the share of each of `windows`
/// equal parts of the run in which a row was open.
///
/// A row is open from its activate to its precharge; one that a read or write closes itself, to that command.
pub fn occupancy(commands: &[Issued], geometry: &Geometry, clocks: u64, windows: usize) -> Vec<Vec<f64>> {
    let banks = geometry.all_banks() as usize;
    let mut open: Vec<Option<u64>> = vec![None; banks];
    let mut shares = vec![vec![0.0; windows]; banks];
    for issued in commands.iter().filter(|issued| issued.clock <= clocks) {
        match issued.command {
            Command::Act => {
                if let Some(since) = open.get_mut(bank_of(issued, geometry)) {
                    since.get_or_insert(issued.clock);
                }
            }
            Command::Pre
            | Command::PreAll
            | Command::PreSame
            | Command::Rda
            | Command::Wra
            | Command::Mwra => {
                for bank in (0..banks).filter(|&bank| concerns(issued, bank, geometry)) {
                    if let Some(since) = open[bank].take() {
                        add(&mut shares[bank], (since, issued.clock), clocks);
                    }
                }
            }
            _ => {}
        }
    }
    for (since, shares) in open.iter().zip(&mut shares) {
        if let Some(since) = since {
            add(shares, (*since, clocks), clocks);
        }
    }
    shares
}

fn bank_of(issued: &Issued, geometry: &Geometry) -> usize {
    let group = u32::from(issued.rank) * geometry.bank_groups + u32::from(issued.bank_group);
    (group * geometry.banks + u32::from(issued.bank)) as usize
}

/// True if the command concerns the bank of that number.
fn concerns(issued: &Issued, bank: usize, geometry: &Geometry) -> bool {
    let (of_group, of_rank) = (geometry.banks as usize, (geometry.bank_groups * geometry.banks) as usize);
    match issued.command.level() {
        Level::Bank => bank == bank_of(issued, geometry),
        Level::Group => {
            bank / of_rank == usize::from(issued.rank) && bank % of_group == usize::from(issued.bank)
        }
        Level::Rank => bank / of_rank == usize::from(issued.rank),
        Level::Channel => true,
    }
}

/// Adds an interval of clocks to the windows that it is in.
fn add(shares: &mut [f64], (from, to): (u64, u64), clocks: u64) {
    let wide = clocks as f64 / shares.len() as f64;
    let (from, to) = (from as f64 / wide, to as f64 / wide);
    let last = (to.ceil() as usize).min(shares.len());
    for (i, share) in shares.iter_mut().enumerate().take(last).skip(from as usize) {
        *share += (to.min(i as f64 + 1.0) - from.max(i as f64)).max(0.0);
    }
}

#[cfg(test)]
mod tests {
    use busproof_parts::memory;

    use super::*;

    fn issued(clock: u64, command: Command, [rank, bank_group, bank]: [u8; 3]) -> Issued {
        Issued { clock, command, channel: 0, rank, bank_group, bank, row: 1, column: 0 }
    }

    fn shares(commands: &[Issued]) -> Vec<Vec<f64>> {
        let memory =
            memory::find("ddr4-2400t-8gb-x8").expect("it is known").with_ranks(2).expect("two ranks");
        occupancy(commands, memory.geometry(), 100, 4)
    }

    #[test]
    fn a_row_is_open_from_its_activate_to_its_precharge() {
        let all = shares(&[issued(10, Command::Act, [0, 1, 2]), issued(60, Command::Pre, [0, 1, 2])]);
        assert_eq!(all.len(), 32);
        for (bank, shares) in all.iter().enumerate() {
            let wanted = if bank == 6 { [0.6, 1.0, 0.4, 0.0] } else { [0.0; 4] };
            assert!(shares.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-12), "{bank}: {shares:?}");
        }
    }

    #[test]
    fn what_closes_more_than_a_bank_closes_those_and_no_others() {
        let acts = [[0, 0, 1], [0, 3, 1], [0, 0, 2], [1, 0, 1]].map(|place| issued(0, Command::Act, place));
        let sums = |closing: Command| {
            let mut all = acts.to_vec();
            all.push(issued(50, closing, [0, 0, 1]));
            let shares = shares(&all);
            // In windows of 25 clocks.
            [1, 13, 2, 17].map(|bank: usize| (shares[bank].iter().sum::<f64>() * 25.0).round() as u64)
        };
        assert_eq!(sums(Command::Rd), [100; 4]);
        assert_eq!(sums(Command::Rda), [50, 100, 100, 100]);
        assert_eq!(sums(Command::PreSame), [50, 50, 100, 100]);
        assert_eq!(sums(Command::PreAll), [50, 50, 50, 100]);
    }

    #[test]
    fn a_run_of_nothing_has_no_shares() {
        let memory = memory::find("ddr4-2400t-8gb-x8").expect("it is known");
        let none = occupancy(&[], memory.geometry(), 0, 4);
        assert!(none.iter().flatten().all(|share| *share == 0.0));
    }
}
