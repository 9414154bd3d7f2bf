//! From nets and pins to nodes, drivers and routes, before the first run.

use super::agent::{Near, PinRef, Route};
use super::analog::Voltage;
use super::fabric::{Fabric, Watcher};
use super::kernel::{NodeInfo, WakeList};
use super::{Bench, TroubleKind};
use crate::level::{Drive, Resolution};
use crate::log::SignalId;
use crate::net::{Attach, GroupDrive, NetKind, Resolve};

/// A pin of an agent on a net.
#[derive(Clone, Copy)]
struct Place {
    agent: usize,
    pin: usize,
    node: u32,
}

impl Bench {
    /// Builds nodes, drivers, routes and watchers; does nothing the second time.
    pub(super) fn build(&mut self) {
        if self.built {
            return;
        }
        self.built = true;
        self.rousing = WakeList::of(self.seats.len());
        self.core.woken = WakeList::of(self.seats.len());
        let mut signal = 0;
        for net in 0..self.nets.len() {
            let (nodes, is_group) = self.add_nodes(net, &mut signal);
            let seats = self.seats(net, nodes.start);
            let positions = &self.nets[net].positions;
            let links = if is_group {
                connect(&mut self.core.groups, &mut self.core.routes, &seats, nodes.clone(), positions)
            } else {
                connect(&mut self.core.wires, &mut self.core.routes, &seats, nodes.clone(), positions)
            };
            for (seat, link) in seats.iter().zip(links) {
                let pin = if is_group { link.as_group(seat.node) } else { link.as_wire(seat.node) };
                let pins = &mut self.seats[seat.agent].place.pins;
                pins.refs[seat.pin] = pin;
                pins.near[seat.pin] = Near::of(pin);
            }
            self.watch(&seats, nodes, is_group);
        }
        for ends in &self.switches {
            let ends = ends.map(|net| &self.nets[net.0 as usize]);
            assert!(
                ends.iter().all(|net| net.positions.len() == 1),
                "a switch joins nets without flight time"
            );
            self.core.drains.add_switch(ends.map(|net| net.first_node));
        }
    }

    /// One node per position; a net without pins has one all the same, so that it shows in the log.
    fn add_nodes(&mut self, net: usize, signal: &mut u32) -> (std::ops::Range<u32>, bool) {
        if self.nets[net].positions.is_empty() {
            self.nets[net].positions.push(crate::time::Span::ZERO);
        }
        let count = self.nets[net].positions.len() as u32;
        let kind = self.nets[net].net.kind;
        let is_group = matches!(kind, NetKind::Group(_));
        let first = if is_group { self.core.groups.nodes.len() } else { self.core.wires.nodes.len() } as u32;
        self.nets[net].first_node = first;
        for i in 0..count {
            let name = self.node_name(net, i as usize);
            let pull = self.nets[net].net.pull;
            let conflict = match kind {
                NetKind::OpenDrain(_) => TroubleKind::DrivenHigh,
                NetKind::Wire | NetKind::Group(_) => TroubleKind::Contention,
            };
            let info = |width| NodeInfo { name, width, signal: SignalId(*signal), conflict, trouble: None };
            match kind {
                NetKind::Group(width) => {
                    let idle = pull
                        .map_or(GroupDrive::RELEASED, |bit| GroupDrive::pull(if bit { u64::MAX } else { 0 }));
                    self.core.groups.add_node(idle, false);
                    self.core.group_info.push(info(width));
                }
                NetKind::Wire => {
                    self.core
                        .wires
                        .add_node(pull.map_or(Resolution::NONE, |bit| Drive::Pull(bit).into()), false);
                    self.core.wire_info.push(info(1));
                }
                NetKind::OpenDrain(circuit) => {
                    let node = self.core.wires.add_node(Drive::Pull(true).into(), true);
                    self.core.wire_info.push(info(1));
                    self.core.drains.add(node, Voltage::new(circuit));
                }
            }
            *signal += 1;
        }
        (first..first + count, is_group)
    }

    /// `miso` where the net has one node, else `miso@flash` after the first agent, by name, that sits there.
    fn node_name(&self, net: usize, i: usize) -> String {
        let entry = &self.nets[net];
        let position = entry.positions[i];
        let here = |a: &&super::AgentEntry| {
            a.attached.iter().flatten().any(|at| at.net.0 as usize == net && at.position == position)
        };
        match self.agents.iter().filter(here).map(|a| a.name.as_str()).min() {
            Some(agent) if entry.positions.len() > 1 => format!("{}@{agent}", entry.net.name),
            _ => entry.net.name.clone(),
        }
    }

    /// The pins on a net in order of agent names, so that the order of adding makes no difference.
    fn seats(&self, net: usize, first: u32) -> Vec<Place> {
        let mut agents: Vec<usize> = (0..self.agents.len()).collect();
        agents.sort_by(|&a, &b| self.agents[a].name.cmp(&self.agents[b].name));
        let positions = &self.nets[net].positions;
        let mut seats = Vec::new();
        for agent in agents {
            for (pin, attach) in self.agents[agent].attached.iter().enumerate() {
                if let Some(Attach { net: on, position }) = attach
                    && on.0 as usize == net
                {
                    let node =
                        positions.iter().position(|p| p == position).map_or(first, |i| first + i as u32);
                    seats.push(Place { agent, pin, node });
                }
            }
        }
        seats
    }

    /// Who is woken by which node.
    fn watch(&mut self, seats: &[Place], nodes: std::ops::Range<u32>, is_group: bool) {
        for node in nodes {
            let mut first = Watcher::NONE;
            let mut are_holding = true;
            for seat in seats.iter().rev().filter(|s| s.node == node) {
                let pin = 1 << seat.pin;
                if self.agents[seat.agent].watches & pin != 0 {
                    let next = self.core.add_watcher(first);
                    first = Watcher { agent: seat.agent as u32, next, pin };
                    are_holding &= self.agents[seat.agent].holds & pin != 0;
                }
            }
            if is_group {
                self.core.groups.nodes[node as usize].watcher = first;
            } else {
                self.core.wires.nodes[node as usize].watcher = first;
                if are_holding {
                    self.core.drains.hold(node);
                }
            }
        }
    }
}

/// How a pin reaches the nodes of its net.
enum Link {
    Near(u32),
    Far((u32, u32)),
}

impl Link {
    fn as_wire(&self, node: u32) -> PinRef {
        match *self {
            Link::Near(driver) => PinRef::Wire { node, driver },
            Link::Far(routes) => PinRef::FarWire { node, routes },
        }
    }

    fn as_group(&self, node: u32) -> PinRef {
        match *self {
            Link::Near(driver) => PinRef::Group { node, driver },
            Link::Far(routes) => PinRef::FarGroup { node, routes },
        }
    }
}

/// Gives each seat a driver on each node of its net, and the routes to them.
fn connect<R: Resolve>(
    fabric: &mut Fabric<R>,
    routes: &mut Vec<Route>,
    seats: &[Place],
    nodes: std::ops::Range<u32>,
    positions: &[crate::time::Span],
) -> Vec<Link> {
    // Drivers are numbered node by node, so that a node's drivers are neighbours.
    let grid: Vec<Vec<u32>> =
        nodes.clone().map(|node| seats.iter().map(|_| fabric.add_driver(node)).collect()).collect();
    let link = |(i, seat): (usize, &Place)| {
        if grid.len() == 1 {
            return Link::Near(grid[0][i]);
        }
        let own = positions[(seat.node - nodes.start) as usize];
        let first = routes.len() as u32;
        for (drivers, &there) in grid.iter().zip(positions) {
            let flight = own.max(there).saturating_sub(own.min(there));
            routes.push(Route { driver: drivers[i], flight });
        }
        Link::Far((first, routes.len() as u32))
    };
    seats.iter().enumerate().map(link).collect()
}
