use busproof_parts::memory;
use proptest::prelude::*;

use crate::trace::{self, Format};
use crate::{Access, AddressMap, Location, Request};

fn map() -> AddressMap {
    let part = memory::find("ddr4-2400u-8gb-x8-ramulator").unwrap();
    AddressMap::parse(AddressMap::DEFAULT, part.geometry(), 1).unwrap()
}

fn parse(text: &str) -> Result<Vec<Request>, String> {
    trace::parse(text.as_bytes(), "t", &map()).map_err(|error| error.to_string())
}

/// The line of a request in a format; the inverse of reading.
fn line(format: Format, request: &Request) -> String {
    let Request { address, at, access } = request;
    let word = |read, write| if *access == Access::Read { read } else { write };
    match format {
        Format::LoadStore => format!("{} 0x{address:x}", word("LD", "ST")),
        Format::Vectors => {
            let Location { channel, bank, row, column } = map().locate(*address);
            format!("{} {channel},0,{},{},{row},{column}", word("R", "W"), bank >> 2, bank & 3)
        }
        Format::DramSim3 => format!("0x{address:X} {} {at}", word("READ", "WRITE")),
        Format::DramSys => format!("{at}:\t{} 0x{address:x}", word("read", "write")),
        Format::Timed => format!("{at} {} {address}", word("R", "W")),
    }
}

#[test]
fn every_format_is_known_by_its_first_line() {
    let requests = [Request { at: 7, ..Request::read(0x1240) }, Request { at: 9, ..Request::write(0x40) }];
    for format in Format::ALL {
        let text: Vec<String> = requests.iter().map(|request| line(format, request)).collect();
        let expected = match format {
            Format::LoadStore | Format::Vectors => requests.map(|request| Request { at: 0, ..request }),
            _ => requests,
        };
        let text = format!("# a trace\n\n{}\r\n  {}  # the last", text[0], text[1]);
        assert_eq!(parse(&text).unwrap(), expected, "{}: {text}", format.name());
    }
    assert_eq!(parse("\n# nothing\n").unwrap(), []);
}

#[test]
fn mistakes_are_named_with_line_and_column() {
    for (text, message) in [
        ("LD 0x40\nLD 0x4g\n", "t:2:4: expected an address, found `0x4g`"),
        ("LD 0x40\nMV 0x40\n", "t:2:1: expected LD or ST, found `MV`"),
        ("LD 0x40 9\n", "t:1:9: expected the end of the line, found `9`"),
        ("LD\n", "t:1:3: expected an address, found the end of the line"),
        ("LD", "t:1:3: expected an address, found the end of the file"),
        ("LD 0x1ffffffffffffffff", "t:1:4: `0x1ffffffffffffffff` is more than 64 bits hold"),
        ("ST 99999999999999999999", "t:1:4: `99999999999999999999` is more than 64 bits hold"),
        (
            "0x40 READ 5\n0x80 READ 4",
            "t:2:1: clock 4 lies before 5, that of the request above; sort the trace by time",
        ),
        ("0x40 READ x", "t:1:11: expected a clock, found `x`"),
        ("5: fetch 0x40", "t:1:4: expected read or write, found `fetch`"),
        ("R 0,0,4,0,0,0", "t:1:7: bank group 4 does not exist: the memory has 4 of them, counted from 0"),
        (
            "R 0,0,1",
            "t:1:8: expected a comma and the next level of channel,rank,group,bank,row,column, found the end of the file",
        ),
    ] {
        assert_eq!(parse(text).unwrap_err(), message);
    }
    assert!(parse("hello world").unwrap_err().starts_with("t:1:1: `hello` begins no trace that is known"));
}

#[test]
fn compressed_files_are_unpacked() {
    use std::io::Write as _;
    let path = std::env::temp_dir().join(format!("busproof-dram-{}.gz", std::process::id()));
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(b"LD 0x40\n").unwrap();
    std::fs::write(&path, packer.finish().unwrap()).unwrap();
    let text = trace::load(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(text, b"LD 0x40\n");
    assert!(trace::load(&path).unwrap_err().to_string().starts_with("cannot read "));
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        parts in prop::collection::vec((0u64..1 << 27, 0u64..1000, any::<bool>()), 1..40),
    ) {
        let mut at = 0;
        let requests: Vec<Request> = parts.iter().map(|&(burst, pause, write)| {
            at += pause;
            let access = if write { Access::Write } else { Access::Read };
            Request { address: burst << 6, at, access }
        }).collect();
        for format in [Format::DramSim3, Format::DramSys, Format::Timed] {
            let text: Vec<String> = requests.iter().map(|request| line(format, request)).collect();
            prop_assert_eq!(&parse(&text.join("\n")).unwrap(), &requests);
        }
        let untimed: Vec<Request> = requests.iter().map(|r| Request { at: 0, ..*r }).collect();
        for format in [Format::LoadStore, Format::Vectors] {
            let text: Vec<String> = requests.iter().map(|request| line(format, request)).collect();
            prop_assert_eq!(&parse(&text.join("\n")).unwrap(), &untimed);
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,40}|([LDSTRW0-9xa-f:, \n#]{0,12}){4}") {
        let _ = parse(&text);
    }
}
