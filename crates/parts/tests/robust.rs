//! Devices on I2C take anything, in any order, and neither panic nor forget that time only goes forward.

use busproof_core::bus::i2c::{Ack, Address, Call, Device, Direction};
use busproof_core::level::Level;
use busproof_core::time::{Span, Time};
use busproof_parts::{DeviceOptions, catalog};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Event {
    Start,
    Call(u8, Direction),
    Write(u8),
    Read,
    Acknowledged(Ack),
    Stop,
    Sense(usize, Level),
    Wait(Span),
}

fn event() -> impl Strategy<Value = Event> {
    let direction = prop_oneof![Just(Direction::Write), Just(Direction::Read)];
    let level = prop_oneof![Just(Level::Low), Just(Level::High), Just(Level::X), Just(Level::Z)];
    // Bytes that mean something to some device come often.
    let byte = prop_oneof![any::<u8>(), 0..0x14u8, Just(0xf4), Just(0x80), Just(0xff)];
    prop_oneof![
        2 => Just(Event::Start),
        4 => (any::<u8>(), direction).prop_map(|(pick, direction)| Event::Call(pick, direction)),
        8 => byte.prop_map(Event::Write),
        4 => Just(Event::Read),
        1 => prop_oneof![Just(Ack::Ack), Just(Ack::Nack)].prop_map(Event::Acknowledged),
        2 => Just(Event::Stop),
        1 => (0..20usize, level).prop_map(|(pin, level)| Event::Sense(pin, level)),
        2 => (0..3_000_000u64).prop_map(|us| Event::Wait(Span::from_us(us))),
    ]
}

/// Rings until `end`; a square wave of 32 kHz would ring for long, so the rest of it is skipped.
fn pass(device: &mut dyn Device, now: Time, end: Time) {
    let mut now = now;
    for _ in 0..1_000 {
        let Some(alarm) = device.alarm().filter(|alarm| *alarm <= end) else { return };
        assert!(alarm >= now, "an alarm in the past: {alarm} at {now}");
        device.ring(alarm);
        assert!(device.alarm().is_none_or(|next| next > alarm), "the alarm at {alarm} stays");
        now = alarm;
    }
    device.ring(end);
}

fn play(device: &mut dyn Device, address: Address, events: &[Event]) {
    let mut now = Time::from_fs(1);
    for event in events {
        let next = now + Span::from_us(20);
        pass(device, now, next);
        now = next;
        match event {
            Event::Start => device.start(now),
            Event::Call(pick, direction) => {
                let address = if *pick < 0xc0 { address } else { Address::Seven(pick & 0x7f) };
                device.call(now, Call { address, direction: *direction });
            }
            Event::Write(byte) => _ = device.write(now, *byte),
            Event::Read => _ = device.read(now),
            Event::Acknowledged(ack) => device.acknowledged(now, *ack),
            Event::Stop => device.stop(now),
            Event::Sense(pin, level) if *pin < device.pins().len() => device.sense(now, *pin, *level),
            Event::Sense(..) => {}
            Event::Wait(span) => {
                let next = now + *span;
                pass(device, now, next);
                now = next;
            }
        }
        (0..device.pins().len()).for_each(|pin| _ = device.drives(pin));
        _ = device.peek(0, 4);
        _ = device.take_remarks();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_is_taken(
        preset in (0..70u64, proptest::collection::vec(any::<u8>(), 0..70)),
        events in proptest::collection::vec(event(), 0..80),
    ) {
        for part in catalog::list().iter().filter(|part| !part.i2c_addresses().is_empty()) {
            let address = part.i2c_addresses()[0];
            let mut device = part.i2c_device(&DeviceOptions::default()).expect("it is simulated");
            // Presets come before the run; not every device has room for them.
            let _ = device.load(preset.0, &preset.1);
            play(&mut *device, address, &events);
        }
    }
}
