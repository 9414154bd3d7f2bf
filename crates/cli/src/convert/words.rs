//! What was said and found in a waveform, as words beside its wires.

use std::path::Path;

use busproof_core::judge::{Jury, Said};
use busproof_core::timing::CheckerOptions;
use busproof_vectors::caption::{self, Found};
use busproof_wave::Track;

use crate::args::WaveArgs;
use crate::error::CliError;
use crate::out::Out;
use crate::protocol::{Bus, Crossing, Ddr, Handshake, I2c, Protocol, Seat, Settled, Spi, Uart};
use crate::waveform::{Passing, Waveform};

/// What was said and found on a bus.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// The bus; empty if none was named.
    pub(crate) bus: &'static str,
    /// The words.
    pub(crate) tracks: Vec<Track>,
    /// Every broken rule and every oddity on its own.
    pub(crate) found: Vec<Found>,
    /// The names of its signals.
    pub(crate) signals: Vec<String>,
}

/// What was said and found on the bus, if one was named; `what` is to be refused if the file can be read only once.
pub(crate) fn told(
    what: &'static str,
    file: &Path,
    wave: &WaveArgs,
    out: &mut Out,
) -> Result<Option<Told>, CliError> {
    let seats = Seat::open_all(&wave.parts)?;
    if wave.bus.is_none() && wave.parts.is_empty() {
        return Ok(None);
    }
    if file.as_os_str() == "-" {
        return Err(CliError::Twice { what });
    }
    let args = (file, wave);
    Ok(Some(match Bus::find(wave.bus.as_deref(), &seats, &wave.parts)? {
        Bus::Spi => tracks::<Spi>(args, &seats, out),
        Bus::I2c => tracks::<I2c>(args, &seats, out),
        Bus::Uart => tracks::<Uart>(args, &seats, out),
        Bus::Handshake => tracks::<Handshake>(args, &seats, out),
        Bus::Ddr => tracks::<Ddr>(args, &seats, out),
        Bus::Crossing => tracks::<Crossing>(args, &seats, out),
    }?))
}

fn tracks<P: Protocol>(
    (file, wave): (&Path, &WaveArgs),
    seats: &[Seat],
    out: &mut Out,
) -> Result<Told, CliError> {
    let bus = P::new(&wave.asked(seats))?;
    let waveform = Waveform::open(file, P::INFO, wave, out)?;
    bus.require(&waveform)?;
    let mut passing = waveform.start();
    let Settled { bus, .. } = bus.settle(&mut passing);
    let Passing { source, names: signals, taps, feed, .. } = passing;
    let known = CheckerOptions {
        source,
        unit_interval: bus.unit_interval(),
        point: None,
        checks: P::INFO.checks,
        exact: bus.exact(),
    };
    let params = bus.params();
    let (mut items, mut findings, mut odd) = (Vec::new(), Vec::new(), Vec::new());
    let mut jury = Jury::new(
        &taps,
        || bus.monitor(source),
        bus.rules(),
        &params,
        known,
        |said| match said {
            Said::Item(item) => items.push(item),
            Said::Finding(finding) => findings.push(finding),
            Said::Diagnostic(diagnostic) => odd.push(diagnostic),
        },
    );
    feed.stream(&mut jury)?;
    drop(jury);
    let name = P::INFO.name;
    let mut tracks = P::tracks(name, &items);
    tracks.extend(caption::findings(name, &findings, &odd));
    let found = caption::found(&findings, &odd);
    Ok(Told { bus: name, tracks, found, signals })
}
