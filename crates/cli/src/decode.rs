//! `busproof decode`: what was said.

use std::cell::RefCell;
use std::io::{self, Write as _};

use busproof_core::bus::spi::Item;
use busproof_core::judge::{Jury, Said};
use busproof_core::timing::Params;
use busproof_vectors::report::jsonl;

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
    let taps: Vec<_> = waveform.taps.iter().take(1).cloned().collect();
    let desk = RefCell::new(Desk::new(args.format, &spi, out));
    let mut jury = Jury::new(
        &taps,
        || spi.monitor(source),
        &[],
        &Params::new(),
        source,
        |said| {
            desk.borrow_mut().hear(said);
        },
    );
    let summary = waveform.stream(&mut jury)?;
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

/// Prints items as they come, and keeps the first failure, since a callback cannot return it.
struct Desk<'o> {
    press: Press,
    odd: Oddities,
    out: &'o mut Out,
    written: io::Result<()>,
}

enum Press {
    Human(Printer),
    Json(Lines),
}

/// What there is to say in the end.
struct Told {
    odd: Oddities,
    words: u64,
    transfers: u64,
}

impl Desk<'_> {
    fn new<'o>(format: ItemFormat, spi: &Spi, out: &'o mut Out) -> Desk<'o> {
        let press = match format {
            ItemFormat::Human => Press::Human(Printer::new(spi)),
            ItemFormat::Jsonl => Press::Json(Lines::one_a_line()),
            ItemFormat::Json => Press::Json(Lines::in_array()),
        };
        Desk { press, odd: Oddities::default(), out, written: Ok(()) }
    }

    fn hear(&mut self, said: Said<Item>) {
        match said {
            Said::Item(item) if self.written.is_ok() => self.written = self.print(&item),
            Said::Diagnostic(diagnostic) => self.odd.add(diagnostic),
            Said::Item(_) | Said::Finding(_) => {}
        }
    }

    fn print(&mut self, item: &Item) -> io::Result<()> {
        match &mut self.press {
            Press::Human(printer) => printer.item(item, self.out),
            Press::Json(lines) => {
                jsonl::spi_item(item).iter().try_for_each(|line| lines.write(line, self.out))
            }
        }
    }

    fn finish(mut self) -> io::Result<Told> {
        self.written?;
        let (words, transfers) = match &mut self.press {
            Press::Human(printer) => {
                printer.finish(self.out)?;
                (printer.words(), printer.transfers())
            }
            Press::Json(lines) => {
                lines.finish(self.out)?;
                (0, 0)
            }
        };
        self.out.flush()?;
        Ok(Told { odd: self.odd, words, transfers })
    }
}
