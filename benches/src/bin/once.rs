//! Runs one workload once, for tools that count instructions: `valgrind --tool=callgrind once spi-bench 20000`.

use busproof_benches::{Echo, HandWritten, bus_log, decode_by_hand, spi_bench};

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
        _ => eprintln!("usage: once spi-bench|spi-hand|decode-hand [SIZE]"),
    }
}
