//! Data-sheet files with citations and the devices they describe.
