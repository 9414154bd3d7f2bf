//! Why a board fails that works in simulation: MISO comes back too late, and the two ways out.

use busproof_core::Span;
use busproof_core::bus::spi::rules::T_SU_MI;
use busproof_core::bus::spi::{Format, Wires};

use super::build::{devices, first_half, output_timing};
use crate::format::spi::{Bus, Device};
use crate::format::{BusId, DeviceId};
use crate::run::bind::{Bound, Unusable};
use crate::run::verdict::Advice;

/// The way of a bit from the controller's shift edge back to the controller, and how long that may take.
struct RoundTrip {
    clock: Span,
    valid: Span,
    back: Span,
    set_up: Span,
    /// From the shift edge to the sampling edge.
    half: Span,
    period: Span,
    /// Half periods by which the controller samples late.
    delay: u8,
}

impl RoundTrip {
    fn total(&self) -> Span {
        self.clock.saturating_add(self.valid).saturating_add(self.back)
    }

    fn needed(&self) -> Span {
        self.total().saturating_add(self.set_up)
    }

    /// When the controller samples, `delay` half periods late.
    fn sampled(&self, delay: u8) -> Span {
        self.half.saturating_add(self.period.scale(u64::from(delay), 2))
    }

    fn fits(&self, delay: u8) -> bool {
        self.needed() <= self.sampled(delay)
    }

    /// The highest clock at which it fits as it is sampled now, in megahertz.
    fn highest_mhz(&self) -> f64 {
        let halves = f64::from(self.delay) + 1.0;
        halves / (2.0 * self.needed().as_fs() as f64) * 1e9
    }

    fn lines(&self) -> Vec<String> {
        let late = (0..=4).find(|&delay| self.fits(delay));
        let sample = match late {
            Some(1) => "or sample half a period late: `sample_delay = 1`".to_owned(),
            Some(n) => format!("or sample {n} half periods late: `sample_delay = {n}`"),
            None => "and shorten the wires".to_owned(),
        };
        let (clock, valid, back) = (self.clock, self.valid, self.back);
        let wait = if self.delay == 0 {
            "half a period".to_owned()
        } else {
            format!("{} half periods", self.delay + 1)
        };
        vec![
            format!(
                "round trip: MISO is back {} after the shift edge: clock {clock}, output valid {valid}, data {back}",
                self.total()
            ),
            format!(
                "the controller samples after {wait}, {}, and wants {} of set-up",
                self.sampled(self.delay),
                self.set_up
            ),
            format!("ways out: a clock of at most {:.1} MHz, {sample}", floor_tenth(self.highest_mhz())),
        ]
    }
}

fn floor_tenth(mhz: f64) -> f64 {
    (mhz * 10.0).floor() / 10.0
}

/// What data that come back too late explain.
const LATE: &[&str] = &["tSU_MI", "tMISO", "MISO-stable", "mismatch"];

/// What to say of the first device whose data come back too late; nothing if all fit.
pub(super) fn round_trip(bound: &Bound<'_>, id: BusId, bus: &Bus) -> Result<Option<Advice>, Unusable> {
    if bus.options.format != Format::Motorola {
        return Ok(None);
    }
    for (device_id, device) in devices(bound, id) {
        let trip = trip(bound, device_id, device, id, bus)?;
        if !trip.fits(trip.delay) {
            return Ok(Some(Advice { codes: LATE, lines: trip.lines() }));
        }
    }
    Ok(None)
}

fn trip(
    bound: &Bound<'_>,
    device_id: DeviceId,
    device: &Device,
    id: BusId,
    bus: &Bus,
) -> Result<RoundTrip, Unusable> {
    let period = Span::period_of(bus.clock.hertz).unwrap_or(Span::MAX);
    let even = period.scale(1, 2);
    let first = first_half(bound, id, bus, &bus.options)?.unwrap_or(even);
    let half = if bus.options.shifts_first() { first } else { period.saturating_sub(first) };
    let lane = usize::from(bus.options.wires != Wires::Three);
    let set_up = bound.host_params(id).get(T_SU_MI).map_or(0, |value| value.value);
    Ok(RoundTrip {
        clock: bus.flight.sck,
        valid: output_timing(bound, device_id, device)?.valid,
        back: bus.flight.lanes[lane],
        set_up: Span::from_fs(u64::try_from(set_up).unwrap_or(0)),
        half,
        period,
        delay: bus.options.sample_delay,
    })
}
