//! Waveform files: VCD, FST, GHW, sigrok sessions and CSV in; VCD, FST, sessions and CSV out.
//! What a logic analyser would have seen of a waveform ([`Analyser`]), and two waveforms set side by side ([`compare_edges`]).
//!
//! A file is opened by its content, never by its name. Opening reads the header only; the changes then stream into an
//! [`Observer`](busproof_core::Observer) in constant memory, one settled instant per call:
//!
//! ```
//! use busproof_core::{Level, Time};
//! use busproof_wave::{ReadOptions, Window, open_bytes};
//!
//! let text = "$timescale 1 ns $end $var wire 1 ! clk $end $enddefinitions $end #0 0! #5 1! #9";
//! let reader = open_bytes("clk.vcd", text, &ReadOptions::default())?;
//! let clk = reader.find("clk").expect("declared above");
//! let log = reader.read(&[clk], Window::ALL)?.log;
//! let rise = log.columns()[0].get(1);
//! assert_eq!((rise.0, rise.1.level()), ("5 ns".parse::<Time>()?, Level::High));
//! assert_eq!(log.end(), "9 ns".parse()?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What holds for every format:
//! * nothing in a file makes a reader panic, hang, or use memory out of proportion to the file;
//! * all changes of one time stamp come in one call, each signal at most once, in order of the selection;
//! * a file that is cut off counts up to where it ends, and [`Summary::truncated`] says so;
//! * an error names the file and, for text, line and column, and tells a way out.

mod compare;
mod csv;
mod error;
mod foreign;
mod fst;
mod grid;
mod gtkw;
mod input;
mod names;
mod options;
mod output;
mod reader;
mod resample;
mod settle;
mod sr;
mod text;
mod timescale;
mod track;
mod vcd;
mod whole;

pub use compare::{
    Difference, DifferenceKind, EdgeOptions, Edit, SignalDiff, Unknown, compare_clocked, compare_edges,
    edits, find_offset,
};
pub use csv::write_csv_to;
pub use error::{Place, ReadError, ReadErrorKind, WriteError};
pub use fst::{FstWriter, write_fst_to};
pub use gtkw::{HasText, SaveFile};
pub use input::{open, open_bytes, open_stream};
pub use options::{ParseRateError, ReadOptions, SampleRate, Window};
pub use output::{Output, write_save_file, write_waveform};
pub use reader::{Kind, Note, Pick, Reader, Recorded, Signal, SignalKind};
pub use resample::Analyser;
pub use settle::Summary;
pub use sr::write_sr_to;
pub use timescale::Timescale;
pub use track::{About, Caption, Curve, Extras, Track};
pub use vcd::write::{
    Lane, LaneKind, Profile, VcdOptions, VcdWriter, coarsest_timescale, write_log, write_log_to, write_vcd_to,
};
pub use whole::write_whole;
