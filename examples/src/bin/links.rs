//! Which link should my board have: one with a clock beside the data, one with a clock at each end, or a handshake?
//!
//! ```text
//! cargo run --release -p busproof-examples --bin links
//! ```
//!
//! Sends the same bytes over each link, then lets a host read registers one at a time and four ahead.

use busproof_core::Span;
use busproof_links::access::{Accesses, access};
use busproof_links::compare::{Character, measure};
use busproof_links::{Conditions, Link, LinkError};

fn main() -> Result<(), LinkError> {
    let conditions = Conditions { clock_hertz: 400_000, ..Conditions::default() };
    for link in Link::ALL {
        let report = measure(link, &conditions, b"temperature 25.5 C")?;
        let time = report.last_byte.map_or("never".into(), |span| format!("{:.0} us", us(span)));
        let clocks = match report.character() {
            Character::Corrupts => "corrupts if clocks differ",
            Character::Stalls => "stalls",
            Character::DoesNotCare => "does not care about clocks",
        };
        println!("{link:10}  {:2} wires  {time:>7}  {:7.1} nJ  {clocks}", report.wires, report.joule() * 1e9);
    }
    println!();
    for link in Link::USUAL {
        let accesses =
            Accesses { count: 200, outstanding: 1, access_time: Span::from_us(5), work: Span::from_us(10) };
        let waiting = access(link, &conditions, &accesses)?;
        let ahead = access(link, &conditions, &Accesses { outstanding: 4, ..accesses })?;
        println!(
            "{link:10}  waiting {:5.0} registers/s, four ahead {:5.0}; the host idles {:2.0} % and {:2.0} %",
            waiting.per_second,
            ahead.per_second,
            waiting.idle * 100.0,
            ahead.idle * 100.0
        );
    }
    Ok(())
}

fn us(span: Span) -> f64 {
    span.as_fs() as f64 / 1e9
}
