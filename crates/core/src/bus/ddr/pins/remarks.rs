//! What a memory can find odd: a code for each, and what it means.

use crate::bus::CodeInfo;

/// The power-up sequence was not kept.
pub const POWER_UP: CodeInfo = CodeInfo {
    code: "ddr::power-up",
    summary: "a step of the power-up sequence is too short or missing",
    explanation: "After power-up RESET# is low for 200 us, CKE for another 500 us; then, tXPR later, all mode registers are set, the DLL \
                  is reset and ZQ calibrated. A memory that was not started so may work, or not. Simulations often cut the waits: then \
                  give the memory shorter times.",
};

/// Write data are missing.
pub const NO_WRITE_DATA: CodeInfo = CodeInfo {
    code: "ddr::no-write-data",
    summary: "DQS had fewer edges behind a write than the burst has beats",
    explanation: "A memory takes write data with the edges of DQS, beginning half a clock before the write latency is over. DQS that comes \
                  a clock late or not at all is not found: write latency and additive latency of controller and memory differ, or the \
                  strobe is not driven. What is missing is stored as unknown.",
};

/// A pin was X or Z.
pub const UNKNOWN_PIN: CodeInfo = CodeInfo {
    code: "ddr::unknown-pin",
    summary: "a command or address pin is neither low nor high as CK rises",
    explanation: "With chip select active all command and address pins must be driven. The command is ignored; a real memory does \
                  something.",
};

/// A mode register holds a reserved code.
pub const RESERVED_MODE: CodeInfo = CodeInfo {
    code: "ddr::reserved-mode",
    summary: "a mode register is set to a reserved code",
    explanation: "The field stays what it was. Often latencies are encoded for another standard or another speed, or the register's bits \
                  are swapped.",
};

/// The state of the bank forbids a command.
pub const CLOSED_BANK: &str = "ddr::closed-bank";
/// See [`CLOSED_BANK`].
pub const OPEN_BANK: &str = "ddr::open-bank";
/// See [`CLOSED_BANK`].
pub const BANKS_NOT_IDLE: &str = "ddr::banks-not-idle";
/// The memory has no such bank.
pub const NO_SUCH_PLACE: &str = "ddr::no-such-place";
/// The memory, or this model of it, has no such command.
pub const NO_SUCH_COMMAND: &str = "ddr::no-such-command";

/// The codes that only a memory on its pins gives.
pub const REMARKS: &[CodeInfo] = &[POWER_UP, NO_WRITE_DATA, UNKNOWN_PIN, RESERVED_MODE];
