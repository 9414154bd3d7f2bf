//! Waveform files: VCD, FST, GHW, sigrok sessions and CSV in, VCD out.
