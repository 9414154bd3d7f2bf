//! The voltage of an open-drain wire, as points that a viewer joins.

use busproof_core::Time;
use busproof_core::sim::Stretch;
use busproof_wave::Curve;

/// A stretch is shown by so many points for each time constant, for so many of these; then it is where it ends.
const POINTS: u64 = 8;
const CONSTANTS: u64 = 6;

/// The voltage of a wire with that supply, until `end`.
pub(super) fn curve(name: String, stretches: &[Stretch], vdd: f64, end: Time) -> Curve {
    let mut points = Vec::new();
    for (i, stretch) in stretches.iter().enumerate() {
        let until = stretches.get(i + 1).map_or(end, |next| next.from);
        let inside = times(stretch).take_while(|t| *t < until || *t == stretch.from);
        points.extend(inside.map(|t| (t, stretch.at(t) * vdd)));
    }
    Curve { name, points }
}

/// The instants at which a stretch is shown.
fn times(stretch: &Stretch) -> impl Iterator<Item = Time> {
    let (from, constant) = (stretch.from, stretch.time_constant());
    let count = if constant.is_zero() { 0 } else { POINTS * CONSTANTS };
    (0..=count).map(move |n| from.saturating_add(constant.scale(n, POINTS)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use busproof_core::net::{Attach, Net, Rc};
    use busproof_core::sim::{Agent, Bench, Cx};
    use busproof_core::{ChangeLog, Drive, Level, Span};

    use super::*;
    use crate::VectorFile;
    use crate::run::{RunOptions, run_recorded};

    /// Pulls its pin low at 1 us, and lets go at 2 us.
    struct Puller;

    impl Agent for Puller {
        fn wake(&mut self, cx: &mut Cx<'_>) {
            let pull = |at: u64| Time::ZERO + Span::from_us(at);
            match cx.now() {
                now if now == pull(1) => cx.drive(busproof_core::SignalId(0), Drive::Strong(false)),
                now if now == pull(2) => cx.drive(busproof_core::SignalId(0), Drive::Released),
                _ => {}
            }
            let next = [1, 2].map(pull).into_iter().find(|at| *at > cx.now());
            cx.set_alarm(next.unwrap_or(Time::MAX));
        }
    }

    #[test]
    fn the_curve_crosses_the_thresholds_where_the_log_says_so() {
        let mut bench = Bench::new(0);
        let rc = Rc { pull_up_ohm: 4_700.0, farad: 100e-12, on_ohm: 50.0 };
        let net = bench.add_net(Net::open_drain("sda", rc));
        bench.add_agent("puller", Puller, &[Some(Attach::to(net))]);
        let mut log: ChangeLog = bench.new_log();
        bench.trace_voltages();
        let end = Time::ZERO + Span::from_us(10);
        bench.run_until(end, &mut log).unwrap();
        bench.finish(&mut log);
        let curve = curve("i2c.volts_sda".into(), bench.stretches(net), 3.3, end);
        let at = |t: Time| bench.stretches(net).iter().rev().find(|s| s.from <= t).map_or(1.0, |s| s.at(t));
        let rising: Vec<_> =
            log.columns()[0].iter().filter(|(t, _)| *t > Time::ZERO + Span::from_us(2)).collect();
        let levels: Vec<Level> = rising.iter().map(|(_, value)| value.level()).collect();
        assert_eq!(levels, [Level::X, Level::High]);
        assert!((at(rising[0].0) - 0.3).abs() < 1e-6 && (at(rising[1].0) - 0.7).abs() < 1e-6);
        let volts = |t: Time| curve.points.iter().rev().find(|p| p.0 <= t).map_or(0.0, |p| p.1);
        assert!((volts(Time::ZERO) - 3.3).abs() < 1e-9, "pulled up");
        assert!(volts(Time::ZERO + Span::from_ns(1_900)) < 0.1, "pulled down");
        assert!((volts(end) - 3.3).abs() < 0.02, "pulled up again");
    }

    #[test]
    fn every_edge_of_a_run_is_in_the_voltage_and_the_run_is_as_it_was() {
        let text = "[bus.i2c]\nkind = 'i2c'\nspeed = 'fast'\npull_up = '2.2 kOhm'\ncapacitance = '80 pF'\n\
                    [device.a]\nreply = '0x5a'\naddress = 0x50\n[[step]]\ndo = '[@50w 0x01 0xa5 [@50r r:2]'\n";
        let file = VectorFile::parse("case", text).unwrap();
        let run = |voltages| {
            let options = RunOptions { voltages, ..RunOptions::default() };
            run_recorded(Path::new("case.toml"), &file, &file.vectors()[0], &options).1.unwrap()
        };
        let (plain, traced) = (run(false), run(true));
        assert!(plain.curves().is_empty());
        for (column, same) in plain.log().columns().iter().zip(traced.log().columns()) {
            assert!(column.iter().eq(same.iter()), "{}", column.name());
        }
        let mut edges = 0;
        for (column, curve) in traced.log().columns().iter().zip(traced.curves()) {
            for ((_, before), (t, value)) in column.iter().zip(column.iter().skip(1)) {
                let at = match (before.level(), value.level()) {
                    (Level::Low, Level::X) | (Level::X, Level::Low) => 0.3,
                    _ => 0.7,
                };
                let next = curve.points.partition_point(|point| point.0 < t);
                let (from, to) = (curve.points[next.saturating_sub(1)].1, curve.points[next].1);
                let (low, high) = (from.min(to) - 1e-6, from.max(to) + 1e-6);
                assert!((low..=high).contains(&(at * 3.3)), "{} at {t}: {low} to {high}", column.name());
                edges += 1;
            }
        }
        assert!(edges > 100, "only {edges}");
    }
}
