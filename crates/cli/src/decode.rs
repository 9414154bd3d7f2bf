//! `busproof decode`: what was said.

use std::cell::RefCell;
use std::io::{self, Write as _};

use busproof_core::judge::{Jury, Said};
use busproof_core::timing::Params;

use crate::args::{DecodeArgs, ItemFormat};
use crate::error::CliError;
use crate::exit::Exit;
use crate::json::Lines;
use crate::odd::Oddities;
use crate::out::Out;
use crate::protocol::{Bus, I2c, Printer as _, Protocol, Seat, Spi};
use crate::units::instant;
use crate::waveform::{self, Passing, Waveform};

/// Streams the items of a waveform to the standard output; never judges.
pub(crate) fn run(args: &DecodeArgs, out: &mut Out) -> Result<Exit, CliError> {
    let seats = Seat::open_all(&args.wave.parts)?;
    match Bus::find(args.wave.bus.as_deref(), &seats)? {
        Bus::Spi => decode::<Spi>(args, &seats, out),
        Bus::I2c => decode::<I2c>(args, &seats, out),
    }
}

fn decode<P: Protocol>(args: &DecodeArgs, seats: &[Seat], out: &mut Out) -> Result<Exit, CliError> {
    let bus = P::new(&args.wave.asked(seats))?;
    let waveform = Waveform::open(&args.file, P::INFO, &args.wave, out)?;
    P::require(&waveform)?;
    let mut passing = waveform.start();
    let bus = bus.settle(&mut passing).bus;
    let Passing { file, source, taps, feed, .. } = passing;
    // A second point of observation tells nothing new of what was said.
    let taps: Vec<_> = taps.into_iter().take(1).collect();
    let desk = RefCell::new(Desk::new(args.format, &bus, out));
    let mut jury = Jury::new(
        &taps,
        || bus.monitor(source),
        &[],
        &Params::new(),
        source,
        |said| {
            desk.borrow_mut().hear(said);
        },
    );
    let summary = feed.stream(&mut jury)?;
    let items = jury.outcome().items;
    let desk = desk.into_inner().finish()?;
    waveform::remark(&file, &summary, out);
    for odd in desk.odd.iter() {
        out.note(&odd.line());
    }
    if items == 0 {
        let end = instant(summary.end);
        out.warn(&format!(
            "{file}: nothing was said on the bus in {end}; does `--map` name the right signals?"
        ));
        return Ok(Exit::Nothing);
    }
    if let Some(totals) = desk.totals {
        out.note(&format!("{file}: {totals}"));
    }
    Ok(Exit::Held)
}

/// Prints items as they come, and keeps the first failure, since a callback cannot return it.
struct Desk<'o, P: Protocol> {
    press: Press<P::Printer>,
    odd: Oddities,
    out: &'o mut Out,
    written: io::Result<()>,
}

enum Press<T> {
    Human(T),
    Json(Lines),
}

/// What there is to say in the end.
struct Told {
    odd: Oddities,
    /// For people.
    totals: Option<String>,
}

impl<P: Protocol> Desk<'_, P> {
    fn new<'o>(format: ItemFormat, bus: &P, out: &'o mut Out) -> Desk<'o, P> {
        let press = match format {
            ItemFormat::Human => Press::Human(bus.printer()),
            ItemFormat::Jsonl => Press::Json(Lines::one_a_line()),
            ItemFormat::Json => Press::Json(Lines::in_array()),
        };
        Desk { press, odd: Oddities::default(), out, written: Ok(()) }
    }

    fn hear(&mut self, said: Said<P::Item>) {
        match said {
            Said::Item(item) if self.written.is_ok() => self.written = self.print(&item),
            Said::Diagnostic(diagnostic) => self.odd.add(diagnostic),
            Said::Item(_) | Said::Finding(_) => {}
        }
    }

    fn print(&mut self, item: &P::Item) -> io::Result<()> {
        match &mut self.press {
            Press::Human(printer) => printer.item(item, self.out),
            Press::Json(lines) => P::lines(item).iter().try_for_each(|line| lines.write(line, self.out)),
        }
    }

    fn finish(mut self) -> io::Result<Told> {
        self.written?;
        let totals = match &mut self.press {
            Press::Human(printer) => {
                printer.finish(self.out)?;
                Some(printer.totals())
            }
            Press::Json(lines) => {
                lines.finish(self.out)?;
                None
            }
        };
        self.out.flush()?;
        Ok(Told { odd: self.odd, totals })
    }
}
