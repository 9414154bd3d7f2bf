//! Value change dumps: IEEE 1364-2005 clause 18, with the extensions that simulators and analysers write.

mod body;
mod header;
mod ids;
pub(crate) mod origin;
pub(crate) mod write;

use crate::error::ReadError;
use crate::input::Input;
use crate::options::ReadOptions;
use crate::reader::{Head, Note};
use crate::text::Text;

pub(crate) use body::Body;

/// Reads the header.
pub(crate) fn open(name: &str, input: Input, options: &ReadOptions) -> Result<(Head, Body), ReadError> {
    let mut text = Text::new(name.into(), input);
    let header = header::read(&mut text)?;
    text.fill_chunk()?;
    let source = origin::source(&header, text.rest(), options);
    let notes = if header.scale.is_none() { vec![Note::NoTimescale] } else { Vec::new() };
    let scale = header.scale.unwrap_or_default();
    let head = Head { signals: header.signals, source, notes };
    Ok((head, Body::new(text, scale, header.ids, header.nets, header.net_of_signal)))
}
