//! The vector file that says the same as the arguments.

use std::fmt::Write as _;
use std::path::Path;

use busproof_core::bus::BusInfo;
use busproof_core::bus::handshake::Protocol;

use crate::args::XferArgs;
use crate::error::CliError;
use crate::protocol::Seat;

/// What stands before the transfer in its line.
const PREFIX: &str = "do = \"";

/// The text of the vector; the transfer is its last line.
pub(super) fn text(bus: &BusInfo, args: &XferArgs, seats: &[Seat], script: &str) -> Result<String, CliError> {
    let keys = match bus.name {
        "spi" => spi(args, seats)?,
        "i2c" => i2c(args)?,
        "handshake" => handshake(args, seats)?,
        _ => uart(args)?,
    };
    let mut text = String::new();
    if let Some(limit) = args.max_time {
        let _ = writeln!(text, "max_time = {}", quoted(&limit.to_string()));
    }
    let _ = writeln!(text, "[bus.{}]", bus.name);
    for (key, value) in &keys {
        let _ = writeln!(text, "{key} = {value}");
    }
    let mut loads = memories(args, seats)?;
    // A part of a handshake is what its limits are from.
    let devices = if bus.name == "handshake" { &[] } else { seats };
    for (i, seat) in devices.iter().enumerate() {
        let _ =
            writeln!(text, "[device.{}]\npart = {}", device_name(seat, i), quoted(&absolute(&seat.asked)));
        if let Some(address) = seat.address {
            let _ = writeln!(text, "address = {address:#x}");
        }
        let own = std::mem::take(&mut loads[i]);
        if !own.is_empty() {
            let _ = writeln!(text, "load = [{}]", own.join(", "));
        }
    }
    // Line ends separate items as blanks do, and a blank keeps the columns.
    let script = script.replace(char::is_control, " ");
    let _ = write!(text, "[[step]]\n{PREFIX}{}", &quoted(&script)[1..]);
    Ok(text)
}

/// The position in the script of a place in the vector, if it lies there.
pub(super) fn column_in_script(text: &str, line: usize, column: usize) -> Option<usize> {
    (line == text.lines().count()).then(|| column.checked_sub(PREFIX.len() + 1))?
}

/// Keys of the bus and their values, as TOML has them.
type Keys = Vec<(String, String)>;

fn spi(args: &XferArgs, seats: &[Seat]) -> Result<Keys, CliError> {
    let wires = [
        ("--pull-up", args.pull_up.is_some()),
        ("--vdd", args.wires.vdd.is_some()),
        ("--bus-capacitance", args.wires.bus_capacitance.is_some()),
    ];
    if let Some((option, _)) = wires.iter().find(|(_, given)| *given) {
        return Err(CliError::Xfer(format!(
            "`{option}` is for the open-drain wires of I2C; leave it out on SPI"
        )));
    }
    let clock = args.clock.as_deref().unwrap_or("1 MHz");
    let mut keys = vec![key("kind", quoted("spi")), key("clock", quoted(clock))];
    keys.extend(args.host.iter().map(|host| key("host", quoted(&absolute(host)))));
    let numbers = ["mode", "word_bits", "wires", "lanes", "sample_delay"];
    // Other formats fix the mode.
    let fixed =
        args.sets.iter().any(|(key, value)| key == "format" && !value.eq_ignore_ascii_case("motorola"));
    let options = seats.first().and_then(|seat| seat.part.spi_options());
    let mode = options.map_or(0, |options| options.mode.number()).to_string();
    let sets = (!fixed).then(|| key("mode", mode)).into_iter().chain(args.sets.iter().cloned());
    for (key, value) in sets {
        let value = if numbers.contains(&key.as_str()) { value } else { quoted(&value) };
        put(&mut keys, key, value);
    }
    Ok(keys)
}

fn i2c(args: &XferArgs) -> Result<Keys, CliError> {
    if let Some(host) = &args.host {
        return Err(CliError::Xfer(format!("`--host {host}` is for SPI; leave it out on I2C")));
    }
    let mut keys = vec![key("kind", quoted("i2c"))];
    keys.extend(args.speed.iter().map(|class| key("speed", quoted(class))));
    keys.extend(args.clock.iter().map(|clock| key("clock", quoted(clock))));
    keys.extend(args.pull_up.map(|ohm| key("pull_up", scaled(ohm, 1e3, "mOhm"))));
    keys.extend(args.wires.bus_capacitance.map(|farad| key("capacitance", scaled(farad, 1e15, "fF"))));
    keys.extend(args.wires.vdd.map(|volt| key("vdd", scaled(volt, 1e3, "mV"))));
    for (key, value) in &args.sets {
        let value = match (key.as_str(), value.as_str()) {
            ("pec", "on" | "true") => "true".to_owned(),
            ("pec", "off" | "false") => "false".to_owned(),
            _ => quoted(value),
        };
        put(&mut keys, key.clone(), value);
    }
    Ok(keys)
}

/// The rate of a UART if none is given, as where waveforms are read.
const BAUD: &str = "115200";

fn uart(args: &XferArgs) -> Result<Keys, CliError> {
    let foreign = [
        ("--clock", "`--set baud=9600`", args.clock.is_some()),
        ("--host", "`--set oversampling=16`", args.host.is_some()),
        ("--speed", "`--set baud=9600`", args.speed.is_some()),
        ("--pull-up", "nothing", args.pull_up.is_some()),
        ("--vdd", "nothing", args.wires.vdd.is_some()),
        ("--bus-capacitance", "nothing", args.wires.bus_capacitance.is_some()),
    ];
    if let Some((option, instead, _)) = foreign.iter().find(|(.., given)| *given) {
        return Err(CliError::Xfer(format!("`{option}` says nothing of a UART; write {instead} instead")));
    }
    let mut keys = vec![key("kind", quoted("uart")), key("baud", quoted(BAUD))];
    for (key, value) in &args.sets {
        put(&mut keys, key.clone(), quoted(value));
    }
    Ok(keys)
}

fn handshake(args: &XferArgs, seats: &[Seat]) -> Result<Keys, CliError> {
    let others = [
        ("--host", args.host.is_some()),
        ("--pull-up", args.pull_up.is_some()),
        ("--speed", args.speed.is_some()),
        ("--load", !args.loads.is_empty()),
    ];
    if let Some((option, _)) = others.iter().find(|(_, given)| *given) {
        return Err(CliError::Xfer(format!("`{option}` means nothing to a handshake; leave it out")));
    }
    let mut keys = vec![key("kind", quoted("handshake"))];
    if let Some(seat) = Seat::only(seats, "a handshake")? {
        keys.push(key("standard", quoted(&absolute(&seat.asked))));
        if let Some(options) = seat.part.handshake_options() {
            keys.push(key("protocol", quoted(options.protocol.name())));
            keys.push(key("width", options.width.get().to_string()));
            if options.protocol == Protocol::FourPhase {
                keys.push(key("data_phase", quoted(options.data_phase.name())));
            }
            keys.extend(options.stall.map(|stall| key("stall", quoted(&stall.to_string()))));
        }
    }
    keys.extend(args.clock.iter().map(|clock| key("clock", quoted(clock))));
    for (key, value) in &args.sets {
        let value = if key == "width" { value.clone() } else { quoted(value) };
        put(&mut keys, key.clone(), value);
    }
    if keys.iter().any(|(key, value)| key == "protocol" && value == "\"valid-ready\"")
        && keys.iter().all(|(key, _)| key != "clock")
    {
        keys.push(key("clock", quoted("100 MHz")));
    }
    Ok(keys)
}

fn key(key: &str, value: String) -> (String, String) {
    (key.to_owned(), value)
}

/// The last value of a key counts.
fn put(keys: &mut Keys, key: String, value: String) {
    keys.retain(|(known, _)| *known != key);
    keys.push((key, value));
}

/// In whole units so small that nothing is lost.
fn scaled(value: f64, units: f64, unit: &str) -> String {
    quoted(&format!("{:.0} {unit}", value * units))
}

/// Part files are given relative to where the user is, not to the vector.
fn absolute(name: &str) -> String {
    let path = Path::new(name);
    if path.is_file() {
        std::path::absolute(path).map_or(name.into(), |p| p.display().to_string())
    } else {
        name.into()
    }
}

/// A part's name as the name of a device; further ones are numbered, for the name may be the same.
fn device_name(seat: &Seat, index: usize) -> String {
    let plain = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' };
    let name: String = seat.part.name().chars().map(plain).collect();
    if index == 0 { name } else { format!("{name}-{index}") }
}

/// As a TOML string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What `--load` presets, by part.
fn memories(args: &XferArgs, seats: &[Seat]) -> Result<Vec<Vec<String>>, CliError> {
    let mut loads = vec![Vec::new(); seats.len()];
    for load in &args.loads {
        let (name, what) = load.split_once('=').ok_or_else(|| CliError::Load(load.clone()))?;
        let index =
            seats.iter().position(|seat| seat.answers_to(name)).ok_or_else(|| stranger(load, name, seats))?;
        loads[index].push(memory(what).ok_or_else(|| CliError::Load(load.clone()))?);
    }
    Ok(loads)
}

fn stranger(load: &str, name: &str, seats: &[Seat]) -> CliError {
    let there: Vec<String> = seats.iter().map(|seat| format!("`{seat}`")).collect();
    CliError::Xfer(format!("`--load {load}`: no part `{name}` is on the bus; it is {}", there.join(" or ")))
}

/// `FILE|hex|'text'@ADDRESS` as a table of a memory.
fn memory(what: &str) -> Option<String> {
    let (content, address) = what.rsplit_once('@').unwrap_or((what, "0"));
    let at = address
        .strip_prefix("0x")
        .map_or_else(|| address.parse(), |hex| u64::from_str_radix(hex, 16))
        .ok()?;
    let text = content.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let is_hex = !content.is_empty()
        && content.len().is_multiple_of(2)
        && content.chars().all(|c| c.is_ascii_hexdigit());
    let (key, value) = match text {
        Some(text) => ("text", text.to_owned()),
        None if Path::new(content).is_file() => ("file", absolute(content)),
        None if is_hex => ("hex", content.to_owned()),
        None => return None,
    };
    Some(format!("{{ at = {at}, {key} = {} }}", quoted(&value)))
}
