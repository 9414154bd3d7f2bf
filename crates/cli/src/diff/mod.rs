//! `busproof diff`: two waveforms set side by side, by what was said and by their edges.

mod args;
mod edges;
mod human;
mod items;
mod lines;
mod picture;

use crate::args::ItemFormat;
use crate::error::CliError;
use crate::exit::Exit;
use crate::out::Out;
use crate::protocol::{Bus, Crossing, Ddr, Handshake, I2c, Seat, Spi, Uart};

pub(crate) use args::DiffArgs;
use edges::Edges;
use items::Items;

/// What was compared.
#[derive(Default)]
struct Compared {
    items: Option<Items>,
    edges: Option<Edges>,
}

impl Compared {
    fn differences(&self) -> u64 {
        let items = self.items.as_ref().map_or(0, |items| items.differences.len() as u64);
        items + self.edges.as_ref().map_or(0, Edges::total)
    }

    /// There was nothing to compare, of one kind at least.
    fn is_vacuous(&self) -> bool {
        self.items.as_ref().is_some_and(|items| items.count == 0)
            || self.edges.as_ref().is_some_and(|edges| edges.signals.is_empty())
    }
}

/// Compares and reports.
pub(crate) fn run(args: &DiffArgs, out: &mut Out) -> Result<Exit, CliError> {
    let seats = Seat::open_all(&args.wave.parts)?;
    let has_bus = args.wave.bus.is_some() || !args.wave.parts.is_empty();
    let piped = [&args.a, &args.b].into_iter().filter(|file| file.as_os_str() == "-").count();
    if piped == 2 || piped == 1 && has_bus && args.wants_edges() {
        return Err(CliError::Twice { what: "this comparison" });
    }
    let mut compared = Compared::default();
    if has_bus {
        compared.items = Some(match Bus::find(args.wave.bus.as_deref(), &seats, &args.wave.parts)? {
            Bus::Spi => items::compare::<Spi>(args, &seats, out),
            Bus::I2c => items::compare::<I2c>(args, &seats, out),
            Bus::Uart => items::compare::<Uart>(args, &seats, out),
            Bus::Handshake => items::compare::<Handshake>(args, &seats, out),
            Bus::Ddr => items::compare::<Ddr>(args, &seats, out),
            Bus::Crossing => items::compare::<Crossing>(args, &seats, out),
        }?);
    }
    if !has_bus || args.wants_edges() {
        compared.edges = Some(edges::compare(args, out)?);
    }
    match args.format {
        ItemFormat::Human => human::report(args, &compared, out)?,
        ItemFormat::Json | ItemFormat::Jsonl => lines::report(args.format, &compared, out)?,
    }
    if let Some(path) = &args.out {
        picture::draw(args, &compared, path, out)?;
    }
    Ok(match compared.differences() {
        0 if compared.is_vacuous() => Exit::Nothing,
        0 => Exit::Held,
        _ => Exit::Failed,
    })
}
