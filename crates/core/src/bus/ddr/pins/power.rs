//! The power-up sequence: how long each of its steps takes, what a controller does, and whether a memory saw all of it.
//!
//! ```text
//!  RESET#  ______________/‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾
//!          |<── reset ──>|<──── settle ────>|
//!  CK                             /\/\/\/\/\/\/\/\/\/\/\/\/\/\/\/\/\/\/\/\/\/\
//!                                |<─stable─>|
//!  CKE     _________________________________/‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾
//!                                           |<- wake ->|
//!  command                                           MRS MRS MRS ZQCL      ACT
//! ```

use super::Order;
use crate::bus::ddr::modes::{Modes, Setting};
use crate::bus::ddr::{Command, Standard};
use crate::time::{Span, Time};

/// How long the steps of a power-up sequence take at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerUp {
    /// RESET# is low.
    pub reset: Span,
    /// From RESET# high to CKE high; for DDR5, which has no CKE, to the first command.
    pub settle: Span,
    /// Clocks run before CKE is high.
    pub stable: u64,
    /// Clocks from CKE high to the first command: tXPR.
    pub wake: u64,
    /// Clocks from mode register set to mode register set: tMRD.
    pub mode: u64,
    /// Clocks from mode register set to another command: tMOD.
    pub modes: u64,
    /// Clocks of the first calibration: tZQinit.
    pub calibration: u64,
    /// Clocks from the latch of a calibration to any command: tZQLAT; DDR5.
    pub latch: u64,
    /// Clocks from the reset of the DLL to the first read: tDLLK.
    pub dll: u64,
}

impl PowerUp {
    /// The times of a memory with clocks of `tck` whose refresh takes `rfc`, whose DLL locks within `dll` clocks, and whose mode
    /// registers take `mode` and `modes` clocks.
    ///
    /// 200 us and 500 us, max(10 ns, 5 nCK), tXPR = max(5 nCK, tRFC + 10 ns), tZQinit of max(512 nCK, 640 ns) for DDR3 and 1024 nCK for
    /// DDR4: litedram, Alliance AS4C256M16D3B and AS4C256M16D4. DDR5's 4 ms, 2 us, 1 us and 30 ns are unverified.
    pub fn of(standard: Standard, tck: Span, rfc: Span, dll: u64, [mode, modes]: [u64; 2]) -> PowerUp {
        let clocks = |time: Span| standard.clocks(time.as_fs(), tck.as_fs()).unwrap_or(0);
        let is_new = standard == Standard::Ddr5;
        PowerUp {
            reset: Span::from_us(200),
            settle: if is_new { Span::from_ms(4) } else { Span::from_us(500) },
            stable: if is_new { clocks(Span::from_us(2)) } else { clocks(Span::from_ns(10)).max(5) },
            wake: clocks(rfc.saturating_add(Span::from_ns(10))).max(5),
            mode,
            modes,
            calibration: match standard {
                Standard::Ddr3 => clocks(Span::from_ns(640)).max(512),
                Standard::Ddr5 => clocks(Span::from_us(1)),
                _ => 1024,
            },
            latch: if is_new { clocks(Span::from_ns(30)) } else { 0 },
            dll,
        }
    }

    /// When the clock starts, counted from the beginning.
    pub(super) fn clock_starts(&self, tck: Span) -> Time {
        let before = Span::from_fs(tck.as_fs().saturating_mul(self.stable));
        Time::ZERO + self.reset.saturating_add(self.settle.saturating_sub(before))
    }

    /// The commands of the sequence with their clocks, counted from the first, and the clock from which on the memory is ready. CKE goes
    /// high as when power-down is left.
    pub(super) fn sequence(&self, modes: &Modes) -> (Vec<(u64, Order)>, u64) {
        let standard = modes.standard();
        let mut orders = Vec::new();
        let mut clock = self.stable;
        if standard != Standard::Ddr5 {
            orders.push((clock, Order::new(Command::Pdx)));
        }
        clock += self.wake;
        for &register in Modes::registers(standard) {
            orders.push((clock, Order::mode(register, modes.opcode(register))));
            clock += self.mode.max(standard.length(Command::Mrs));
        }
        let last = clock - self.mode;
        clock = last + self.modes;
        let [calibrate, latch] = match standard {
            Standard::Ddr5 => [Command::ZqStart, Command::ZqLatch],
            _ => [Command::ZqLong, Command::ZqLong],
        };
        orders.push((clock, Order::new(calibrate)));
        clock += self.calibration;
        if latch != calibrate {
            orders.push((clock, Order::new(latch)));
            clock += self.latch;
        }
        (orders, clock.max(last + self.dll))
    }
}

/// What a memory has seen of its power-up sequence.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    times: PowerUp,
    standard: Standard,
    reset_fell: Time,
    reset_rose: Option<Time>,
    /// The clocks of the first edge, of CKE high, of the reset of the DLL, and of the first calibration.
    first: Option<u64>,
    woke: Option<u64>,
    dll: Option<u64>,
    calibrated: Option<u64>,
    /// Registers that were written, a bit each.
    registers: u16,
    commanded: bool,
    told: bool,
}

impl Seen {
    /// Power has just come.
    pub(super) fn new(standard: Standard, times: PowerUp) -> Seen {
        Seen {
            times,
            standard,
            reset_fell: Time::ZERO,
            reset_rose: None,
            first: None,
            woke: None,
            dll: None,
            calibrated: None,
            registers: 0,
            commanded: false,
            told: false,
        }
    }

    /// RESET# falls.
    pub(super) fn reset_falls(&mut self, now: Time) {
        *self = Seen { reset_fell: now, ..Seen::new(self.standard, self.times) };
    }

    /// RESET# rises. Returns what is wrong.
    pub(super) fn reset_rises(&mut self, now: Time) -> Option<String> {
        self.reset_rose = Some(now);
        let low = now.since(self.reset_fell);
        (low < self.times.reset)
            .then(|| format!("RESET# was low for {low}, must be for {}", self.times.reset))
    }

    /// CK rises.
    pub(super) fn clock(&mut self, clock: u64) {
        self.first.get_or_insert(clock);
    }

    /// CKE is high, or the first command comes where there is no CKE. Returns what is wrong.
    pub(super) fn wakes(&mut self, now: Time, clock: u64) -> Option<String> {
        if self.woke.is_some() {
            return None;
        }
        self.woke = Some(clock);
        let what = if self.standard == Standard::Ddr5 { "the first command comes" } else { "CKE is high" };
        let Some(rose) = self.reset_rose else {
            return Some(format!("{what} before RESET# was low and high"));
        };
        let (settled, settle) = (now.since(rose), self.times.settle);
        let (ran, stable) = (clock - self.first.unwrap_or(clock), self.times.stable);
        if settled < settle {
            return Some(format!("{what} {settled} after RESET#, must be {settle}"));
        }
        (ran < stable).then(|| format!("CK has run for {ran} clocks before {what}, must for {stable}"))
    }

    /// A command. Returns what is wrong.
    pub(super) fn command(&mut self, now: Time, clock: u64, order: &Order, modes: &Modes) -> Option<String> {
        let first = !std::mem::replace(&mut self.commanded, true);
        let wrong = if first { self.first_command(now, clock) } else { None };
        match order.command {
            Command::Mrs => {
                self.registers |= 1u16.checked_shl(u32::from(order.register)).unwrap_or(0);
                if modes.get(Setting::DllReset) == 1 && self.dll.is_none() {
                    self.dll = Some(clock);
                }
                return wrong;
            }
            Command::ZqLong | Command::ZqStart => {
                self.calibrated.get_or_insert(clock);
                return wrong;
            }
            Command::ZqLatch | Command::Pdx => return wrong,
            _ => {}
        }
        wrong.or_else(|| if self.told { None } else { self.unready(clock, order.command) })
    }

    fn first_command(&mut self, now: Time, clock: u64) -> Option<String> {
        let late = if self.standard == Standard::Ddr5 { self.wakes(now, clock) } else { None };
        let woke = self.woke?;
        let (waited, wake) = (clock - woke, self.times.wake);
        let early =
            || format!("the first command comes {waited} clocks after CKE is high, must be {wake} (tXPR)");
        let early = (self.standard != Standard::Ddr5 && waited < wake).then(early);
        late.or(early)
    }

    /// What the first command that uses the memory comes too early for.
    fn unready(&mut self, clock: u64, command: Command) -> Option<String> {
        let has_dll = self.standard != Standard::Ddr5;
        let missing: Vec<String> = Modes::registers(self.standard)
            .iter()
            .filter(|&&register| self.registers >> register & 1 == 0)
            .map(|register| format!("MR{register} is not set"))
            .chain((has_dll && self.dll.is_none()).then(|| "the DLL is not reset".into()))
            .chain(self.calibrated.is_none().then(|| "ZQ is not calibrated".into()))
            .collect();
        let is_read = matches!(command, Command::Rd | Command::Rda);
        let since = |from: Option<u64>| from.map(|from| clock - from);
        let early = |from: Option<u64>, least: u64, what: &str| {
            let clocks = since(from).filter(|&clocks| clocks < least)?;
            Some(format!("{command} comes {clocks} clocks after {what}, must be {least}"))
        };
        let wrong = if missing.is_empty() {
            early(self.calibrated, self.times.calibration, "the first calibration (tZQinit)")
        } else {
            Some(format!("{command} before the power-up sequence is over: {}", missing.join(", ")))
        };
        let wrong = wrong.or_else(|| {
            let locks = is_read && has_dll;
            if locks { early(self.dll, self.times.dll, "the reset of the DLL (tDLLK)") } else { None }
        });
        // The first read is what the DLL is for.
        self.told = wrong.is_some() || is_read;
        wrong
    }
}
