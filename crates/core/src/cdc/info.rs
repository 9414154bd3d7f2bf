//! What is said of crossings in one place, as of a bus.

use super::{CODES, pin, rules};
use crate::bus::{BusInfo, OptionInfo, Role};
use crate::log::SignalId;

/// Crossings from one clock domain to another. They are no bus, so the table of buses does not list them; whoever reads
/// waveforms treats them as one.
pub const INFO: BusInfo = BusInfo {
    name: "crossing",
    summary: "clock-domain crossings: synchronisers, request and acknowledge, FIFO",
    roles: ROLES,
    options: OPTIONS,
    params: rules::PARAMS,
    derived: &[],
    rules: rules::RULES,
    events: rules::event::NAMES,
    codes: CODES,
    checks: rules::CHECKS,
};

const fn role(
    name: &'static str,
    pin: SignalId,
    aliases: &'static [&'static str],
    summary: &'static str,
) -> Role {
    Role { name, pin, aliases, wires: 1, summary }
}

/// A role that a group of wires plays, or a single one.
const fn group(
    name: &'static str,
    pin: SignalId,
    aliases: &'static [&'static str],
    summary: &'static str,
) -> Role {
    Role { wires: 64, ..role(name, pin, aliases, summary) }
}

/// The names beside our own are those of `verilog-axis` (`axis_async_fifo`), `OpenTitan` (`prim_fifo_async`, `prim_sync_reqack`)
/// and of the usual text books.
const ROLES: &[Role] = &[
    role(
        "src_clk",
        pin::SRC_CLK,
        &["src_clk", "clk_src", "clk_src_i", "s_clk", "wr_clk", "clk_wr_i", "wclk"],
        "the clock of the source",
    ),
    role(
        "src_valid",
        pin::SRC_VALID,
        &["src_valid", "s_axis_tvalid", "s_valid", "wvalid_i", "wvalid", "src_req_i", "src_req"],
        "the source offers a word",
    ),
    role(
        "src_ready",
        pin::SRC_READY,
        &["src_ready", "s_axis_tready", "s_ready", "wready_o", "wready", "src_ack_o", "src_ack"],
        "the crossing takes it",
    ),
    group(
        "src_data",
        pin::SRC_DATA,
        &["src_data", "s_axis_tdata", "s_data", "wdata_i", "wdata", "src_data_i"],
        "the word, as a group or a single wire",
    ),
    role(
        "dst_clk",
        pin::DST_CLK,
        &["dst_clk", "clk_dst", "clk_dst_i", "m_clk", "rd_clk", "clk_rd_i", "rclk", "clk"],
        "the clock of the destination; of a synchroniser, its clock",
    ),
    role(
        "dst_valid",
        pin::DST_VALID,
        &["dst_valid", "m_axis_tvalid", "m_valid", "rvalid_o", "rvalid", "dst_req_o", "dst_req"],
        "the crossing offers a word",
    ),
    role(
        "dst_ready",
        pin::DST_READY,
        &["dst_ready", "m_axis_tready", "m_ready", "rready_i", "rready", "dst_ack_i", "dst_ack"],
        "the destination takes it",
    ),
    group(
        "dst_data",
        pin::DST_DATA,
        &["dst_data", "m_axis_tdata", "m_data", "rdata_o", "rdata", "dst_data_o"],
        "the word, as a group or a single wire",
    ),
    role("req", pin::REQ, &["req"], "request, as it crosses"),
    role("ack", pin::ACK, &["ack"], "acknowledge, as it crosses"),
    role("req_sync", pin::REQ_SYNC, &["req_sync"], "the request as the destination sees it"),
    role("ack_sync", pin::ACK_SYNC, &["ack_sync"], "the acknowledge as the source sees it"),
    group(
        "wptr",
        pin::WPTR,
        &["wptr", "wr_ptr_gray_reg", "fifo_wptr_gray_q", "wptr_gray"],
        "the write pointer, as it crosses",
    ),
    group(
        "rptr",
        pin::RPTR,
        &["rptr", "rd_ptr_gray_reg", "fifo_rptr_gray_q", "rptr_gray"],
        "the read pointer, as it crosses",
    ),
    group("wptr_sync", pin::WPTR_SYNC, &["wptr_sync"], "the write pointer as the destination sees it"),
    group("rptr_sync", pin::RPTR_SYNC, &["rptr_sync"], "the read pointer as the source sees it"),
    role("d", pin::D, &["d", "d_i"], "the level that a synchroniser takes in"),
    role("q", pin::Q, &["q", "q_o"], "the level that it gives out"),
    role("src", pin::SRC, &["src", "src_pulse", "src_pulse_i"], "pulses of a cycle of the source"),
    role("dst", pin::DST, &["dst", "dst_pulse", "dst_pulse_o"], "pulses of a cycle of the destination"),
];

const fn option(
    key: &'static str,
    values: &'static str,
    default: &'static str,
    summary: &'static str,
) -> OptionInfo {
    OptionInfo { key, values, default, summary }
}

/// The options of crossings.
pub(super) const OPTIONS: &[OptionInfo] = &[
    option(
        "through",
        "synchroniser, pulse-synchroniser, req-ack or fifo",
        "fifo",
        "what lies between the domains",
    ),
    option("stages", "0 to 255", "2", "flops that each wire passes"),
    option(
        "clk_to_q",
        "a time such as 200 ps",
        "0 s",
        "synchroniser: from an edge of its clock to its output, at most",
    ),
    option(
        "latest",
        "a time such as 100 ns, or auto",
        "auto",
        "pulse synchroniser: a pulse that takes longer is lost",
    ),
    option("depth", "2 to 65536, a power of two", "16", "fifo: words it holds besides that of its output"),
    option("pointers", "gray or binary", "gray", "fifo: how its pointers cross"),
    option("width", "1 to 64", "8", "bits in a word"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_roles_stand_in_the_order_of_their_pins() {
        assert!(ROLES.iter().enumerate().all(|(i, role)| role.pin.index() == i));
        assert!(pin::NAMES.iter().zip(ROLES).all(|(name, role)| *name == role.name));
        let mut aliases: Vec<&str> = ROLES.iter().flat_map(|role| role.aliases).copied().collect();
        let count = aliases.len();
        aliases.sort_unstable();
        aliases.dedup();
        assert_eq!(aliases.len(), count);
    }
}
