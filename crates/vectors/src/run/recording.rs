//! The waveform of a run, with what was said and found on it, and the files it is written to.

use std::path::Path;

use busproof_core::bus::{Diagnostic, handshake, i2c, spi, uart};
use busproof_core::cdc::Crossed;
use busproof_core::{Bits, ChangeLog};
use busproof_wave::{
    Curve, Extras, Track, VcdOptions, WriteError, coarsest_timescale, write_save_file, write_waveform,
};

use super::judge::View;
use crate::caption;

/// What was said on a bus, as somebody heard it.
pub(super) struct Heard {
    /// The bus, or the device on it: `spi.flash`.
    pub(super) scope: String,
    pub(super) items: Items,
}

/// What was said, by the kind of the bus.
pub(super) enum Items {
    Spi(Vec<spi::Item>),
    I2c(Vec<i2c::Item>),
    Uart(Vec<uart::Item>),
    Handshake(Vec<handshake::Item>),
    /// Words of so many bits.
    Crossed(Vec<Crossed>, u32),
}

impl Heard {
    fn tracks(&self) -> Vec<Track> {
        let scope = &self.scope;
        match &self.items {
            Items::Spi(items) => caption::spi::tracks(scope, items),
            Items::I2c(items) => caption::i2c::tracks(scope, items),
            Items::Uart(items) => caption::uart::tracks(scope, items),
            Items::Handshake(items) => caption::handshake::tracks(scope, items),
            Items::Crossed(items, width) => caption::crossing::crossed(scope, items, *width),
        }
    }
}

/// What was found on a bus.
pub(super) struct Found {
    pub(super) scope: String,
    pub(super) views: Vec<View>,
}

/// The waveform of a run, with what was said and found on it.
pub struct Recording {
    log: ChangeLog,
    heard: Vec<Heard>,
    curves: Vec<Curve>,
    read: Vec<(usize, Vec<Bits>)>,
    pub(super) found: Vec<Found>,
    /// What wires, and devices, have found odd.
    pub(super) odd: Vec<Diagnostic>,
}

impl Recording {
    pub(super) fn new(
        log: ChangeLog,
        heard: Vec<Heard>,
        curves: Vec<Curve>,
        read: Vec<(usize, Vec<Bits>)>,
    ) -> Recording {
        Recording { log, heard, curves, read, found: Vec::new(), odd: Vec::new() }
    }

    /// The words that steps have read on SPI and I2C, in order, each step with the byte of the file at which it stands.
    pub(crate) fn read(&self) -> &[(usize, Vec<Bits>)] {
        &self.read
    }

    /// The changes of all nets.
    pub fn log(&self) -> &ChangeLog {
        &self.log
    }

    /// The voltages of open-drain wires, if they were asked for.
    pub fn curves(&self) -> &[Curve] {
        &self.curves
    }

    /// What was said and found on each bus, in words.
    pub fn tracks(&self) -> Vec<Track> {
        let mut tracks: Vec<Track> = self.heard.iter().flat_map(Heard::tracks).collect();
        for Found { scope, views } in &self.found {
            let findings: Vec<_> = views.iter().flat_map(|view| view.findings.iter().copied()).collect();
            let mut odd: Vec<_> = views.iter().flat_map(|view| view.diagnostics.iter().cloned()).collect();
            if *scope == self.title() {
                odd.extend(self.odd.iter().cloned());
            }
            tracks.extend(caption::findings(scope, &findings, &odd));
        }
        if self.found.len() > 1 {
            tracks.extend(caption::findings(self.title(), &[], &self.odd));
        }
        tracks
    }

    /// Every broken rule and every oddity of all buses, in order of the beginnings.
    pub(super) fn found(&self) -> Vec<caption::Found> {
        let views = || self.found.iter().flat_map(|found| &found.views);
        let findings: Vec<_> = views().flat_map(|view| view.findings.iter().copied()).collect();
        let odd: Vec<_> = views().flat_map(|view| &view.diagnostics).chain(&self.odd).cloned().collect();
        let mut found = caption::found(&findings, &odd);
        // Both ends of a wire may see the same.
        found.dedup();
        found
    }

    /// What signals without a bus of their own belong to.
    fn title(&self) -> &str {
        match self.found.as_slice() {
            [only] => &only.scope,
            _ => "bench",
        }
    }

    /// Writes the waveform in the format that the ending of `path` asks for, VCD with what was said and found in words, and
    /// beside it a save file of GTKWave that shows all of it; `comment` says what it is.
    pub fn write(&self, path: &Path, comment: &str) -> Result<(), WriteError> {
        let tracks = self.tracks();
        let extras = Extras { tracks: &tracks, curves: &self.curves };
        let timescale = coarsest_timescale(&self.log);
        let options = VcdOptions {
            comment: Some(comment.to_owned()),
            timescale: Some(timescale),
            ..VcdOptions::default()
        };
        write_waveform(path, &self.log, &extras, &options)?;
        write_save_file(path, self.title(), &self.log, &extras)
    }
}
