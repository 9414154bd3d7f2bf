//! `busproof new`: a test vector to begin with.

use std::io::Write as _;
use std::path::PathBuf;

use busproof_vectors::schema::schema;

use crate::args::NewArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::out::Out;

/// Reads the identification of a flash: what most people try first.
const SPI: &str = r#"# A test vector: who sits on which bus, what the controller does, what must hold.
# The format is described in vectors/README.md; `busproof new --schema` helps editors.
about = "Read the identification of a serial flash"

[bus.spi]
kind  = "spi"
clock = "16 MHz"

[device.flash]
part = "w25q128jv"

# [ and ] select and deselect; 0x9f is sent; three bytes are read and must be ef 40 18.
[[step]]
do = "[0x9f r:3=ef4018]"
"#;

/// Writes to a memory, waits until it is done, and reads it back.
const I2C: &str = r#"# A test vector: who sits on which bus, what the controller does, what must hold.
# The format is described in vectors/README.md; `busproof new --schema` helps editors.
about = "Write five bytes to an EEPROM, and read them back"

[bus.i2c]
kind        = "i2c"
speed       = "fast"
pull_up     = "2.2 kOhm"
capacitance = "120 pF"

[device.eeprom]
part    = "24lc256"
address = 0x50

# [ and ] are START and STOP; @50w addresses 50h for writing; + means that it must be acknowledged.
[[step]]
do = "[@50w+ 0x01+ 0x00+ 'hello'+]"

# While it writes, it answers to nothing: ask until it does.
[[step]]
do     = "[@50w+]"
until  = "ack"
every  = "500 us"
within = "6 ms"

# [ inside of brackets is a repeated START; five bytes are read and must be these.
[[step]]
do = "[@50w+ 0x01+ 0x00+ [@50r+ r:5='hello']"
"#;

/// Two ends that talk to each other, one of them with a clock that is off.
const UART: &str = r#"# A test vector: who sits on which bus, what the ends do, what must hold.
# The format is described in vectors/README.md; `busproof new --schema` helps editors.
about = "Ask a module whether it is there, with a clock that is 1.5 % off"

# Both receivers take 16 samples a bit, and two of three decide.
[bus.uart]
kind         = "uart"
baud         = 115200
oversampling = 16
votes        = 3
host         = { clock = { error = "1.5 %" } }

# The host asks.
[[step]]
do = "'AT\\r'"

# The other end must have received that, and answers.
[[step]]
by = "peer"
do = "r='AT\\r' 'OK\\r\\n'"

# The host must have received the answer.
[[step]]
do = "r='OK\\r\\n'"

# No edge may come closer than a tenth of a bit to a sample.
[check]
slack = ">= 0.1 UI"
"#;

/// Words between two clocks.
const HANDSHAKE: &str = r#"# A test vector: who sits at which end of a handshake, what is sent, what must hold.
# The format is described in vectors/README.md; `busproof new --schema` helps editors.
about = "Send a word between two clocks that know nothing of each other"

[bus.link]
kind     = "handshake"
protocol = "four-phase"
width    = 8
sender   = { clock = "203 MHz" }
receiver = { clock = "151 MHz", pattern = "every:2" }
timing   = { "tSU;DATA" = "1 ns", tRA-max = "60 ns" }

# Five words are sent, and these must arrive in this order.
[[step]]
do = "'Hello' r:5='Hello'"
"#;

/// Words through a FIFO.
const CROSSING: &str = r#"# A test vector: what lies between two clock domains, what is sent, what must hold.
# The format is described in vectors/README.md; `busproof new --schema` helps editors.
about = "Send words through a FIFO with two clocks, with flops that miss what changes in their window"

[bus.cross]
kind        = "crossing"
through     = "fifo"
depth       = 8
source      = { clock = "203 MHz" }
destination = { clock = "151 MHz", pattern = "bursts:3/7" }
flop        = { setup = "300 ps", hold = "100 ps", clk_to_q = "200 ps", metastability = "one-cycle" }

# None is lost, none doubled, and they stay in order.
[[step]]
do = "'over and out' r:12='over and out'"
"#;

/// Prints or writes a vector, or prints the schema.
pub(crate) fn run(args: &NewArgs, out: &mut Out) -> Result<Exit, CliError> {
    match &args.name {
        _ if args.schema => writeln!(out, "{:#}", schema())?,
        None => write!(out, "{}", starter(args))?,
        Some(name) => {
            let path = write(name, starter(args))?;
            out.note(&format!("wrote {}", path.display()));
        }
    }
    Ok(Exit::Held)
}

/// The vector of the bus that was asked for, or of the one that the name begins with.
fn starter(args: &NewArgs) -> &'static str {
    let named = args.name.as_deref().and_then(|name| name.split(['-', '.']).next());
    match args.bus.as_deref().or(named) {
        Some("i2c") => I2C,
        Some("uart") => UART,
        Some("handshake") => HANDSHAKE,
        Some("crossing") => CROSSING,
        _ => SPI,
    }
}

/// Writes the vector under a temporary name first, so that nobody sees half of it.
fn write(name: &str, text: &str) -> Result<PathBuf, CliError> {
    let stem = name.strip_suffix(".toml").unwrap_or(name);
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if stem.is_empty() || !stem.chars().all(fits) {
        return Err(CliError::VectorName(name.into()));
    }
    let path = PathBuf::from(format!("{stem}.toml"));
    let failed = |source| CliError::Write { path: path.clone(), source };
    let mut file = tempfile::NamedTempFile::new_in(".").map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.persist_noclobber(&path).map_err(|e| match e.error.kind() {
        std::io::ErrorKind::AlreadyExists => CliError::Exists(path.clone()),
        _ => failed(e.error),
    })?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use busproof_vectors::VectorFile;

    #[test]
    fn starters_are_vectors() {
        for text in [SPI, I2C, UART, HANDSHAKE, CROSSING] {
            let file = VectorFile::parse("starter", text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(file.vectors().len(), 1);
        }
    }

    #[test]
    fn the_name_tells_the_bus_unless_the_bus_is_given() {
        let text = |name: &str, bus: Option<&str>| {
            let args = NewArgs { name: Some(name.into()), bus: bus.map(Into::into), schema: false };
            starter(&args)
        };
        assert_eq!(text("i2c", None), I2C);
        assert_eq!(text("i2c-eeprom", None), I2C);
        assert_eq!(text("i2cs", None), SPI);
        assert_eq!(text("eeprom", Some("i2c")), I2C);
        assert_eq!(text("i2c", Some("spi")), SPI);
        assert_eq!(text("handshake", None), HANDSHAKE);
        assert_eq!(text("crossing-fifo", None), CROSSING);
        assert_eq!(text("uart-echo", None), UART);
        assert_eq!(text("uart-echo", Some("spi")), SPI);
    }
}
