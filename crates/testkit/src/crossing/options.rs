//! What lies between two clock domains, and the clocks on both sides.

use busproof_core::Span;
use busproof_core::bus::handshake::{Pattern, Width};
use busproof_core::cdc::{FlopSpec, Metastability, Options, PointerCode, Resolution, Through};
use busproof_core::sim::ClockSpec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::clocks;

/// Crossings of every kind, right ones: gray pointers, two or three flops on each wire. They shrink to a synchroniser of two.
pub fn right() -> impl Strategy<Value = Options> {
    (select(Through::ALL.to_vec()), 2..4u8, 1..=6u32, 4..=64u32).prop_map(|(through, stages, log, width)| {
        let width = Width::new(width).unwrap_or_default();
        Options { through, stages, depth: 1 << log, width, clk_to_q: CLK_TO_Q, ..Options::default() }
    })
}

/// Crossings of every kind, also wrong ones: no flops at all, pointers in binary.
pub fn any() -> impl Strategy<Value = Options> {
    let latest = prop::option::of((1..200u64).prop_map(Span::from_fs));
    (right(), 0..4u8, prop::bool::ANY, latest, 1..=3u32).prop_map(|(right, stages, binary, latest, width)| {
        let pointers = if binary { PointerCode::Binary } else { PointerCode::Gray };
        let width = Width::new(width).unwrap_or_default();
        Options { stages, pointers, latest, width, ..right }
    })
}

/// From a clock to the output of every flop here.
const CLK_TO_Q: Span = Span::from_ps(200);

/// Flops that take a change in their window as it was, or at random a cycle later, or resolve at random; so fast that two
/// in a row never fail at the clocks of [`clock`]. They shrink to ideal ones.
pub fn flop() -> impl Strategy<Value = FlopSpec> {
    let quick = Metastability::Resolves(Resolution { tau: 20e-12, t0: 50e-12 });
    select(vec![Metastability::Never, Metastability::OneCycle, quick]).prop_map(|metastability| FlopSpec {
        setup: Span::from_ps(300),
        hold: Span::from_ps(100),
        clk_to_q: CLK_TO_Q,
        metastability,
    })
}

/// A clock of 40 to 450 MHz, up to 5 % off, with jitter.
pub fn clock() -> impl Strategy<Value = ClockSpec> {
    clocks::specs(40_000_000..450_000_000, 50_000_000, 20)
}

/// How often a sender or a receiver is willing: at least now and then. They shrink to always.
pub fn pattern() -> impl Strategy<Value = Pattern> {
    prop_oneof![
        2 => Just(Pattern::Always),
        1 => (60..=255u8).prop_map(Pattern::Random),
        1 => (1..6u32, 0..6u32).prop_map(|(open, shut)| Pattern::Bursts { open, shut }),
    ]
}
