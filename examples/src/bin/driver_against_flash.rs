//! How do I run firmware against a simulated flash, and what does it tell me when I forget something?
//!
//! ```text
//! cargo run -p busproof-examples --bin driver_against_flash
//! ```
//!
//! A driver as firmware has it (identify, erase, program, read back) runs against a W25Q128JV at the level of pins. Then
//! it forgets the write enable, and then it is in too much of a hurry between two commands.

use std::error::Error;
use std::sync::Arc;

use busproof_core::bus::Diagnostic;
use busproof_core::bus::spi::{
    Controller, ControllerOptions, INFO, Lanes, Monitor, Op, Options, OutputTiming, Peripheral,
    PeripheralOptions,
};
use busproof_core::sim::AgentId;
use busproof_core::{Bits, Source, Span};
use busproof_parts::{DeviceOptions, Part, Pick, Transfer, catalog};
use busproof_testkit::{Judged, Stage};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const WRITE_ENABLE: u8 = 0x06;
const READ_STATUS: u8 = 0x05;
const READ: u8 = 0x03;
const PROGRAM: u8 = 0x02;
const ERASE_SECTOR: u8 = 0x20;
const JEDEC_ID: u8 = 0x9f;

/// The board: a controller, wires and a flash. What a driver calls "the hardware".
struct Board {
    stage: Stage,
    host: AgentId<Controller>,
    flash: AgentId<Peripheral>,
    part: Arc<Part>,
    bus: Options,
}

impl Board {
    /// 40 MHz, 5 cm of trace, and `cs_inactive` between two transfers.
    fn new(cs_inactive: Span) -> Result<Board> {
        let part = catalog::find("w25q128jv")?;
        let bus = part.spi_options().cloned().unwrap_or_default();
        let mut stage = Stage::new(&INFO, &["sck", "mosi", "miso", "cs"], 1);
        let host = ControllerOptions { cs_inactive, ..ControllerOptions::new(bus.clone(), 40_000_000) };
        let host = stage.add("host", Controller::new(host)?, Span::ZERO);
        // A chip that is a little better than its data sheet: tCLQX 1.5 ns, tCLQV 6 ns, tSHQZ 7 ns.
        let output =
            OutputTiming { hold: Span::from_ns(2), valid: Span::from_ns(5), disable: Span::from_ns(6) };
        let target = PeripheralOptions { output, ..PeripheralOptions::new(bus.clone()) };
        let device = part.spi_device(&DeviceOptions { times: Pick::Typical, ..DeviceOptions::default() });
        let device = device.ok_or("the part has no simulated device")?;
        let flash = stage.add("flash", Peripheral::new(target, device), Span::from_ps(300));
        Ok(Board { stage, host, flash, part, bus })
    }

    /// One transfer: sends `out`, then reads `count` bytes.
    fn transfer(&mut self, out: &[u8], count: usize) -> Result<Vec<u8>> {
        let write = |byte: &u8| Op::Write(Bits::new(u64::from(*byte), 8), Lanes::SINGLE);
        let mut ops = vec![Op::Select(0)];
        ops.extend(out.iter().map(write));
        ops.extend((0..count).map(|_| Op::Read(8, Lanes::SINGLE)));
        ops.push(Op::Deselect);
        let done = self.run(&ops)?;
        Ok(done.iter().skip(out.len()).map(|word| word.to_u64().unwrap_or(0) as u8).collect())
    }

    fn run(&mut self, ops: &[Op]) -> Result<Vec<Bits>> {
        let ticket = self.stage.bench_mut().agent_mut(self.host).submit(ops)?;
        self.stage.run_for(Span::from_ms(1_000))?;
        let done = self.stage.bench_mut().agent_mut(self.host).take(ticket);
        Ok(done.ok_or("the controller did not finish in a second")?.words)
    }

    /// As [`Board::transfer`], and says what it was.
    fn tell(&mut self, out: &[u8], count: usize) -> Result<Vec<u8>> {
        let back = self.transfer(out, count)?;
        let miso = [vec![0; out.len()], back.clone()].concat();
        println!("  {}", self.part.describe(&Transfer::from_bytes(out, &miso)));
        Ok(back)
    }

    fn wait(&mut self, span: Span) -> Result<()> {
        self.run(&[Op::Delay(span)]).map(drop)
    }

    /// What the flash refused or found odd since it was last asked.
    fn remarks(&mut self) -> Vec<Diagnostic> {
        self.stage.bench_mut().agent_mut(self.flash).device_mut().take_remarks()
    }

    /// Ends the run: the verdicts on everything that was on the wires.
    fn judge(self) -> Judged {
        let bus = self.bus;
        self.stage.finish().judge(|| Monitor::new(&bus, Source::Run), &self.part.params())
    }
}

/// Whether the driver does as the data sheet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Care {
    Careful,
    ForgetsWriteEnable,
}

/// The driver: what firmware would do.
struct Driver<'a> {
    board: &'a mut Board,
    care: Care,
}

impl Driver<'_> {
    fn identify(&mut self) -> Result<Vec<u8>> {
        self.board.tell(&[JEDEC_ID], 3)
    }

    fn erase_sector(&mut self, address: u32) -> Result<()> {
        self.write_enable()?;
        self.board.tell(&command(ERASE_SECTOR, address), 0)?;
        self.until_ready(Span::from_ms(5))
    }

    fn program(&mut self, address: u32, data: &[u8]) -> Result<()> {
        self.write_enable()?;
        self.board.tell(&[&command(PROGRAM, address), data].concat(), 0)?;
        self.until_ready(Span::from_us(50))
    }

    fn read(&mut self, address: u32, count: usize) -> Result<Vec<u8>> {
        self.board.tell(&command(READ, address), count)
    }

    fn write_enable(&mut self) -> Result<()> {
        if self.care == Care::Careful {
            self.board.tell(&[WRITE_ENABLE], 0)?;
        }
        Ok(())
    }

    /// Polls the status register until bit 0, BUSY, is clear.
    fn until_ready(&mut self, every: Span) -> Result<()> {
        let begin = self.board.stage.bench_mut().now();
        let mut polls = 1;
        while self.board.transfer(&[READ_STATUS], 1)?.first().is_some_and(|status| status & 1 != 0) {
            self.board.wait(every)?;
            polls += 1;
        }
        let took = Span::from_us(self.board.stage.bench_mut().now().since(begin).as_fs() / 1_000_000_000);
        println!("     ready after {took}; status read {polls} times");
        Ok(())
    }
}

fn command(opcode: u8, address: u32) -> [u8; 4] {
    let [_, a, b, c] = address.to_be_bytes();
    [opcode, a, b, c]
}

const ADDRESS: u32 = 0x01_2000;
const DATA: &[u8] = b"proofread";

/// Writes and reads back; what came back.
fn write_and_read(board: &mut Board, care: Care) -> Result<Vec<u8>> {
    let mut driver = Driver { board, care };
    driver.identify()?;
    driver.erase_sector(ADDRESS)?;
    driver.program(ADDRESS, DATA)?;
    driver.read(ADDRESS, DATA.len())
}

/// Prints what the flash and the rules have to say; how many things that are.
fn verdicts(mut board: Board) -> usize {
    let remarks = board.remarks();
    for remark in &remarks {
        println!("  {}: {}: {}, at {}", remark.severity, remark.code, remark.text, remark.from);
    }
    let judged = board.judge();
    for finding in &judged.findings {
        let span = |fs: i64| Span::from_fs(fs.unsigned_abs());
        let (measured, limit) = (span(finding.measured), span(finding.limit));
        println!("  broken: {} ({}): {measured}, limit {limit}", finding.rule.name, finding.rule.summary);
        println!("{}", judged.recording.draw(finding.from, finding.to));
    }
    let report = &judged.outcome.report;
    let tightest = report.exercised().filter_map(|rule| Some((rule.margin()?.worst, rule.rule.name))).min();
    if let Some((slack, name)) = tightest.filter(|(slack, _)| *slack >= 0) {
        let slack = Span::from_fs(slack.unsigned_abs());
        println!(
            "  {} rules measured, all kept; the tightest is {name} with {slack} to spare",
            report.exercised().count()
        );
    }
    remarks.len() + judged.findings.len()
}

fn main() -> Result<()> {
    println!("A careful driver:");
    let mut board = Board::new(Span::from_ns(60))?;
    let back = write_and_read(&mut board, Care::Careful)?;
    println!("  read back: {:?}", String::from_utf8_lossy(&back));
    assert_eq!(back, DATA, "what was programmed is read back");
    assert_eq!(verdicts(board), 0, "a careful driver gets no remarks");

    println!("\nOne that forgets the write enable:");
    let mut board = Board::new(Span::from_ns(60))?;
    let back = write_and_read(&mut board, Care::ForgetsWriteEnable)?;
    assert_ne!(back, DATA, "nothing was programmed");
    assert_eq!(verdicts(board), 2, "erase and program are refused");

    println!("\nA careful one on a controller that keeps CS high for 20 ns only:");
    let mut board = Board::new(Span::from_ns(20))?;
    let back = write_and_read(&mut board, Care::Careful)?;
    println!("  read back: {:?}, and yet:", String::from_utf8_lossy(&back));
    assert_ne!(verdicts(board), 0, "tSHSL2 is 50 ns");
    Ok(())
}
