//! What becomes of a case: first on an ideal bench, which says whether its traffic is legal and what is read, then on its own.

use busproof_core::Bits;

use super::base::{Base, BenchKind};
use super::case::{Case, Turn};
use crate::compact::{Item, Node, Pattern, Read, Script};
use crate::compact::{i2c, spi};
use crate::format::{Ops, Step, VectorFile};
use crate::report::{Failure, Outcome, VectorResult};
use crate::run::{self, Recording, RunOptions};

/// The verdict on a case.
pub(super) enum Judgement {
    /// Nothing is wrong.
    Kept,
    /// It is no legal traffic, for this reason.
    Illegal(String),
    /// Something is wrong that the vector does not say itself: the codes.
    Broken(Vec<String>),
}

/// Judges a case.
pub(super) fn judge(base: &Base<'_>, case: &Case) -> Judgement {
    match with_expectations(base, case) {
        Ok(case) => judge_as_stated(base, &case),
        Err(why) => Judgement::Illegal(why),
    }
}

fn judge_as_stated(base: &Base<'_>, case: &Case) -> Judgement {
    let text = base.text(case, BenchKind::Stated, &[]);
    let Some((result, _)) = play(base, &text) else {
        return Judgement::Illegal("it cannot be written as a vector".into());
    };
    match result.outcome {
        Outcome::Passed => Judgement::Kept,
        Outcome::Unusable | Outcome::NothingChecked => Judgement::Illegal(first(&result)),
        Outcome::Failed | Outcome::OutOfTime => {
            let codes: Vec<String> = unexpected(base, &result).map(|failure| failure.code.clone()).collect();
            if codes.is_empty() { Judgement::Kept } else { Judgement::Broken(codes) }
        }
    }
}

/// The case with what its reads must bring, as they do on an ideal bench; or why its traffic is not legal.
pub(super) fn with_expectations(base: &Base<'_>, case: &Case) -> Result<Case, String> {
    let text = base.text(case, BenchKind::Ideal, &[]);
    let file = parse(base, &text)?;
    let vector = &file.vectors()[0];
    let (result, recording) = run::run_recorded(base.path, &file, vector, &RunOptions::default());
    let is_clean = match result.outcome {
        Outcome::Passed => true,
        Outcome::Failed => unexpected(base, &result).next().is_none(),
        Outcome::NothingChecked | Outcome::OutOfTime | Outcome::Unusable => false,
    };
    let Some(recording) = recording.filter(|_| is_clean) else { return Err(first(&result)) };
    let turns = case.turns.iter().zip(&vector.steps);
    let turns = turns.map(|(turn, step)| expecting(base, turn, step, &recording));
    Ok(Case { turns: turns.collect(), ..case.clone() })
}

/// Runs the one vector of a text.
pub(super) fn play(base: &Base<'_>, text: &str) -> Option<(VectorResult, Option<Recording>)> {
    let file = parse(base, text).ok()?;
    Some(run::run_recorded(base.path, &file, file.vectors().first()?, &RunOptions::default()))
}

fn parse(base: &Base<'_>, text: &str) -> Result<VectorFile, String> {
    VectorFile::parse(&base.vector.name, text).map_err(|error| error.problem.to_string())
}

/// What is wrong and not said to be by the vector.
pub(super) fn unexpected<'r>(base: &Base<'_>, result: &'r VectorResult) -> impl Iterator<Item = &'r Failure> {
    result.failures.iter().filter(|failure| !base.expects(&failure.code))
}

fn first(result: &VectorResult) -> String {
    let failure = result.failures.first();
    failure.map_or_else(String::new, |failure| format!("[{}] {}", failure.code, failure.title))
}

/// The step, and what its reads have brought. One that is repeated stays as it is.
fn expecting(base: &Base<'_>, turn: &Turn, step: &Step, recording: &Recording) -> Turn {
    let table = match turn {
        Turn::Own(i) => &base.steps()[*i],
        Turn::Made(table) => table,
    };
    let read = recording.read().iter().find(|(place, _)| *place == step.span.start);
    let Some((_, words)) = read.filter(|_| step.poll.is_none()) else { return turn.clone() };
    let Some(script) = filled(&step.script, &reads(&step.ops), words) else { return turn.clone() };
    let mut table = table.clone();
    table.insert("do".into(), script.to_string().into());
    Turn::Made(table)
}

/// How many words each item that reads asks for.
fn reads(ops: &Ops) -> Vec<usize> {
    let places: Vec<usize> = match ops {
        Ops::Spi(_, ops) => {
            let reads = ops.iter().filter(|op| matches!(op.kind, spi::OpKind::Read { .. }));
            reads.map(|op| op.span.start).collect()
        }
        Ops::I2c(ops) => {
            let reads = ops.iter().filter(|op| matches!(op.kind, i2c::OpKind::Read { .. }));
            reads.map(|op| op.span.start).collect()
        }
        Ops::Uart(_) | Ops::Link(_) => Vec::new(),
    };
    places.chunk_by(|a, b| a == b).map(<[usize]>::len).collect()
}

/// The script with these words as expectations where it has none; `None` if they do not belong to it.
fn filled(script: &Script, counts: &[usize], words: &[Bits]) -> Option<Script> {
    let (mut counts, mut words) = (counts.iter(), words.iter());
    let nodes = filled_nodes(&script.nodes, &mut counts, &mut words)?;
    (counts.next().is_none() && words.next().is_none()).then_some(Script { nodes })
}

fn filled_nodes<'w>(
    nodes: &[Node],
    counts: &mut impl Iterator<Item = &'w usize>,
    words: &mut impl Iterator<Item = &'w Bits>,
) -> Option<Vec<Node>> {
    let mut all = Vec::new();
    for node in nodes {
        let mut node = node.clone();
        match &mut node.item {
            Item::Read(read) => fill(read, words.by_ref().take(*counts.next()?)),
            Item::Lanes(group) => group.nodes = filled_nodes(&group.nodes, counts, words)?,
            _ => {}
        }
        all.push(node);
    }
    Some(all)
}

/// The words as the expectation of a read that has none.
fn fill<'w>(read: &mut Read, words: impl Iterator<Item = &'w Bits>) {
    let digits: String = words.map(Bits::to_string).collect();
    if read.expect.is_none() {
        read.expect = pattern(&digits);
    }
}

fn pattern(digits: &str) -> Option<Pattern> {
    let script = Script::parse(&format!("r=0x{digits}")).ok()?;
    match &script.nodes.first()?.item {
        Item::Read(read) => read.expect.clone(),
        _ => None,
    }
}
