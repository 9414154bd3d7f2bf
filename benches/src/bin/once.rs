//! Runs one workload once, for tools that count instructions: `valgrind --tool=callgrind once spi-bench 20000`.

use std::fs::File;

use busproof_benches::{
    Edges, bus_log, decode, decode_by_hand, decode_i2c, exchange_by_hand, i2c_log, scan, spi_bench,
};
use busproof_core::bus::i2c::Speed;
use busproof_wave::{VcdOptions, write_log};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let size = args.get(2).and_then(|n| n.parse().ok()).unwrap_or(20_000);
    match args.get(1).map(String::as_str) {
        Some("spi-bench") => spi_bench(size).go(),
        Some("spi-logged") => println!("{}", spi_bench(size).go_logged().columns().len()),
        Some("spi-hand") => println!("{}", exchange_by_hand(size)),
        Some("decode") => {
            let (log, pins, _) = bus_log(size);
            println!("{}", decode(&log, &pins));
        }
        Some("decode-hand") => {
            let (log, pins, _) = bus_log(size);
            println!("{:?}", decode_by_hand(&log, &pins.iter().map(|p| p.0).collect::<Vec<_>>()));
        }
        Some("i2c-decode") => println!("{:?}", decode_i2c(&i2c_log(size, Edges::Steep).0, Speed::Fast)),
        Some("vcd") => {
            let (log, _, edges) = bus_log(size);
            let path = args.get(3).map_or("spi.vcd", String::as_str);
            write_log(path, &log, &VcdOptions::default()).expect("the file can be written");
            println!("{edges} clock edges");
        }
        Some("scan") => {
            let path = args.get(3).map_or("spi.vcd", String::as_str);
            let mut file = File::open(path).expect("the file exists");
            println!("{:?}", scan(&mut file));
        }
        _ => eprintln!(
            "usage: once spi-bench|spi-logged|spi-hand|decode|decode-hand|i2c-decode|vcd|scan [SIZE] [FILE]"
        ),
    }
}
