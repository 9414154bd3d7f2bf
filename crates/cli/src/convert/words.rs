//! What was said and found in a waveform, as words beside its wires.

use busproof_core::judge::{Jury, Said};
use busproof_core::timing::CheckerOptions;
use busproof_vectors::caption;
use busproof_wave::Track;

use super::ConvertArgs;
use crate::error::CliError;
use crate::out::Out;
use crate::protocol::{Bus, Crossing, Handshake, I2c, Protocol, Seat, Settled, Spi, Uart};
use crate::waveform::{Passing, Waveform};

/// What was said and found on the bus, if one was named; its name stands before.
pub(super) fn told(
    args: &ConvertArgs,
    out: &mut Out,
) -> Result<Option<(&'static str, Vec<Track>)>, CliError> {
    let seats = Seat::open_all(&args.wave.parts)?;
    if args.wave.bus.is_none() && seats.is_empty() {
        return Ok(None);
    }
    if args.input.as_os_str() == "-" {
        return Err(CliError::Twice { what: "`convert` with a bus" });
    }
    Ok(Some(match Bus::find(args.wave.bus.as_deref(), &seats)? {
        Bus::Spi => tracks::<Spi>(args, &seats, out),
        Bus::I2c => tracks::<I2c>(args, &seats, out),
        Bus::Uart => tracks::<Uart>(args, &seats, out),
        Bus::Handshake => tracks::<Handshake>(args, &seats, out),
        Bus::Crossing => tracks::<Crossing>(args, &seats, out),
    }?))
}

fn tracks<P: Protocol>(
    args: &ConvertArgs,
    seats: &[Seat],
    out: &mut Out,
) -> Result<(&'static str, Vec<Track>), CliError> {
    let bus = P::new(&args.wave.asked(seats))?;
    let waveform = Waveform::open(&args.input, P::INFO, &args.wave, out)?;
    bus.require(&waveform)?;
    let mut passing = waveform.start();
    let Settled { bus, .. } = bus.settle(&mut passing);
    let Passing { source, taps, feed, .. } = passing;
    let known =
        CheckerOptions { source, unit_interval: bus.unit_interval(), point: None, checks: P::INFO.checks };
    let params = bus.params();
    let (mut items, mut findings, mut odd) = (Vec::new(), Vec::new(), Vec::new());
    let mut jury = Jury::new(
        &taps,
        || bus.monitor(source),
        P::INFO.rules,
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
    Ok((name, tracks))
}
