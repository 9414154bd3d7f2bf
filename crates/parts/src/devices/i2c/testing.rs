//! Plays transfers to a device byte by byte, as the target agent would.

use busproof_core::bus::i2c::{Ack, Address, Call, Device, Direction};
use busproof_core::level::{Drive, Level};
use busproof_core::time::{Span, Time};

use crate::devices::DeviceOptions;
use crate::{Part, catalog};

/// What a byte takes at 400 kHz.
const BYTE: Span = Span::from_ns(22_500);

/// A part on a bus of 400 kHz.
pub(crate) struct Player {
    pub(crate) device: Box<dyn Device>,
    pub(crate) now: Time,
    address: u8,
}

impl Player {
    /// The part at its usual address.
    pub(crate) fn new(part: &str) -> Player {
        Player::with(part, &DeviceOptions::default())
    }

    pub(crate) fn with(part: &str, options: &DeviceOptions) -> Player {
        Player::of(&catalog::find(part).unwrap(), options)
    }

    pub(crate) fn of(part: &Part, options: &DeviceOptions) -> Player {
        let address = options.address.unwrap_or(part.i2c_addresses()[0]);
        let Address::Seven(address) = address else { panic!("the player speaks 7-bit addresses") };
        Player { device: part.i2c_device(options).unwrap(), now: Time::from_fs(1), address }
    }

    pub(crate) fn wait(&mut self, span: Span) {
        let end = self.now + span;
        while let Some(alarm) = self.device.alarm().filter(|alarm| *alarm <= end) {
            assert!(alarm >= self.now, "an alarm in the past");
            self.now = alarm;
            self.device.ring(alarm);
            assert!(
                self.device.alarm() > Some(alarm) || self.device.alarm().is_none(),
                "the alarm does not move on"
            );
        }
        self.now = end;
    }

    pub(crate) fn start(&mut self) {
        self.wait(BYTE);
        self.device.start(self.now);
    }

    pub(crate) fn call(&mut self, address: u8, direction: Direction) -> bool {
        self.wait(BYTE);
        let call = Call { address: Address::Seven(address), direction };
        self.device.call(self.now, call).is_some_and(|answer| answer.ack == Ack::Ack)
    }

    pub(crate) fn send(&mut self, byte: u8) -> bool {
        self.wait(BYTE);
        self.device.write(self.now, byte).ack == Ack::Ack
    }

    pub(crate) fn receive(&mut self, ack: Ack) -> u8 {
        let byte = self.device.read(self.now).byte;
        self.wait(BYTE);
        self.device.acknowledged(self.now, ack);
        byte
    }

    pub(crate) fn stop(&mut self) {
        self.wait(BYTE);
        self.device.stop(self.now);
    }

    /// START, address, bytes, STOP; false at the first that is not acknowledged.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> bool {
        self.start();
        let done = self.call(self.address, Direction::Write) && bytes.iter().all(|byte| self.send(*byte));
        self.stop();
        done
    }

    /// START, address, so many bytes, STOP; nothing if the address is not acknowledged.
    pub(crate) fn read(&mut self, count: usize) -> Vec<u8> {
        self.start();
        let bytes = self.rest_of_read(count);
        self.stop();
        bytes
    }

    /// Bytes out, repeated START, bytes in.
    pub(crate) fn write_read(&mut self, bytes: &[u8], count: usize) -> Vec<u8> {
        self.start();
        if !self.call(self.address, Direction::Write) || !bytes.iter().all(|byte| self.send(*byte)) {
            self.stop();
            return Vec::new();
        }
        self.read(count)
    }

    fn rest_of_read(&mut self, count: usize) -> Vec<u8> {
        if !self.call(self.address, Direction::Read) {
            return Vec::new();
        }
        (0..count).map(|i| self.receive(if i + 1 < count { Ack::Ack } else { Ack::Nack })).collect()
    }

    /// The level that the device gives to its own pin of that name, with a pull-up outside.
    pub(crate) fn level(&self, name: &str) -> Level {
        match self.device.drives(self.pin(name)) {
            Drive::Strong(false) | Drive::Pull(false) => Level::Low,
            Drive::Strong(true) | Drive::Pull(true) | Drive::Released => Level::High,
            Drive::Unknown => Level::X,
        }
    }

    pub(crate) fn sense(&mut self, name: &str, level: Level) {
        let pin = self.pin(name);
        self.device.sense(self.now, pin, level);
    }

    fn pin(&self, name: &str) -> usize {
        self.device.pins().iter().position(|pin| *pin == name).expect("a pin of the device")
    }

    pub(crate) fn codes(&mut self) -> Vec<&'static str> {
        self.device.take_remarks().into_iter().map(|remark| remark.code).collect()
    }
}
