//! Which signal of a waveform plays which role on the bus.

use crate::bus::{BusInfo, Role};
use crate::log::SignalId;
use crate::timing::Point;

/// The signals of a waveform that play the bus's roles at one point of observation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tap {
    /// The end of the wires at which they were observed; `None` where there is only one point.
    pub point: Option<Point>,
    /// Pairs of signal (its position among the waveform's) and pin.
    pub pins: Vec<(SignalId, SignalId)>,
}

/// Finds the roles' signals by their names: `clk`, `top.spi.MOSI`, `miso[0]`.
///
/// A net with flight time shows as one signal per end, `miso@host` and `miso@flash`. Then there are two taps, one at
/// the host's end and one at the other, each using the plain name where a role has no end of its own.
pub fn find_taps(bus: &BusInfo, names: &[&str]) -> Vec<Tap> {
    let ends: Vec<&str> = names.iter().filter_map(|n| n.split_once('@').map(|(_, end)| end)).collect();
    let Some(far) = ends.iter().find(|end| !is_host(end)) else {
        return vec![tap(bus, names, None, None)];
    };
    let near = ends.iter().find(|end| is_host(end)).copied();
    vec![tap(bus, names, near, Some(Point::Controller)), tap(bus, names, Some(far), Some(Point::Target))]
}

/// The name of the agent that controls the bus, on our own benches; where there are several buses, `NAME-host`.
pub const HOST: &str = "host";

fn is_host(end: &str) -> bool {
    end == HOST || end.strip_suffix(HOST).is_some_and(|bus| bus.ends_with('-'))
}

fn tap(bus: &BusInfo, names: &[&str], end: Option<&str>, point: Option<Point>) -> Tap {
    let mut pins: Vec<(SignalId, SignalId)> = Vec::new();
    for role in bus.roles {
        let free = |i: &usize| pins.iter().all(|p| p.0.index() != *i);
        if let Some(i) = find_role(role, names, end).filter(free) {
            pins.push((SignalId(i as u32), role.pin));
        }
    }
    Tap { point, pins }
}

/// The signal whose name is the role's best alias; of several, the one with the shortest name.
fn find_role(role: &Role, names: &[&str], end: Option<&str>) -> Option<usize> {
    role.aliases.iter().find_map(|alias| {
        let fits = |name: &&str| {
            let (plain, at) = name.split_once('@').map_or((*name, None), |(plain, at)| (plain, Some(at)));
            (at.is_none() || at == end) && is_called(plain, role, alias)
        };
        (0..names.len())
            .filter(|&i| fits(&names[i]))
            .min_by_key(|&i| (!names[i].contains('@'), names[i].len(), i))
    })
}

/// True if that is the alias, with or without scopes and index; one bit of a bus is not the bus.
fn is_called(name: &str, role: &Role, alias: &str) -> bool {
    let whole = name.rsplit(['.', '/']).next().unwrap_or(name);
    let is_bit = role.wires > 1 && bit_of(whole).is_some();
    whole.eq_ignore_ascii_case(alias) || !is_bit && last_part(name).eq_ignore_ascii_case(alias)
}

/// The index of one bit: 3 of `data[3]`, nothing of `data` and of `data[7:0]`.
fn bit_of(name: &str) -> Option<u32> {
    name.strip_suffix(']')?.rsplit_once('[')?.1.parse().ok()
}

/// The name without scopes and index.
fn last_part(name: &str) -> &str {
    let plain = name.split('[').next().unwrap_or(name);
    plain.rsplit(['.', '/']).next().unwrap_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::{handshake, spi};

    fn pins(names: &[&str]) -> Vec<(u32, u32)> {
        let taps = find_taps(&spi::INFO, names);
        assert_eq!(taps.len(), 1);
        taps[0].pins.iter().map(|p| (p.0.0, p.1.0)).collect()
    }

    #[test]
    fn plain_names_are_found_by_themselves() {
        assert_eq!(pins(&["CS#", "CLK", "MOSI", "MISO"]), [(1, 0), (2, 1), (3, 2), (0, 5)]);
        assert_eq!(pins(&["tb.dut.spi_sclk", "tb.dut.ss_n", "tb.rst"]), [(0, 0), (1, 5)]);
        assert_eq!(pins(&["D0", "D1"]), []);
    }

    #[test]
    fn the_shortest_name_wins() {
        assert_eq!(pins(&["tb.dut.sub.sck", "tb.sck"]), [(1, 0)]);
    }

    #[test]
    fn a_bus_is_found_whole_or_bit_by_bit() {
        let pins = |names: &[&str]| -> Vec<(u32, u32)> {
            let taps = find_taps(&handshake::INFO, names);
            taps[0].pins.iter().map(|p| (p.0.0, p.1.0)).collect()
        };
        let (req, ack, data) = (handshake::pin::REQ.0, handshake::pin::ACK.0, handshake::pin::DATA.0);
        assert_eq!(pins(&["tb.data[7:0]", "tb.ack", "tb.req"]), [(2, req), (1, ack), (0, data)]);
        let [first, second] = [0, 1].map(|i| handshake::pin::data(i).0);
        assert_eq!(pins(&["tb.data[1]", "tb.data[0]"]), [(1, first), (0, second)]);
        assert_eq!(pins(&["tb.D0", "tb.data1"]), [(0, first), (1, second)]);
    }

    #[test]
    fn a_net_with_flight_time_has_two_taps() {
        let names = ["sck@flash", "sck@host", "mosi", "cs"];
        let taps = find_taps(&spi::INFO, &names);
        let sck: Vec<_> = taps.iter().map(|t| (t.point, t.pins[0].0.0)).collect();
        assert_eq!(sck, [(Some(Point::Controller), 1), (Some(Point::Target), 0)]);
        assert!(taps.iter().all(|t| t.pins.len() == 3));
        assert_eq!(find_taps(&spi::INFO, &["sck@flash", "sck@spi-host", "mosi", "cs"]), taps);
    }
}
