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
    /// Nothing was checked: no item, no rule decided.
    Nothing = 3,
}

impl Exit {
    /// The status for several inputs: the first of 2, 1, 3, 0 that occurred.
    pub(crate) fn worst(self, other: Exit) -> Exit {
        let order = [Exit::Unusable, Exit::Failed, Exit::Nothing, Exit::Held];
        order.into_iter().find(|exit| [self, other].contains(exit)).unwrap_or(Exit::Held)
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
