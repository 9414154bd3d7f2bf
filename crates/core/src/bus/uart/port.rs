//! Both halves of a UART in one agent, so that what is received can stop what is sent.

use super::receiver::{XOFF, XON};
use super::{BaudError, DataBits, Receiver, ReceiverOptions, Transmitter, TransmitterOptions, pin};
use crate::sim::{Agent, Cx};
use crate::time::Time;

/// A transmitter and a receiver that share their pins: full duplex, with XON/XOFF if the receiver's
/// [`FlowControl`](super::FlowControl) says so.
///
/// XOFF and XON that are heard stop and start the transmitter after the frame that it is sending; those that the receiver
/// wants sent go out before anything else.
pub struct Port {
    transmitter: Transmitter,
    receiver: Receiver,
}

impl Port {
    /// A port of those two halves.
    pub fn new(transmitter: TransmitterOptions, receiver: ReceiverOptions) -> Result<Port, BaudError> {
        Ok(Port { transmitter: Transmitter::new(transmitter)?, receiver: Receiver::new(receiver)? })
    }

    /// What sends.
    pub fn transmitter(&self) -> &Transmitter {
        &self.transmitter
    }

    /// What sends, to be given work.
    pub fn transmitter_mut(&mut self) -> &mut Transmitter {
        &mut self.transmitter
    }

    /// The data bits of the frames that it sends.
    pub(super) fn data_bits(&self) -> DataBits {
        self.transmitter.data_bits()
    }

    /// Looks at its pins and does what is due.
    pub(super) fn poll(&mut self, cx: &mut Cx<'_>) {
        self.receiver.poll(cx);
        if let Some(stops) = self.receiver.take_peer_stops() {
            self.transmitter.pause(stops);
        }
        if let Some(stop) = self.receiver.take_request() {
            self.transmitter.send_first(if stop { XOFF } else { XON });
        }
        self.transmitter.poll(cx);
    }

    /// When it wants to be woken.
    pub(super) fn due(&self) -> Time {
        self.receiver.due().min(self.transmitter.due())
    }

    /// What receives.
    pub fn receiver(&self) -> &Receiver {
        &self.receiver
    }

    /// What receives, to take what it heard.
    pub fn receiver_mut(&mut self) -> &mut Receiver {
        &mut self.receiver
    }
}

impl Agent for Port {
    fn wake(&mut self, cx: &mut Cx<'_>) {
        self.poll(cx);
        cx.set_alarm(self.due());
    }

    fn watches(&self) -> u64 {
        1 << pin::RX.0 | 1 << pin::CTS.0
    }
}
