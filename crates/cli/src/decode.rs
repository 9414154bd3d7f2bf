//! `busproof decode`: what was said.

use std::io::{self, Write as _};

use busproof_core::bus::{Diagnostic, Sink};
use busproof_core::judge::Scribe;

use crate::args::{DecodeArgs, ItemFormat};
use crate::error::CliError;
use crate::exit::Exit;
use crate::json::Lines;
use crate::odd::Oddities;
use crate::out::Out;
use crate::protocol::{
    Bus, Crossing, Ddr, Handshake, I2c, ItemLines as _, Printer as _, Protocol, Seat, Settled, Spi, Uart,
};
use crate::units::instant;
use crate::waveform::{self, Passing, Waveform};

/// Streams the items of a waveform to the standard output; never judges.
pub(crate) fn run(args: &DecodeArgs, out: &mut Out) -> Result<Exit, CliError> {
    let seats = Seat::open_all(&args.wave.parts)?;
    match Bus::find(args.wave.bus.as_deref(), &seats, &args.wave.parts)? {
        Bus::Spi => decode::<Spi>(args, &seats, out),
        Bus::I2c => decode::<I2c>(args, &seats, out),
        Bus::Uart => decode::<Uart>(args, &seats, out),
        Bus::Handshake => decode::<Handshake>(args, &seats, out),
        Bus::Ddr => decode::<Ddr>(args, &seats, out),
        Bus::Crossing => decode::<Crossing>(args, &seats, out),
    }
}

fn decode<P: Protocol>(args: &DecodeArgs, seats: &[Seat], out: &mut Out) -> Result<Exit, CliError> {
    let bus = P::new(&args.wave.asked(seats))?;
    let waveform = Waveform::open(&args.file, P::INFO, &args.wave, out)?;
    bus.require(&waveform)?;
    // A second point of observation tells nothing new of what was said.
    let mut passing = waveform.start_first();
    let Settled { bus, read, .. } = bus.settle(&mut passing);
    let Passing { file, source, feed, .. } = passing;
    if let Some(read) = read {
        out.note(&format!("{file}: {read}"));
    }
    let desk = Desk::<P>::new(args.format, &bus, out);
    let mut scribe = Scribe::new(bus.monitor(source), desk);
    let summary = feed.stream(&mut scribe)?;
    let desk = scribe.into_sink().finish()?;
    waveform::remark(&file, &summary, out);
    for odd in desk.odd.iter() {
        out.note(&odd.line());
    }
    if desk.items == 0 {
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

/// Prints items as they come, and keeps the first failure, since a sink cannot return it.
struct Desk<'o, P: Protocol> {
    press: Press<P>,
    items: u64,
    odd: Oddities,
    out: &'o mut Out,
    written: io::Result<()>,
}

enum Press<P: Protocol> {
    Human(P::Printer),
    Json(Lines, P::Lines),
}

/// What there is to say in the end.
struct Told {
    items: u64,
    odd: Oddities,
    /// For people.
    totals: Option<String>,
}

impl<P: Protocol> Desk<'_, P> {
    fn new<'o>(format: ItemFormat, bus: &P, out: &'o mut Out) -> Desk<'o, P> {
        let press = match format {
            ItemFormat::Human => Press::Human(bus.printer()),
            ItemFormat::Jsonl => Press::Json(Lines::one_a_line(), P::Lines::default()),
            ItemFormat::Json => Press::Json(Lines::in_array(), P::Lines::default()),
        };
        Desk { press, items: 0, odd: Oddities::default(), out, written: Ok(()) }
    }

    fn print(&mut self, item: &P::Item) -> io::Result<()> {
        match &mut self.press {
            Press::Human(printer) => printer.item(item, self.out),
            Press::Json(lines, of) => of.each(item, |line| lines.write(line, self.out)),
        }
    }

    fn finish(mut self) -> io::Result<Told> {
        self.written?;
        let totals = match &mut self.press {
            Press::Human(printer) => {
                printer.finish(self.out)?;
                Some(printer.totals())
            }
            Press::Json(lines, _) => {
                lines.finish(self.out)?;
                None
            }
        };
        self.out.flush()?;
        Ok(Told { items: self.items, odd: self.odd, totals })
    }
}

impl<P: Protocol> Sink<P::Item> for Desk<'_, P> {
    fn item(&mut self, item: P::Item) {
        self.items += 1;
        if self.written.is_ok() {
            self.written = self.print(&item);
        }
    }

    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        self.odd.add(diagnostic);
    }
}
