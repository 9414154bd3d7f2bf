//! Traffic: what controller and targets say, as operations, as a script, as what must be heard and what must be reported.

use std::collections::VecDeque;

use busproof_core::bus::i2c::{
    Ack, Address, Answer, Call, Device, Direction, Op, Options, Outcome, Reply, Speed,
};
use busproof_core::{Bits, Span, Time};
use proptest::collection::vec;
use proptest::prelude::*;

use super::Meaning;

/// What is said on the bus, transfer by transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// The transfers, each ended by a STOP.
    pub transfers: Vec<Transfer>,
}

/// From a START to a STOP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// What comes before the first message.
    pub prelude: Prelude,
    /// The messages, all but the first behind a repeated START.
    pub messages: Vec<Message>,
}

/// A byte that is nobody's address, behind a START of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prelude {
    /// There is none.
    None,
    /// The START byte.
    StartByte,
    /// A High-speed master code, 0 to 7: what follows runs at High speed.
    MasterCode(u8),
}

/// An address, and the bytes behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Whom, and who sends the bytes.
    pub call: Call,
    /// The bytes. The controller acknowledges all but the last of those that it reads.
    pub bytes: Vec<u8>,
    /// How many bytes the target acknowledges, those of the address counted, before it refuses one and hears no more;
    /// [`usize::MAX`]: all.
    pub accepts: usize,
}

/// The gist of some traffic, before it is known at which speed it travels.
///
/// It shrinks on its own, whatever options it is [fitted](Draft::fit) to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    transfers: Vec<(u8, Vec<Message>)>,
}

/// Drafts of 1 to `transfers` transfers of 1 to `messages` messages of up to `bytes` bytes; they shrink to one address
/// that is written to and acknowledged.
pub fn draft(transfers: usize, messages: usize, bytes: usize) -> impl Strategy<Value = Draft> {
    let transfer = (any::<u8>(), vec(message(bytes), 1..=messages));
    vec(transfer, 1..=transfers).prop_map(|transfers| Draft { transfers })
}

/// Messages of up to `bytes` bytes, acknowledged or refused anywhere; they shrink to an address that is acknowledged.
///
/// ```
/// use busproof_core::bus::i2c::Direction;
/// use busproof_testkit::i2c;
/// use proptest::prelude::*;
///
/// proptest!(|(message in i2c::items::message(4))| {
///     // A target that sends must be stopped by the controller, behind a byte.
///     let reads = message.call.direction == Direction::Read && message.accepts > 2;
///     prop_assert!(!reads || !message.bytes.is_empty());
/// });
/// ```
pub fn message(bytes: usize) -> impl Strategy<Value = Message> {
    let accepts = prop_oneof![4 => Just(usize::MAX), 1 => 0..=bytes + 2];
    (calls(), vec(data(), 0..=bytes), accepts)
        .prop_map(|(call, bytes, accepts)| Message { call, bytes, accepts }.legal())
}

/// Calls of any address that is a target's, the general call and the Device ID among them; they shrink to address 8.
pub fn calls() -> impl Strategy<Value = Call> {
    let seven = prop_oneof![8 => 0x08u8..0x78, 1 => Just(0), 1 => Just(0x7c)].prop_map(Address::Seven);
    let ten = (0..0x400u16).prop_map(Address::Ten);
    (prop_oneof![3 => seven, 1 => ten], any::<bool>()).prop_map(|(address, reads)| {
        // Address 0 with a 1 behind it is the START byte.
        let reads = reads && address != Address::Seven(0);
        Call { address, direction: if reads { Direction::Read } else { Direction::Write } }
    })
}

/// Bytes, the telling ones more often.
pub fn data() -> impl Strategy<Value = u8> {
    prop_oneof![Just(0), Just(0xff), Just(0x55), Just(0xaa), any::<u8>()]
}

impl Message {
    /// How many bytes its address takes at most: a 10-bit one is written before it is read.
    fn header(&self) -> usize {
        match (self.call.address, self.call.direction) {
            (Address::Seven(_), _) => 1,
            (Address::Ten(_), Direction::Write) => 2,
            (Address::Ten(_), Direction::Read) => 3,
        }
    }

    /// Without what may not be said: nothing follows a byte that was refused, a general call says something, and a target that
    /// sends must be stopped by the controller, behind a byte.
    fn legal(mut self) -> Message {
        let is_called = self.accepts >= self.header();
        match self.call.direction {
            _ if !is_called => self.bytes.clear(),
            Direction::Write => {
                if self.call.address == Address::Seven(0) {
                    say_something_to_all(&mut self.bytes);
                }
                let said = (self.accepts - self.header()).saturating_add(1);
                self.bytes.truncate(said);
            }
            Direction::Read => {
                self.accepts = usize::MAX;
                if self.bytes.is_empty() {
                    self.bytes.push(0xff);
                }
            }
        }
        self
    }

    /// The address that is a 10-bit one.
    fn ten(&self) -> Option<u16> {
        if let Address::Ten(address) = self.call.address { Some(address) } else { None }
    }

    /// As operations behind a START.
    pub fn ops(&self) -> Vec<Op> {
        let mut ops = vec![Op::Call(self.call)];
        let last = self.bytes.len().wrapping_sub(1);
        ops.extend(self.bytes.iter().enumerate().map(|(i, byte)| match self.call.direction {
            Direction::Write => Op::Write(*byte),
            Direction::Read => Op::Read(answer_of_controller(i == last)),
        }));
        ops
    }
}

/// A general call means what its first byte says, and 00 is not allowed (UM10204 section 3.1.13); 06 is a software reset.
fn say_something_to_all(bytes: &mut Vec<u8>) {
    const RESET: u8 = 0x06;
    match bytes.first_mut() {
        Some(first) if *first == 0 => *first = RESET,
        Some(_) => {}
        None => bytes.push(RESET),
    }
}

fn answer_of_controller(is_last: bool) -> Ack {
    if is_last { Ack::Nack } else { Ack::Ack }
}

impl Draft {
    /// The draft as traffic that is legal with `options`: Ultra-fast mode only writes, and nobody answers; High-speed mode
    /// has master codes.
    pub fn fit(&self, options: &Options) -> Traffic {
        let speed = options.speed.unwrap_or(Speed::Fast);
        let fit = |(gist, messages): &(u8, Vec<Message>)| Transfer {
            prelude: prelude(*gist, speed),
            messages: fit_messages(messages, *gist, speed),
        };
        Traffic { transfers: self.transfers.iter().map(fit).collect() }
    }
}

/// Most transfers of High speed have a master code, and a few of the others a START byte.
fn prelude(gist: u8, speed: Speed) -> Prelude {
    match gist {
        0x00..0x40 => Prelude::None,
        _ if speed == Speed::High => Prelude::MasterCode(gist & 7),
        0xe0.. => Prelude::StartByte,
        _ => Prelude::None,
    }
}

fn fit_messages(messages: &[Message], gist: u8, speed: Speed) -> Vec<Message> {
    let mut fitted: Vec<Message> = Vec::new();
    for message in messages {
        let mut message = message.clone();
        if let (true, Some(first)) = (gist & 8 != 0, fitted.first()) {
            message = to(first.call.address, message);
        }
        if speed == Speed::UltraFast {
            message.call.direction = Direction::Write;
            message.accepts = usize::MAX;
        }
        // A read of what was just written to needs the first byte of the address only.
        if message.accepts < message.header() && message.ten() == fitted.last().and_then(Message::ten) {
            message.accepts = 0;
        }
        fitted.push(message.legal());
        // What is left of a 10-bit address that was refused would be taken for another.
        if fitted.last().is_some_and(|last| last.ten().is_some() && last.accepts != usize::MAX) {
            break;
        }
    }
    fitted
}

/// The message to another address; the general call is only written to.
fn to(address: Address, message: Message) -> Message {
    let direction = if address == Address::Seven(0) { Direction::Write } else { message.call.direction };
    Message { call: Call { address, direction }, ..message }
}

impl Traffic {
    /// One transfer of one message.
    pub fn message(message: Message) -> Traffic {
        Traffic { transfers: vec![Transfer { prelude: Prelude::None, messages: vec![message] }] }
    }

    /// Bytes written to a 7-bit address, all acknowledged.
    pub fn write(address: u8, bytes: &[u8]) -> Traffic {
        let call = Call { address: Address::Seven(address), direction: Direction::Write };
        Traffic::message(Message { call, bytes: bytes.to_vec(), accepts: usize::MAX })
    }

    /// Bytes read from a 7-bit address.
    pub fn read(address: u8, bytes: &[u8]) -> Traffic {
        let call = Call { address: Address::Seven(address), direction: Direction::Read };
        Traffic::message(Message { call, bytes: bytes.to_vec(), accepts: usize::MAX })
    }

    /// What a controller is to do.
    pub fn ops(&self) -> Vec<Op> {
        let mut ops = Vec::new();
        for transfer in &self.transfers {
            match transfer.prelude {
                Prelude::None => {}
                Prelude::StartByte => ops.extend([Op::Start, Op::StartByte]),
                Prelude::MasterCode(code) => ops.extend([Op::Start, Op::MasterCode(code)]),
            }
            for message in &transfer.messages {
                ops.push(Op::Start);
                ops.extend(message.ops());
            }
            ops.push(Op::Stop);
        }
        ops
    }

    /// What the monitor must hear on a bus of that speed.
    pub fn expected(&self, speed: Speed) -> Vec<Meaning> {
        self.account(speed).heard
    }

    /// What the controller must report.
    pub fn outcomes(&self, speed: Speed) -> Vec<Outcome> {
        self.account(speed).outcomes
    }

    /// A device that says the targets' part on a bus of that speed.
    pub fn script(&self, speed: Speed) -> Script {
        let Account { calls, refused, .. } = self.account(speed);
        Script { calls: calls.into(), refused, ..Script::default() }
    }

    /// What the script's device must have been told by the end.
    pub fn told(&self, speed: Speed) -> Vec<Told> {
        self.account(speed).told
    }

    fn account(&self, speed: Speed) -> Account {
        let mut account = Account { is_mute: speed == Speed::UltraFast, ..Account::default() };
        self.transfers.iter().for_each(|transfer| account.transfer(transfer));
        account
    }
}

/// Goes through traffic and notes what each party must see of it.
#[derive(Default)]
struct Account {
    /// Nobody answers, since nobody can.
    is_mute: bool,
    heard: Vec<Meaning>,
    outcomes: Vec<Outcome>,
    calls: Vec<Scripted>,
    /// The numbers of the STARTs behind which half of a 10-bit address is refused.
    refused: Vec<usize>,
    starts: usize,
    told: Vec<Told>,
    /// The 10-bit address that was written to in this transfer.
    ten: Option<u16>,
    /// The device has answered in this transfer.
    is_called: bool,
}

impl Account {
    fn transfer(&mut self, transfer: &Transfer) {
        (self.ten, self.is_called) = (None, false);
        self.heard.push(Meaning::Start);
        self.starts += 1;
        if self.prelude(transfer.prelude) {
            self.restart();
        }
        for (i, message) in transfer.messages.iter().enumerate() {
            if i > 0 {
                self.restart();
            }
            self.message(message);
        }
        self.heard.push(Meaning::Stop);
        self.told.extend(self.is_called.then_some(Told::Stop));
    }

    fn restart(&mut self) {
        self.heard.push(Meaning::RepeatedStart);
        self.starts += 1;
    }

    /// Returns whether there is one.
    fn prelude(&mut self, prelude: Prelude) -> bool {
        let byte = match prelude {
            Prelude::None => return false,
            Prelude::StartByte => 0x01,
            Prelude::MasterCode(code) => 0x08 | code,
        };
        let direction = if byte & 1 == 0 { Direction::Write } else { Direction::Read };
        self.heard.push(Meaning::Address(Address::Seven(byte >> 1), direction));
        self.ninth(Ack::Nack);
        self.outcomes.push(Outcome::Ack(Ack::Nack));
        true
    }

    fn message(&mut self, message: &Message) {
        let accepts = match message.call.address {
            Address::Seven(_) => {
                self.ten = None;
                Some(self.called(message.call, message.accepts))
            }
            Address::Ten(address) => self.ten_header(address, message),
        };
        match (message.call.direction, accepts) {
            (Direction::Write, Some(accepts)) => self.written(message, accepts),
            (Direction::Read, Some(_)) => self.read(message),
            (_, None) => {}
        }
    }

    /// The only byte of an address, or its last. Returns how many bytes more are accepted.
    fn called(&mut self, call: Call, accepts: usize) -> usize {
        let is_mine = accepts > 0;
        let ack = self.answer(is_mine);
        self.heard.push(Meaning::Address(call.address, call.direction));
        self.ninth(ack);
        self.outcomes.push(Outcome::Ack(ack));
        self.calls.push(Scripted { call, is_mine, ..Scripted::default() });
        self.told.extend(is_mine.then_some(Told::Call(call)));
        self.is_called |= is_mine;
        accepts.saturating_sub(1)
    }

    /// A 10-bit address. Returns how many bytes more are accepted; `None` where it was refused before its end.
    fn ten_header(&mut self, address: u16, message: &Message) -> Option<usize> {
        let (call, accepts) = (message.call, message.accepts);
        let reads = call.direction == Direction::Read;
        if reads && self.ten == Some(address) {
            return Some(self.called(call, accepts));
        }
        let first = self.answer(accepts > 0);
        self.ninth(first);
        if accepts == 0 {
            self.refused.push(self.starts);
            self.heard.push(Meaning::Incomplete(Bits::new(0xf0 | u64::from(address >> 7) & 6, 8)));
            self.outcomes.push(Outcome::Ack(Ack::Nack));
            return None;
        }
        self.ten = Some(address);
        let left = self.called(Call { direction: Direction::Write, ..call }, accepts - 1);
        if !reads || accepts == 1 {
            return (!reads).then_some(left);
        }
        // The acknowledge of the second byte is no outcome unless it is missing.
        self.outcomes.pop();
        self.restart();
        Some(self.called(call, left))
    }

    fn written(&mut self, message: &Message, mut accepts: usize) {
        if let Some(scripted) = self.calls.last_mut() {
            scripted.accepts = accepts;
        }
        for byte in &message.bytes {
            let ack = self.answer(accepts > 0);
            accepts = accepts.saturating_sub(1);
            self.told.push(Told::Byte(*byte));
            self.heard.push(Meaning::Data(Bits::new(u64::from(*byte), 8), Direction::Write));
            self.ninth(ack);
            self.outcomes.push(Outcome::Ack(ack));
        }
    }

    fn read(&mut self, message: &Message) {
        if let Some(scripted) = self.calls.last_mut() {
            scripted.bytes.clone_from(&message.bytes);
        }
        let last = message.bytes.len().wrapping_sub(1);
        for (i, byte) in message.bytes.iter().enumerate() {
            let ack = answer_of_controller(i == last);
            self.heard.push(Meaning::Data(Bits::new(u64::from(*byte), 8), Direction::Read));
            self.ninth(ack);
            self.outcomes.push(Outcome::Byte(Some(*byte)));
            self.told.push(Told::Acknowledged(ack));
        }
    }

    fn answer(&self, accepts: bool) -> Ack {
        if accepts && !self.is_mute { Ack::Ack } else { Ack::Nack }
    }

    fn ninth(&mut self, ack: Ack) {
        if !self.is_mute {
            self.heard.push(Meaning::Ack(ack));
        }
    }
}

/// Something that a device was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It was called, and answered.
    Call(Call),
    /// A byte came in, whether it took it or not.
    Byte(u8),
    /// What the controller said to a byte that went out.
    Acknowledged(Ack),
    /// The end of a transfer in which it was called.
    Stop,
}

/// What a device does when it is called so.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Scripted {
    call: Call,
    is_mine: bool,
    /// What it sends.
    bytes: Vec<u8>,
    /// How many bytes it takes.
    accepts: usize,
}

impl Default for Scripted {
    fn default() -> Scripted {
        let call = Call { address: Address::Seven(0), direction: Direction::Write };
        Scripted { call, is_mine: false, bytes: Vec::new(), accepts: 0 }
    }
}

/// A device that plays the part of all targets of some [`Traffic`]: it answers and refuses as the traffic has it, and notes
/// what it is told.
///
/// Calls that are not the next of the traffic are not answered.
///
/// ```
/// use busproof_core::bus::i2c::{Ack, Address, Answer, Call, Device, Direction, Speed};
/// use busproof_core::Time;
/// use busproof_testkit::i2c::items::{Told, Traffic};
///
/// let mut script = Traffic::write(0x50, &[7]).script(Speed::Fast);
/// let call = Call { address: Address::Seven(0x50), direction: Direction::Write };
/// assert_eq!(script.call(Time::ZERO, call), Some(Answer::ACK));
/// assert_eq!(script.write(Time::ZERO, 7), Answer::ACK);
/// assert_eq!(script.told(), [Told::Call(call), Told::Byte(7)]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    calls: VecDeque<Scripted>,
    /// Behind these STARTs it does not know the upper bits of a 10-bit address.
    refused: Vec<usize>,
    starts: usize,
    reads: VecDeque<u8>,
    accepts: usize,
    told: Vec<Told>,
    holds: Vec<Span>,
    /// How many answers it has given.
    answers: usize,
}

impl Script {
    /// With SCL held low before each answer, for these times in turn, again and again.
    #[must_use]
    pub fn with_holds(self, holds: Vec<Span>) -> Script {
        Script { holds, ..self }
    }

    /// What it was told.
    pub fn told(&self) -> &[Told] {
        &self.told
    }

    fn hold(&mut self) -> Span {
        self.answers += 1;
        if self.holds.is_empty() { Span::ZERO } else { self.holds[self.answers % self.holds.len()] }
    }

    fn answer(&mut self, ack: Ack) -> Answer {
        Answer { ack, hold: self.hold() }
    }
}

impl Device for Script {
    fn start(&mut self, _: Time) {
        self.starts += 1;
    }

    fn call(&mut self, _: Time, call: Call) -> Option<Answer> {
        let next = self.calls.pop_front_if(|next| next.call == call)?;
        if !next.is_mine {
            return None;
        }
        self.told.push(Told::Call(call));
        self.reads = next.bytes.into();
        self.accepts = next.accepts;
        Some(self.answer(Ack::Ack))
    }

    fn is_ten_bit(&self, upper: u8) -> bool {
        let has = |address| matches!(address, Address::Ten(a) if (a >> 8) as u8 == upper);
        !self.refused.contains(&self.starts) && self.calls.front().is_some_and(|next| has(next.call.address))
    }

    fn write(&mut self, _: Time, byte: u8) -> Answer {
        self.told.push(Told::Byte(byte));
        let takes = self.accepts > 0;
        self.accepts = self.accepts.saturating_sub(1);
        self.answer(if takes { Ack::Ack } else { Ack::Nack })
    }

    fn read(&mut self, _: Time) -> Reply {
        Reply { byte: self.reads.pop_front().unwrap_or(0xff), hold: self.hold() }
    }

    fn acknowledged(&mut self, _: Time, ack: Ack) {
        self.told.push(Told::Acknowledged(ack));
    }

    fn stop(&mut self, _: Time) {
        self.told.push(Told::Stop);
    }
}
