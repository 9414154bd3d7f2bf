//! The commands on the pins of memories that store data.

use busproof_dram::Issued;
use busproof_dram::judge::Line;
use busproof_dram::pins::{Came, PinError, PinOptions, Pins};
use busproof_parts::memory::Memory;

use super::missed;
use crate::format::At;
use crate::format::compare::Range;
use crate::run::bind::Unusable;
use crate::run::verdict::Complaint;

/// Plays the commands; says what is not as it should be: reads that give something else than was written last, what memories find odd,
/// and another number of good reads than is wanted.
pub(super) fn read_back(
    wanted: &At<Range>,
    memory: &Memory,
    lines: &[Line],
) -> Result<Vec<Complaint>, Unusable> {
    let unusable = |error: PinError| Unusable::new(&wanted.span, error.to_string());
    let Came { reads, wrong, remarks, .. } = play(memory, lines).map_err(unusable)?;
    let complaint = |code: &str, title: String| Complaint::new(code, title).at(&wanted.span);
    let odd = remarks.into_iter().map(|remark| complaint(remark.code, remark.text));
    let differs = |order, clock| format!("{order} in clock {clock} does not give what was written last");
    let differ = wrong.iter().map(|wrong| complaint("read-back", differs(wrong.order, wrong.clock)));
    let good = reads - wrong.len() as u64;
    let missed = missed("the number of reads that give what was written last", good as f64, "", wanted);
    Ok(odd.chain(differ).chain(missed).collect())
}

fn play(memory: &Memory, lines: &[Line]) -> Result<Came, PinError> {
    let mut pins = Pins::new(memory, &PinOptions::default())?;
    for line in lines {
        pins.submit(&issued(line))?;
    }
    pins.run(&mut ())
}

fn issued(line: &Line) -> Issued {
    let Line { clock, command, channel, rank, bank_group, bank, row, column, .. } = *line;
    let (row, column) = (row.unwrap_or(0), column.unwrap_or(0));
    Issued { clock, command, channel, rank, bank_group, bank, row, column }
}

#[cfg(test)]
mod tests {
    use busproof_dram::judge;
    use busproof_parts::memory;

    use super::*;

    /// What is said of the commands, where so many reads are wanted.
    fn told(part: &str, commands: &str, wanted: Range) -> Result<Vec<String>, String> {
        let lines = judge::parse(commands, "x.txt").expect("the commands are legible");
        let wanted = At { value: wanted, span: 3..5 };
        let memory = memory::find(part).expect("the part comes with the program");
        let complaints = read_back(&wanted, &memory, &lines).map_err(|error| error.message)?;
        Ok(complaints
            .into_iter()
            .map(|complaint| format!("{}: {}", complaint.code, complaint.title))
            .collect())
    }

    fn exactly(count: i64) -> Range {
        Range { text: count.to_string(), least: Some(count * 1000), most: Some(count * 1000) }
    }

    const WRITTEN: &str = "0 ACT 0 0 0 18\n17 WR 0 0 0 8\n60 RD 0 0 0 8\n";

    #[test]
    fn as_many_reads_as_wanted_are_good() {
        assert_eq!(told("ddr4-2400t-8gb-x8", WRITTEN, exactly(1)), Ok(vec![]));
        let other = "figure: the number of reads that give what was written last is 1, must be 2";
        assert_eq!(told("ddr4-2400t-8gb-x8", WRITTEN, exactly(2)), Ok(vec![other.to_owned()]));
    }

    #[test]
    fn what_memories_refuse_is_told() {
        let closed = format!("{WRITTEN}80 PRE 0 0 0\n100 RD 0 0 0 8\n");
        let told = told("ddr4-2400t-8gb-x8", &closed, exactly(1)).expect("the commands can be played");
        assert_eq!(told[0], "ddr::closed-bank: RD 0.0 col 8 is ignored: no row of that bank is open");
        assert_eq!(told[1], "read-back: RD 0.0 col 8 in clock 100 does not give what was written last");
    }

    #[test]
    fn a_memory_without_pins_is_refused() {
        let told = told("lpddr4-3200-8gb-x16", WRITTEN, exactly(1)).expect_err("its pins are not simulated");
        assert!(told.contains("the pins of lpddr4 memory are not simulated"), "{told}");
    }
}
