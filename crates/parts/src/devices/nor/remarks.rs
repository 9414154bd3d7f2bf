//! What a NOR flash refuses or finds odd.

use busproof_core::bus::Severity;

use crate::devices::remark::Explained;

/// The remarks of the flash.
pub const REMARKS: &[Explained] = &[
    UNKNOWN_COMMAND,
    NOT_WRITE_ENABLED,
    BUSY,
    RECOVERING,
    POWERED_DOWN,
    QUAD_DISABLED,
    PROTECTED,
    MID_BYTE,
    TOO_SHORT,
    EXTRA_BYTES,
    PAGE_WRAP,
    NOT_ERASED,
    SUSPENDED,
    NOTHING_TO_SUSPEND,
    RESET_NOT_ENABLED,
    RESET_WHILE_BUSY,
    CONTINUOUS_READ,
    NOT_MODELLED,
];

pub(super) const UNKNOWN_COMMAND: Explained = Explained {
    code: "spi-nor::unknown-command",
    severity: Severity::Error,
    summary: "an opcode that the flash does not have",
    explanation: "The transfer is ignored and the outputs stay released. Check bit order and SPI mode. After QPI has been \
                  entered, opcodes travel on four lanes, and commands of one and two lanes do not exist.",
};
pub(super) const NOT_WRITE_ENABLED: Explained = Explained {
    code: "spi-nor::not-write-enabled",
    severity: Severity::Error,
    summary: "a program, erase or register write without write enable",
    explanation: "The write enable latch is clear, so the command is ignored. Send 06h before each program, erase or \
                  register write: the latch falls back when one has finished. CS must rise after the 06h.",
};
pub(super) const BUSY: Explained = Explained {
    code: "spi-nor::busy",
    severity: Severity::Error,
    summary: "a command while a program, erase or register write is under way",
    explanation: "The command is ignored. Poll bit 0 (BUSY) of status register 1 until it is 0; only status reads and the \
                  reset sequence are accepted before.",
};
pub(super) const RECOVERING: Explained = Explained {
    code: "spi-nor::recovering",
    severity: Severity::Error,
    summary: "a command too soon after reset, power-down or its release",
    explanation: "The flash accepts nothing during tRST, tDP, tRES1 and tRES2. Wait that long; BUSY cannot be polled.",
};
pub(super) const POWERED_DOWN: Explained = Explained {
    code: "spi-nor::powered-down",
    severity: Severity::Error,
    summary: "a command while powered down",
    explanation: "After B9h the flash ignores everything but ABh (release power-down).",
};
pub(super) const QUAD_DISABLED: Explained = Explained {
    code: "spi-nor::quad-disabled",
    severity: Severity::Error,
    summary: "a quad command while QE is 0",
    explanation: "IO2 and IO3 are /WP and /HOLD until the quad enable bit is set, so the command is refused. On Winbond \
                  parts QE is bit 1 of status register 2: 06h, then 31h 02h.",
};
pub(super) const PROTECTED: Explained = Explained {
    code: "spi-nor::protected",
    severity: Severity::Error,
    summary: "a program or erase inside of the protected range",
    explanation: "The block protection bits BP2-0 and TB of status register 1 cover the address; the command is ignored.",
};
pub(super) const MID_BYTE: Explained = Explained {
    code: "spi-nor::mid-byte",
    severity: Severity::Error,
    summary: "CS rose inside a byte, so the command is not executed",
    explanation: "Programs, erases and register writes begin when CS rises after the eighth bit of a byte. At any other \
                  bit they are cancelled. Count the clocks; a glitch on SCK adds one.",
};
pub(super) const TOO_SHORT: Explained = Explained {
    code: "spi-nor::too-short",
    severity: Severity::Error,
    summary: "CS rose before the command was complete",
    explanation: "Address or data are missing, so the command is not executed.",
};
pub(super) const EXTRA_BYTES: Explained = Explained {
    code: "spi-nor::extra-bytes",
    severity: Severity::Error,
    summary: "bytes after a command that ends earlier",
    explanation: "CS must rise after the last bit of the command. With more clocks it is not executed.",
};
pub(super) const PAGE_WRAP: Explained = Explained {
    code: "spi-nor::page-wrap",
    severity: Severity::Warning,
    summary: "a page program ran past the end of its page",
    explanation: "The address wraps to the start of the same page, over what was sent before. Split data at page ends.",
};
pub(super) const NOT_ERASED: Explained = Explained {
    code: "spi-nor::not-erased",
    severity: Severity::Warning,
    summary: "a program over bytes that are not erased",
    explanation: "Programming turns ones into zeros only; where a 1 was to replace a 0, the 0 stays. Erase first.",
};
pub(super) const SUSPENDED: Explained = Explained {
    code: "spi-nor::suspended",
    severity: Severity::Error,
    summary: "a change that a suspended program or erase forbids",
    explanation: "While an erase is suspended no erase and no register write is allowed, while a program is suspended no \
                  program and no register write. The command is ignored. Resume with 7Ah first.",
};
pub(super) const NOTHING_TO_SUSPEND: Explained = Explained {
    code: "spi-nor::nothing-to-suspend",
    severity: Severity::Warning,
    summary: "a suspend or resume without effect",
    explanation: "Only a program or erase under way can be suspended, once, and only what is suspended can be resumed. Status \
                  register writes and chip erases run to their end.",
};
pub(super) const RESET_NOT_ENABLED: Explained = Explained {
    code: "spi-nor::reset-not-enabled",
    severity: Severity::Error,
    summary: "99h without 66h just before",
    explanation: "The reset needs 66h and 99h as two consecutive transfers; any other command between disarms it.",
};
pub(super) const RESET_WHILE_BUSY: Explained = Explained {
    code: "spi-nor::reset-while-busy",
    severity: Severity::Warning,
    summary: "a reset during a program or erase",
    explanation: "The operation is aborted; on the real part the data concerned are undefined. This model has changed \
                  them as if the operation had finished.",
};
pub(super) const CONTINUOUS_READ: Explained = Explained {
    code: "spi-nor::continuous-read",
    severity: Severity::Note,
    summary: "mode bits that enter continuous read",
    explanation: "Mode bits M5-4 = 10 let the next transfer begin with the address, without opcode. A decoder that begins \
                  to listen later cannot know. Send mode bits FFh to stay out.",
};
pub(super) const NOT_MODELLED: Explained = Explained {
    code: "spi-nor::not-modelled",
    severity: Severity::Warning,
    summary: "a command or status bit whose effect this model lacks",
    explanation: "Sector protection (SEC), complement protection (CMP) and individual block locks (WPS) are stored and \
                  read back, but do not change what is protected here.",
};
