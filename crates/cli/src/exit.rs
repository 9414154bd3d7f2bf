//! Exit statuses.

use std::process::ExitCode;

/// How a command ended, for scripts and CI jobs. Bugs exit with 101.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All checks held; items were found.
    Held = 0,
    /// A check failed.
    Failed = 1,
    /// The command line or an input file cannot be used.
    Unusable = 2,
    /// Nothing was checked: no item, no rule decided, no vector.
    Nothing = 3,
    /// A time budget ended before a verdict.
    OutOfTime = 4,
}

/// In order of precedence where several inputs ended differently.
const PRECEDENCE: [Exit; 5] = [Exit::Unusable, Exit::Failed, Exit::OutOfTime, Exit::Nothing, Exit::Held];

impl Exit {
    /// The status for several inputs: the first of 2, 1, 4, 3, 0 that occurred.
    pub(crate) fn worst(self, other: Exit) -> Exit {
        PRECEDENCE.into_iter().find(|exit| [self, other].contains(exit)).unwrap_or(Exit::Held)
    }

    /// The exit of that status.
    pub(crate) fn from_status(status: u8) -> Exit {
        PRECEDENCE.into_iter().find(|exit| *exit as u8 == status).unwrap_or(Exit::Unusable)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unusable_input_outweighs_a_failure_and_that_a_pass() {
        assert_eq!(Exit::Failed.worst(Exit::Unusable), Exit::Unusable);
        assert_eq!(Exit::Nothing.worst(Exit::Failed), Exit::Failed);
        assert_eq!(Exit::Held.worst(Exit::Nothing), Exit::Nothing);
        assert_eq!(Exit::Held.worst(Exit::Held), Exit::Held);
    }
}
