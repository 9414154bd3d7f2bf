//! A port with a device behind it.

use super::transmitter::Op;
use super::{Device, Heard, Port, Ticket};
use crate::sim::{Agent, Cx};
use crate::time::Time;

/// An end of a UART at which a [`Device`] answers what it hears: an agent on the pins of [`Port`].
///
/// Each answer is a ticket of its transmitter, so the bench stops where one is over.
pub struct Terminal {
    port: Port,
    device: Box<dyn Device>,
    /// Answers that are under way.
    tickets: Vec<Ticket>,
    sent: Vec<u16>,
    received: Vec<u16>,
}

impl Terminal {
    /// That device behind that port.
    pub fn new(port: Port, device: Box<dyn Device>) -> Terminal {
        Terminal { port, device, tickets: Vec::new(), sent: Vec::new(), received: Vec::new() }
    }

    /// What sends and receives.
    pub fn port(&self) -> &Port {
        &self.port
    }

    /// What sends and receives, to be asked for its remarks.
    pub fn port_mut(&mut self) -> &mut Port {
        &mut self.port
    }

    /// The device.
    pub fn device(&self) -> &dyn Device {
        &*self.device
    }

    /// The device, to be given memory or asked for its remarks.
    pub fn device_mut(&mut self) -> &mut dyn Device {
        &mut *self.device
    }

    /// The data of all frames that the device had sent so far.
    pub fn sent(&self) -> &[u16] {
        &self.sent
    }

    /// The data of all frames that it heard so far.
    pub fn received(&self) -> &[u16] {
        &self.received
    }

    /// Hands everything that was heard to the device, and what is due.
    fn answers(&mut self, now: Time) -> Vec<Op> {
        let mut answers = Vec::new();
        for heard in self.port.receiver_mut().take_heard() {
            if let Heard::Frame(frame) = heard {
                self.received.push(frame.data);
            }
            answers.extend(self.device.hear(now, &heard));
        }
        if self.device.alarm().is_some_and(|alarm| alarm <= now) {
            answers.extend(self.device.ring(now));
        }
        answers
    }

    /// Gives the answers to the transmitter.
    fn submit(&mut self, answers: Vec<Op>) {
        let mask = self.port.data_bits().mask();
        let mut fitting = Vec::new();
        for op in answers {
            match op {
                Op::Send(data) => fitting.push(Op::Send(data & mask)),
                Op::Write(bytes) => fitting.extend(bytes.iter().map(|&byte| Op::Send(byte as u16 & mask))),
                op => fitting.push(op),
            }
        }
        self.sent
            .extend(fitting.iter().filter_map(|op| if let Op::Send(data) = op { Some(*data) } else { None }));
        // Breaks of no bits and identifiers of more than six are no answers.
        self.tickets.extend(self.port.transmitter_mut().submit(&fitting).ok());
    }
}

impl Agent for Terminal {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        self.port.poll(cx);
        let answers = self.answers(cx.now());
        if !answers.is_empty() {
            self.submit(answers);
            self.port.poll(cx);
        }
        let transmitter = self.port.transmitter_mut();
        self.tickets.retain(|&ticket| transmitter.take(ticket).is_none());
        cx.set_alarm(self.port.due().min(self.device.alarm().unwrap_or(Time::MAX)));
    }

    fn watches(&self) -> u64 {
        self.port.watches()
    }
}
