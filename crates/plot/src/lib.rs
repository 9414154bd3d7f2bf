//! Timing diagrams from generic rows.
