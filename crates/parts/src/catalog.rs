//! The part files that come with the program, and those of users.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use busproof_core::bus::BusInfo;
use busproof_core::bus::i2c::{self, Protocol};

use crate::error::{Hint, PartError};
use crate::part::Part;

macro_rules! embedded {
    ($($file:literal)*) => {
        /// File names and texts.
        pub(crate) const FILES: &[(&str, &str)] =
            &[$(($file, include_str!(concat!("../data/", $file)))),*];
    };
}

embedded! {
    "i2c/24c02.toml"
    "i2c/24lc256.toml"
    "i2c/24lc64.toml"
    "i2c/bme280.toml"
    "i2c/ds1307.toml"
    "i2c/ds3231.toml"
    "i2c/i2c-fast.toml"
    "i2c/i2c-fast-plus.toml"
    "i2c/i2c-high.toml"
    "i2c/i2c-register-file.toml"
    "i2c/i2c-standard.toml"
    "i2c/i2c-ultra-fast.toml"
    "i2c/lm75.toml"
    "i2c/mcp23017.toml"
    "i2c/pcf8574.toml"
    "i2c/pcf8574a.toml"
    "i2c/smbus.toml"
    "i2c/tca9548a.toml"
    "i2c/tmp102.toml"
    "i2c/x24c02.toml"
    "spi/23lc1024.toml"
    "spi/host-generic.toml"
    "spi/m25p80.toml"
    "spi/mcp3008.toml"
    "spi/mt25ql256.toml"
    "spi/n25q128a.toml"
    "spi/spi-loopback.toml"
    "spi/spi-register-file.toml"
    "spi/spi-register-file-crc.toml"
    "spi/w25q128jv.toml"
    "spi/w25q128jv-dtr.toml"
    "uart/avr-usart.toml"
    "uart/avr-usart-u2x.toml"
    "uart/uart-echo.toml"
    "uart/uart-registers.toml"
}

static PARTS: LazyLock<Vec<Arc<Part>>> = LazyLock::new(|| {
    // A test parses every file, so that none is missing here.
    FILES.iter().filter_map(|(file, text)| Part::parse(text, file).ok().map(Arc::new)).collect()
});

/// The parts that come with the program, by file name.
pub fn list() -> &'static [Arc<Part>] {
    &PARTS
}

/// The standards of a bus that parts can build on: names and texts. Their own texts, since the list of parts is read with
/// them.
pub(crate) fn standards(bus: &BusInfo) -> impl Iterator<Item = (&'static str, &'static str)> {
    let name = |file: &'static str| file.strip_prefix(bus.name)?.strip_prefix('/')?.strip_suffix(".toml");
    let named = FILES.iter().filter_map(move |(file, text)| Some((name(file)?, *text)));
    named.filter(|(name, _)| STANDARDS.contains(name))
}

/// The parts that are standards of a bus.
const STANDARDS: &[&str] =
    &["i2c-standard", "i2c-fast", "i2c-fast-plus", "i2c-high", "i2c-ultra-fast", "smbus"];

/// The standard that an I2C bus of these options keeps; `None` if they do not say the speed class.
pub fn standard(options: &i2c::Options) -> Option<Arc<Part>> {
    let name = match options.protocol {
        Protocol::SmBus => "smbus".to_owned(),
        Protocol::I2c => format!("i2c-{}", options.speed?.name()),
    };
    find(&name).ok()
}

/// The text of an embedded part file, as a start for a user's own.
pub fn source_text(name: &str) -> Option<&'static str> {
    let index = list().iter().position(|part| answers_to(part, name))?;
    FILES.get(index).map(|(_, text)| *text)
}

/// The part of that name or alias; upper and lower case are the same.
pub fn find(name: &str) -> Result<Arc<Part>, PartError> {
    list().iter().find(|part| answers_to(part, name)).cloned().ok_or_else(|| {
        let mut hint = Hint::nearest(name, list().iter().map(|part| part.name()));
        if hint.0.is_empty() {
            hint = Hint::nearest(name, list().iter().flat_map(|part| part.aliases()).map(String::as_str));
        }
        PartError::NotFound { name: name.to_owned(), hint }
    })
}

fn answers_to(part: &Part, name: &str) -> bool {
    part.name().eq_ignore_ascii_case(name)
        || part.aliases().iter().any(|alias| alias.eq_ignore_ascii_case(name))
}

/// The part of a file.
pub fn load(path: &Path) -> Result<Arc<Part>, PartError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| PartError::Unreadable { path: path.to_owned(), source })?;
    Part::parse(&text, &path.display().to_string()).map(Arc::new)
}

/// The part that `text` names: a path if it ends in `.toml` or has a separator, else a name.
pub fn open(text: &str) -> Result<Arc<Part>, PartError> {
    if is_path(text) { load(Path::new(text)) } else { find(text) }
}

/// True if `text` is the path of a part file and no name.
pub(crate) fn is_path(text: &str) -> bool {
    let ends_so = Path::new(text).extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"));
    text.contains(['/', '\\']) || ends_so
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_part_of_its_name_on_its_bus() {
        for (file, text) in FILES {
            let part = Part::parse(text, file).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(*file, format!("{}/{}.toml", part.bus(), part.name()));
            assert!(!part.title().is_empty());
        }
        assert_eq!(list().len(), FILES.len());
    }

    #[test]
    fn names_and_aliases_are_unique() {
        let mut names: Vec<String> = Vec::new();
        for part in list() {
            names.push(part.name().to_owned());
            names.extend(part.aliases().iter().cloned());
        }
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn a_misspelt_name_is_answered_with_the_nearest() {
        let error = find("w25q128").unwrap_err().to_string();
        assert!(
            error.starts_with(
                "no part is called `w25q128`; did you mean `w25q128jv`, `w25q128jv-dtr` or `n25q128a`?"
            ),
            "{error}"
        );
        assert_eq!(find("W25Q128JV").unwrap().name(), "w25q128jv");
        assert!(find("nonsense").unwrap_err().to_string().contains("`nonsense`; `busproof part list`"));
    }

    #[test]
    fn a_path_loads_a_file_and_says_if_it_cannot() {
        let error = open("no/such/part.toml").unwrap_err().to_string();
        assert!(error.starts_with("cannot read part file no/such/part.toml: "), "{error}");
        assert!(open("w25q128jv").is_ok());
        assert!(source_text("w25q128jv").is_some_and(|text| text.contains("part   = \"w25q128jv\"")));
    }
}
