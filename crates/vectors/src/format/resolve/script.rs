//! Compact strings in a vector file.

use std::ops::Range;

use super::{Problem, Result};
use crate::compact::{LowerError, Op, Script, SyntaxError};
use crate::format::scalar::Located;

/// A compact string in the file.
pub(super) struct Source<'a> {
    text: &'a str,
    /// Where the literal stands, with its quotes.
    literal: Range<usize>,
    /// Where its text begins, unless escapes make it differ from what is written.
    start: Option<usize>,
}

impl<'a> Source<'a> {
    pub(super) fn of(source: &str, located: &'a Located<String>) -> Source<'a> {
        let (text, literal) = (located.value().as_str(), located.span());
        let written = source.get(literal.clone()).unwrap_or_default();
        let start = written.find(text).map(|offset| literal.start + offset);
        Source { text, literal, start }
    }

    /// A text that is not in the file; its problems are those of `place`.
    pub(super) fn made(text: &'a str, place: Range<usize>) -> Source<'a> {
        Source { text, literal: place, start: None }
    }

    pub(super) fn place(&self, span: &Range<usize>) -> Range<usize> {
        match self.start {
            Some(start) => start + span.start..start + span.end,
            None => self.literal.clone(),
        }
    }

    pub(super) fn script(&self) -> Result<Script> {
        Script::parse(self.text)
            .map_err(|SyntaxError { span, problem, .. }| (self.place(&span), Problem::Compact(problem)))
    }

    /// The operations of the script, or why the bus cannot say it, with the places of the file.
    pub(super) fn lowered<K, R>(
        &self,
        lowered: std::result::Result<Vec<Op<K>>, LowerError<R>>,
        problem: impl FnOnce(R) -> Problem,
    ) -> Result<Vec<Op<K>>> {
        match lowered {
            Ok(ops) => {
                Ok(ops.into_iter().map(|op| Op { span: self.place(&op.span), kind: op.kind }).collect())
            }
            Err(error) => Err((self.place(&error.span), problem(error.refusal))),
        }
    }
}
