//! `busproof decode`: what was said.

use std::io::{self, Write as _};

use busproof_core::bus::spi::Item;
use busproof_core::bus::{Diagnostic, Sink};
use busproof_core::judge::Scribe;
use busproof_vectors::report::jsonl::SpiLines;

use crate::args::{DecodeArgs, ItemFormat};
use crate::error::CliError;
use crate::exit::Exit;
use crate::json::Lines;
use crate::odd::Oddities;
use crate::out::Out;
use crate::protocol::spi::{Printer, Spi};
use crate::units::{count, instant};
use crate::waveform::{self, Waveform};

/// Streams the items of a waveform to the standard output; never judges.
pub(crate) fn run(args: &DecodeArgs, out: &mut Out) -> Result<Exit, CliError> {
    let part = waveform::part(&args.wave)?;
    let bus = waveform::bus(&args.wave, part.as_deref())?;
    let spi = Spi::new(part, &args.wave.sets)?;
    let waveform = Waveform::open(&args.file, bus, &args.wave, out)?;
    Spi::require(&waveform)?;
    let (file, source) = (waveform.file().to_owned(), waveform.source());
    // A second point of observation tells nothing new of what was said.
    let tap = waveform.taps[0].clone();
    let mut scribe = Scribe::new(spi.monitor(source), Desk::new(args.format, &spi, out));
    let summary = waveform.stream_pins(&tap, &mut scribe)?;
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
    if args.format == ItemFormat::Human {
        let words = count(desk.words, "word");
        let transfers = match desk.transfers {
            0 => "no transfer began with chip select".to_owned(),
            n => count(n, "transfer"),
        };
        out.note(&format!("{file}: {words}, {transfers}"));
    }
    Ok(Exit::Held)
}

/// Prints items as they come, and keeps the first failure, since a sink cannot return it.
struct Desk<'o> {
    press: Press,
    items: u64,
    odd: Oddities,
    out: &'o mut Out,
    written: io::Result<()>,
}

enum Press {
    Human(Printer),
    Json(Lines, SpiLines),
}

/// What there is to say in the end.
struct Told {
    items: u64,
    odd: Oddities,
    words: u64,
    transfers: u64,
}

impl Desk<'_> {
    fn new<'o>(format: ItemFormat, spi: &Spi, out: &'o mut Out) -> Desk<'o> {
        let press = match format {
            ItemFormat::Human => Press::Human(Printer::new(spi)),
            ItemFormat::Jsonl => Press::Json(Lines::one_a_line(), SpiLines::default()),
            ItemFormat::Json => Press::Json(Lines::in_array(), SpiLines::default()),
        };
        Desk { press, items: 0, odd: Oddities::default(), out, written: Ok(()) }
    }

    fn print(&mut self, item: &Item) -> io::Result<()> {
        match &mut self.press {
            Press::Human(printer) => printer.item(item, self.out),
            Press::Json(lines, of) => of.each(item, |line| lines.write(line, self.out)),
        }
    }

    fn finish(mut self) -> io::Result<Told> {
        self.written?;
        let (words, transfers) = match &mut self.press {
            Press::Human(printer) => {
                printer.finish(self.out)?;
                (printer.words(), printer.transfers())
            }
            Press::Json(lines, _) => {
                lines.finish(self.out)?;
                (0, 0)
            }
        };
        self.out.flush()?;
        Ok(Told { items: self.items, odd: self.odd, words, transfers })
    }
}

impl Sink<Item> for Desk<'_> {
    fn item(&mut self, item: Item) {
        self.items += 1;
        if self.written.is_ok() {
            self.written = self.print(&item);
        }
    }

    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        self.odd.add(diagnostic);
    }
}
