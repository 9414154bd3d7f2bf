//! How the agents of a channel are wired: buses are groups, so that each is one line in a viewer.

use super::{Beat, Frame, pin};
use crate::bus::ddr::Standard;
use crate::level::Level;
use crate::log::{SignalId, Value};
use crate::net::{Attach, Net, NetId};
use crate::sim::{Bench, Cx};
use crate::time::Span;

/// The pins of a controller and of a rank, as they number them. A rank has the chip select, clock enable and termination of rank 0.
pub mod wire {
    use crate::log::SignalId;

    /// Clock.
    pub const CK: SignalId = SignalId(0);
    /// Its complement.
    pub const CK_C: SignalId = SignalId(1);
    /// Reset, active low.
    pub const RESET: SignalId = SignalId(2);
    /// Activate, active low.
    pub const ACT: SignalId = SignalId(3);
    /// Row address strobe, active low.
    pub const RAS: SignalId = SignalId(4);
    /// Column address strobe, active low.
    pub const CAS: SignalId = SignalId(5);
    /// Write enable, active low.
    pub const WE: SignalId = SignalId(6);
    /// The group of addresses, or CA.
    pub const A: SignalId = SignalId(7);
    /// The group of bank addresses.
    pub const BA: SignalId = SignalId(8);
    /// The group of bank group addresses.
    pub const BG: SignalId = SignalId(9);
    /// The group of data wires.
    pub const DQ: SignalId = SignalId(10);
    /// The group of strobes.
    pub const DQS: SignalId = SignalId(11);
    /// The group of their complements.
    pub const DQS_C: SignalId = SignalId(12);
    /// The group of data masks.
    pub const DM: SignalId = SignalId(13);

    /// Chip select of a rank, 0 to 3.
    pub const fn cs(rank: u32) -> SignalId {
        SignalId(16 + rank)
    }

    /// Clock enable of a rank, 0 to 3.
    pub const fn cke(rank: u32) -> SignalId {
        SignalId(20 + rank)
    }

    /// On-die termination of a rank, 0 to 3.
    pub const fn odt(rank: u32) -> SignalId {
        SignalId(24 + rank)
    }

    /// How many pins an agent has.
    pub(super) const COUNT: usize = 28;
}

/// The wires of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Which wires there are.
    pub standard: Standard,
    /// Ranks, 1 to 4.
    pub ranks: u32,
    /// Data wires, 4 to 64.
    pub width: u32,
    /// Data wires of one strobe: 4 for memories of four data wires, else 8.
    pub lane: u32,
    /// Address wires, or CA.
    pub addresses: u32,
    /// Bank address wires.
    pub banks: u32,
    /// Bank group address wires.
    pub groups: u32,
    /// Flight time from the controller to the ranks.
    pub flight: Span,
}

impl Channel {
    /// A channel of one rank of bytes, with as many address wires as the standard has, and no flight time.
    pub const fn new(standard: Standard, width: u32) -> Channel {
        let (addresses, banks, groups) = match standard {
            Standard::Ddr3 => (16, 3, 0),
            Standard::Ddr4 => (14, 2, 2),
            Standard::Ddr5 => (14, 0, 0),
            Standard::Lpddr4 => (6, 0, 0),
            Standard::Lpddr5 => (7, 0, 0),
        };
        let lane = if width < 8 { width } else { 8 };
        Channel { standard, ranks: 1, width, lane, addresses, banks, groups, flight: Span::ZERO }
    }

    /// How many strobes there are.
    pub const fn lanes(&self) -> u32 {
        self.width.div_ceil(self.lane)
    }

    /// True if there are data masks: not for memories of four data wires.
    pub const fn has_masks(&self) -> bool {
        self.lane == 8
    }

    /// True if ranks are selected by a high level.
    pub(super) const fn selects_high(&self) -> bool {
        matches!(self.standard, Standard::Lpddr4 | Standard::Lpddr5)
    }

    /// Adds its nets to a bench, their names below `scope`: `ddr.dq`.
    pub fn add_nets(&self, bench: &mut Bench, scope: &str) -> Nets {
        let mut nets = Nets { list: [None; wire::COUNT], flight: self.flight };
        for (pin, name, width) in self.names() {
            let name = format!("{scope}{}{name}", if scope.is_empty() { "" } else { "." });
            let net = if is_group(pin) { Net::group(name, width) } else { Net::wire(name) };
            nets.list[pin.index()] = Some(bench.add_net(net));
        }
        nets
    }

    /// Each wire or group: pin, name, width; in the order in which one reads them.
    fn names(&self) -> Vec<(SignalId, String, u32)> {
        use wire::{A, ACT, BA, BG, CAS, CK, CK_C, DM, DQ, DQS, DQS_C, RAS, RESET, WE};
        let is_old = self.standard == Standard::Ddr3;
        let has_ca = matches!(self.standard, Standard::Ddr5 | Standard::Lpddr4 | Standard::Lpddr5);
        let either = |old: &'static str, new: &'static str| if is_old { old } else { new };
        let one = |pin, name: &str| (pin, name.to_owned(), 1);
        let mut all =
            vec![one(CK, either("ck", "ck_t")), one(CK_C, either("ck_n", "ck_c")), one(RESET, "reset_n")];
        let ranked = |name: &str, rank| {
            if self.ranks == 1 { name.to_owned() } else { format!("{name}{rank}") }
        };
        for rank in 0..self.ranks {
            let cs = if self.selects_high() { "cs" } else { "cs_n" };
            all.push((wire::cs(rank), ranked(cs, rank), 1));
            if self.standard != Standard::Ddr5 {
                all.push((wire::cke(rank), ranked("cke", rank), 1));
            }
            if !has_ca {
                all.push((wire::odt(rank), ranked("odt", rank), 1));
            }
        }
        if self.standard == Standard::Ddr4 {
            all.push(one(ACT, "act_n"));
        }
        if !has_ca {
            all.extend([one(RAS, "ras_n"), one(CAS, "cas_n"), one(WE, "we_n")]);
        }
        let masks = if self.has_masks() { self.lanes() } else { 0 };
        for (pin, name, width) in [
            (BG, "bg", self.groups),
            (BA, "ba", self.banks),
            (A, if has_ca { "ca" } else { "a" }, self.addresses),
            (DQS, either("dqs", "dqs_t"), self.lanes()),
            (DQS_C, either("dqs_n", "dqs_c"), self.lanes()),
            (DQ, "dq", self.width),
            (DM, either("dm", "dm_n"), masks),
        ] {
            if width > 0 {
                all.push((pin, name.to_owned(), width));
            }
        }
        all
    }
}

const fn is_group(pin: SignalId) -> bool {
    pin.0 >= wire::A.0 && pin.0 <= wire::DM.0
}

/// The nets of a channel on a bench.
#[derive(Clone, Debug)]
pub struct Nets {
    list: [Option<NetId>; wire::COUNT],
    flight: Span,
}

impl Nets {
    /// The pins of the controller.
    pub fn controller(&self) -> Vec<Option<Attach>> {
        self.list.iter().map(|net| net.map(Attach::to)).collect()
    }

    /// The pins of a rank: those of all ranks, and its own CS, CKE and ODT.
    pub fn rank(&self, rank: u32) -> Vec<Option<Attach>> {
        let mut pins: Vec<Option<Attach>> =
            self.list.iter().map(|net| net.map(|net| Attach::at(net, self.flight))).collect();
        for first in [wire::cs(0), wire::cke(0), wire::odt(0)] {
            pins[first.index()] = pins[first.index() + rank as usize];
            for other in 1..4 {
                pins[first.index() + other] = None;
            }
        }
        pins
    }

    /// The net of a controller's pin.
    pub fn net(&self, pin: SignalId) -> Option<NetId> {
        self.list.get(pin.index()).copied().flatten()
    }
}

/// Single wires that carry commands, and what they are in a [`Frame`].
pub(super) const WIRES: [(SignalId, SignalId); 4] =
    [(wire::ACT, pin::ACT), (wire::RAS, pin::RAS), (wire::CAS, pin::CAS), (wire::WE, pin::WE)];

/// Groups that carry commands, where they begin in a [`Frame`], and how many wires they are at most.
pub(super) const GROUPS: [(SignalId, SignalId, u32); 3] = [
    (wire::A, pin::a(0), pin::A_PINS),
    (wire::BA, pin::ba(0), pin::BA_PINS),
    (wire::BG, pin::bg(0), pin::BG_PINS),
];

/// What a rank samples; wires that are not there are at the level at which they do not matter.
pub(super) fn sample(cx: &Cx<'_>) -> Frame {
    let mut levels = Value::known(0);
    for (group, first, width) in GROUPS {
        if cx.is_connected(group) {
            let value = cx.sampled_value(group).masked(width);
            levels.bits |= value.bits << first.0;
            levels.unknown |= value.unknown << first.0;
        }
    }
    let mut frame = Frame::new(levels);
    for (from, to) in WIRES.into_iter().chain([(wire::cs(0), Frame::CS), (wire::cke(0), Frame::CKE)]) {
        let level = if cx.is_connected(from) { cx.sampled(from) } else { Level::High };
        frame = frame.with(to, level);
    }
    frame
}

/// The level of all strobes of a channel; none while they differ or are not driven.
pub(super) fn strobe(channel: &Channel, cx: &Cx<'_>) -> Option<bool> {
    let all = Value::known(u64::MAX).masked(channel.lanes()).bits;
    let Value { bits, unknown } = cx.value(wire::DQS).masked(channel.lanes());
    (unknown == 0 && (bits == all || bits == 0)).then_some(bits != 0)
}

/// What is on the data wires, as the last instant left them.
pub(super) fn data(channel: &Channel, cx: &Cx<'_>) -> Beat {
    let Value { bits, unknown } = cx.sampled_value(wire::DQ).masked(channel.width);
    Beat { data: bits & !unknown, unknown, mask: 0 }
}
