//! Runs one workload once, for tools that count instructions: `valgrind --tool=callgrind once spi-bench 20000`.

use std::fs::File;

use busproof_benches::{Echo, HandWritten, bus_log, decode_by_hand, scan, spi_bench, wide_log};
use busproof_wave::{VcdOptions, write_log};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let size = args.get(2).and_then(|n| n.parse().ok()).unwrap_or(20_000);
    match args.get(1).map(String::as_str) {
        Some("spi-bench") => spi_bench(size).go(),
        Some("spi-hand") => println!("{}", HandWritten::new(size).run(Echo::default())),
        Some("decode-hand") => {
            let (log, pins, _) = bus_log(size);
            println!("{:?}", decode_by_hand(&log, &pins.iter().map(|p| p.0).collect::<Vec<_>>()));
        }
        Some("vcd") => {
            let (log, _, edges) = bus_log(size);
            let path = args.get(3).map_or("spi.vcd", String::as_str);
            write_log(path, &log, &VcdOptions::default()).expect("the file can be written");
            println!("{edges} clock edges");
        }
        Some("wide-vcd") => {
            let path = args.get(3).map_or("wide.vcd", String::as_str);
            write_log(path, &wide_log(size), &VcdOptions::default()).expect("the file can be written");
        }
        Some("scan") => {
            let path = args.get(3).map_or("spi.vcd", String::as_str);
            let mut file = File::open(path).expect("the file exists");
            println!("{:?}", scan(&mut file));
        }
        _ => eprintln!("usage: once spi-bench|spi-hand|decode-hand|vcd|wide-vcd|scan [SIZE] [FILE]"),
    }
}
