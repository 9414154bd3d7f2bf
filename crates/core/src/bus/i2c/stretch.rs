//! SCL held low for long: who may have done it, and what the controller made of it.

use super::Item;
use super::item::Direction;
use crate::bus::{Diagnostic, Severity, Sink};
use crate::time::{Span, Time};

/// A low period of SCL much longer than the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub(super) from: Time,
    pub(super) length: Span,
    pub(super) usual: Span,
    /// Whole bytes before it in the transfer, and whole bits.
    pub(super) byte: u32,
    pub(super) bit: u8,
    /// Who sends the bit that follows.
    pub(super) sender: Option<Direction>,
}

/// The stretches of a message.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stretches {
    times: u32,
    longest: Option<Stretch>,
    /// The last one, until SCL falls behind it.
    open: Option<Stretch>,
    /// The shortest high period of SCL within bytes.
    high: Option<Span>,
    /// One was cut short by a controller that did not wait, which has been told.
    is_told: bool,
}

impl Stretches {
    pub(super) fn add(&mut self, stretch: Stretch) {
        self.times = self.times.saturating_add(1);
        self.open = Some(stretch);
        if self.longest.is_none_or(|longest| stretch.length > longest.length) {
            self.longest = Some(stretch);
        }
    }

    /// SCL was high from `from` for `high`, within a byte. Who waits until it is high leaves it high for a whole period, also
    /// behind a stretch; who does not pulls it low again when its own time is up. `doubt` is that of both times.
    #[inline]
    pub(super) fn clocked<S: Sink<Item>>(&mut self, from: Time, high: Span, doubt: Span, sink: &mut S) {
        let usual = self.high;
        if let (Some(stretch), Some(usual)) = (self.open.take(), usual)
            && high.saturating_add(doubt) < usual.saturating_sub(doubt).scale(1, 2)
        {
            self.cut_short(stretch, from, high, usual, sink);
            return;
        }
        self.high = Some(usual.map_or(high, |usual| usual.min(high)));
    }

    /// From now on SCL has another speed.
    pub(super) fn forget_clock(&mut self) {
        self.high = None;
    }

    #[cold]
    fn cut_short<S: Sink<Item>>(
        &mut self,
        stretch: Stretch,
        from: Time,
        high: Span,
        usual: Span,
        sink: &mut S,
    ) {
        if std::mem::replace(&mut self.is_told, true) {
            return;
        }
        let text = format!(
            "SCL is held low for {}, and then high for only {high}, against {usual} and more in the clocks before: the \
             controller does not wait for SCL to rise, so it samples SDA while a target still holds SCL, and its bits are \
             not those on the wires",
            stretch.length
        );
        let to = from.saturating_add(high);
        let (code, severity) = ("i2c::early-sampling", Severity::Warning);
        sink.diagnostic(Diagnostic { code, severity, from: stretch.from, to, text });
    }

    /// The message is over.
    pub(super) fn flush<S: Sink<Item>>(&mut self, sink: &mut S) {
        let Stretches { times, longest, .. } = std::mem::take(self);
        let Some(longest) = longest else { return };
        let times = if times > 1 { format!("{times} times; the longest: ") } else { String::new() };
        sink.diagnostic(Diagnostic {
            code: "i2c::stretch",
            severity: Severity::Note,
            from: longest.from,
            to: longest.from.saturating_add(longest.length),
            text: format!("SCL is held low {times}{longest}"),
        });
    }
}

impl std::fmt::Display for Stretch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Stretch { length, usual, byte, bit, .. } = self;
        write!(f, "{length}, against {usual} in the shortest clock, before ")?;
        match bit {
            0 if *byte > 0 => write!(f, "what follows byte {byte}")?,
            8 => write!(f, "the acknowledge of byte {}", byte + 1)?,
            _ => write!(f, "bit {} of byte {}", bit + 1, byte + 1)?,
        }
        let suspect = match self.sender {
            Some(Direction::Read) => "the target, which is to send that bit, or the controller",
            Some(Direction::Write) => "the controller, which is to send that bit, or a target",
            None => "a target or the controller",
        };
        write!(f, "; {suspect}: a digital recording does not tell")
    }
}
