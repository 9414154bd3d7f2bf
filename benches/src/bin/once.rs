//! Runs one workload once, for tools that count instructions: `valgrind --tool=callgrind once spi-bench 20000`.

use std::fs::File;
use std::hint::black_box;
use std::time::{Duration, Instant};

use busproof_benches::dram::{busy, play_by_hand, play_on_pins};
use busproof_benches::{
    Decides, Edges, bus_log, decode, decode_by_hand, decode_i2c, exchange_by_hand, i2c_bench, i2c_log, scan,
    spi_bench,
};
use busproof_core::bus::i2c::Speed;
use busproof_parts::memory;
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
        Some("i2c-bench") => i2c_bench(size, Edges::Sloped, Decides::Ahead).go(),
        Some("i2c-steep") => i2c_bench(size, Edges::Steep, Decides::Ahead).go(),
        Some("i2c-bytes") => i2c_bench(size, Edges::Sloped, Decides::ByteByByte).go(),
        Some("i2c-decode") => println!("{:?}", decode_i2c(&i2c_log(size, Edges::Steep).0, Speed::Fast)),
        Some("ddr-pins") => {
            let part = memory::find("ddr4-2400t-8gb-x8").expect("the part comes with the program");
            play_on_pins(&part, &busy(size as u64));
        }
        Some("ddr-pins-hand") => println!("{}", play_by_hand(&busy(size as u64), size as u64)),
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
        Some("race") => race(size),
        _ => eprintln!(
            "usage: once race|spi-bench|spi-logged|spi-hand|decode|decode-hand|i2c-bench|i2c-steep|i2c-bytes|i2c-decode|vcd|scan \
             [SIZE] [FILE]"
        ),
    }
}

/// How often each of several is run in turn, to find its fastest run.
const LAPS: u32 = 1_000;

/// The fastest runs of the simulations, in turn, so that a machine which others use at times is as unfair to one as to the
/// next.
fn race(bytes: usize) {
    let mut best = [Duration::MAX; 7];
    for _ in 0..LAPS {
        let (mut spi, mut logged) = (spi_bench(bytes), spi_bench(bytes));
        let mut i2c = [Edges::Steep, Edges::Sloped].map(|edges| i2c_bench(bytes, edges, Decides::Ahead));
        let mut deciding = i2c_bench(bytes, Edges::Sloped, Decides::ByteByByte);
        let mut i2c_logged = i2c_bench(bytes, Edges::Sloped, Decides::Ahead);
        let laps = [
            time(|| spi.go()),
            time(|| drop(logged.go_logged())),
            time(|| _ = black_box(exchange_by_hand(black_box(bytes)))),
            time(|| i2c[0].go()),
            time(|| i2c[1].go()),
            time(|| deciding.go()),
            time(|| drop(i2c_logged.go_logged())),
        ];
        best = std::array::from_fn(|i| best[i].min(laps[i]));
    }
    let names = [
        "SPI",
        "SPI with a log",
        "SPI by hand",
        "I2C, steep edges",
        "I2C, sloped edges",
        "I2C, byte by byte",
        "I2C with a log",
    ];
    for (name, best) in names.into_iter().zip(best) {
        println!("{name:18} {:7.1} ns a byte", best.as_nanos() as f64 / bytes as f64);
    }
}

fn time(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}
