//! What is asked of a memory.

/// Which way the data go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Out of the memory.
    Read,
    /// Into the memory.
    Write,
}

/// One access of a trace: a burst at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// In bytes.
    pub address: u64,
    /// The clock in which it is offered at the earliest; 0 in traces without times.
    pub at: u64,
    /// Which way the data go.
    pub access: Access,
}

impl Request {
    /// A read, as soon as possible.
    pub const fn read(address: u64) -> Request {
        Request { address, at: 0, access: Access::Read }
    }

    /// A write, as soon as possible.
    pub const fn write(address: u64) -> Request {
        Request { address, at: 0, access: Access::Write }
    }
}
