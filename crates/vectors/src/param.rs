//! What parameters of limits are called in vector files.

use busproof_core::timing::{Param, ParamInfo, Side};

/// The parameter called `name`. Where a bus has a least and a greatest value of one name, it is the one that the table of
/// the bus has first; the other one is called `tr-min` or `tHIGH-max`, as its rule is.
pub(crate) fn find(params: &[ParamInfo], name: &str) -> Option<Param> {
    let position = |wanted: &dyn Fn(&ParamInfo) -> bool| params.iter().position(wanted);
    let exact = || position(&|info| info.name == name);
    let side = |suffix, side| {
        let plain = name.strip_suffix(suffix)?;
        position(&|info| info.name == plain && info.side == side)
    };
    let found = exact().or_else(|| side("-min", Side::Min)).or_else(|| side("-max", Side::Max))?;
    Some(Param(found as u16))
}

#[cfg(test)]
mod tests {
    use busproof_core::bus::i2c::rules;

    use super::*;

    #[test]
    fn two_sides_of_one_name_are_told_apart() {
        let find = |name| find(rules::PARAMS, name);
        assert_eq!(find("tr"), Some(rules::T_R));
        assert_eq!(find("tr-min"), Some(rules::T_R_MIN));
        assert_eq!(find("tHIGH"), Some(rules::T_HIGH));
        assert_eq!(find("tHIGH-max"), Some(rules::T_HIGH_MAX));
        assert_eq!(find("tLOW-Hs"), Some(rules::T_LOW_HS));
        assert_eq!(find("tBUF-max"), None);
    }
}
