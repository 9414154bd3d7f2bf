//! The bench on which traffic shows whether it is legal: steady clocks with time for everything, and nothing that goes wrong.
//!
//! What is left of a vector are its parts, what both ends agree on, and the limits.

use toml::{Table, Value};

use crate::format::{BusKind, DeviceKind, Vector};

/// The clock of an ideal SPI bus, unless it is slower anyway: every part has time to answer.
const SPI_HERTZ: u64 = 1_000_000;

/// When a controller of SPI drives and samples.
const SPI: &[&str] =
    &["fault", "flight", "sample_delay", "cs_setup", "cs_hold", "cs_inactive", "output_delay"];

/// When a controller of I2C drives; all of these have defaults that keep the limits of the speed class.
const I2C: &[&str] = &[
    "fault",
    "clock",
    "low",
    "high",
    "start_hold",
    "start_setup",
    "stop_setup",
    "bus_free",
    "data_hold",
    "data_setup",
    "high_speed",
    "pull_up",
    "capacitance",
    "on_resistance",
];

/// How an end of a UART keeps its rate.
const UART_END: &[&str] = &["clock", "divider", "fault"];

/// What a handshake is judged by; traffic alone breaks none of it.
const HANDSHAKE: &[&str] = &["fault", "timing", "standard", "stall"];

/// How an end of a handshake keeps its times.
const HANDSHAKE_END: &[&str] = &["fault", "delay", "delay_most", "setup", "flop"];

/// What a crossing is made of, if it is not made well, and what it is judged by.
const CROSSING: &[&str] = &["flop", "stages", "pointers", "skew", "timing"];

/// What a peripheral of SPI does wrong; the clock leaves time for all that it does late.
const PERIPHERAL: &[&str] = &["fault"];

/// What a target of I2C does late or wrong.
const TARGET: &[&str] = &["stretch", "lost_ack_at", "output_delay"];

/// Takes out of the tables of `vector` whatever makes it less than ideal.
pub(super) fn idealise(table: &mut Table, vector: &Vector) {
    for bus in &vector.buses {
        let Some(table) = at(table, &["bus", &bus.name]) else { continue };
        match &bus.kind {
            BusKind::Spi(spi) => {
                remove(table, SPI);
                let hertz = spi.clock.hertz.min(SPI_HERTZ);
                table.insert("clock".into(), Value::String(format!("{hertz} Hz")));
            }
            BusKind::I2c(_) => remove(table, I2C),
            BusKind::Uart(_) => {
                remove(table, &["fault"]);
                remove_below(table, &["host", "peer"], UART_END);
                for end in ["host", "peer"] {
                    if let Some(fifo) = at(table, &[end, "fifo"]) {
                        remove(fifo, &["every"]);
                    }
                    // One that finds the rate by itself may begin with another.
                    if let Some(end) = at(table, &[end]).filter(|end| !end.contains_key("auto_baud")) {
                        remove(end, &["baud"]);
                    }
                }
            }
            BusKind::Handshake(_) => {
                remove(table, HANDSHAKE);
                remove_below(table, &["sender", "receiver"], HANDSHAKE_END);
            }
            BusKind::Crossing(_) => {
                remove(table, CROSSING);
                remove_below(table, &["source", "destination"], &["delay"]);
            }
        }
    }
    for (_, controller) in at(table, &["controller"]).into_iter().flatten() {
        if let Some(table) = controller.as_table_mut() {
            remove(table, I2C);
        }
    }
    for device in &vector.devices {
        let Some(table) = at(table, &["device", &device.name]) else { continue };
        match device.kind {
            DeviceKind::Spi(_) => remove(table, PERIPHERAL),
            DeviceKind::I2c(_) => remove(table, TARGET),
            DeviceKind::Uart(_) => {}
        }
    }
}

fn at<'t>(table: &'t mut Table, path: &[&str]) -> Option<&'t mut Table> {
    path.iter().try_fold(table, |table, key| table.get_mut(*key)?.as_table_mut())
}

fn remove(table: &mut Table, keys: &[&str]) {
    for key in keys {
        table.remove(*key);
    }
}

fn remove_below(table: &mut Table, ends: &[&str], keys: &[&str]) {
    for end in ends {
        if let Some(table) = at(table, &[end]) {
            remove(table, keys);
        }
    }
}
