//! Examples of both sides of every rule of the grammar, and properties over arbitrary text and arbitrary scripts.

use bitvec::prelude::{BitVec, Lsb0};
use busproof_core::bus::spi::{Lanes, Rate, WordBits};
use busproof_core::{BitOrder, Bits, Span};
use proptest::prelude::*;

use super::spi::{Defaults, OpKind, lower};
use super::*;

fn parse(text: &str) -> Script {
    Script::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn error(text: &str) -> String {
    Script::parse(text).expect_err(text).to_string()
}

fn canonical(text: &str) -> String {
    parse(text).to_string()
}

#[test]
fn canonical_form_is_stable() {
    for text in [
        "[0x9f r:3=ef4018]",
        "[@50w+ 0x01+ 0x00+ [@50r+ r:5='hello']",
        "[0xeb x4(0x001000 ^:6 r:4=deadbeef)]",
        "x4d(0xa5;8:3 ^ r;16:2)",
        "[159 0b1010;12 'it\\'s' r;12=0b1010xxxx0000 d:12.5ns d:tSHSL1 d:tSU;DAT-1fs]",
        "0xff:10",
        "[0x01 0x80=xx 0x00=0b000000xx-]",
        "[@123r- r=0x0x r=0x0b]",
        "[r:2=efxx+]",
    ] {
        assert_eq!(canonical(text), text);
    }
}

#[test]
fn what_bus_pirate_accepts_is_accepted() {
    assert_eq!(canonical(">{0X9F,r:3}"), "[0x9f r:3]");
    assert_eq!(canonical("[ 0x02 \"abc\" ]"), "[0x02 'abc']");
    assert_eq!(canonical("[0b0000_1111:2;4 10:3]"), "[0b00001111;4:2 10:3]");
    assert_eq!(canonical("[\n  0x9f\n  r:3\n]"), "[0x9f r:3]");
}

#[test]
fn errors_point_at_the_column_and_say_the_way_out() {
    for (text, want) in [
        ("", "column 1: there is nothing to do; write items such as `[0x9f r:3]`"),
        ("[0x9f r:3", "column 1: unclosed `[`; add `]`"),
        ("0x9f r:3]", "column 9: `]` closes nothing; remove it, or add `[` before"),
        ("[x4(r:3]", "column 8: `]` cannot stand inside of lanes; close them first with `)`"),
        ("x4(r:3", "column 3: unclosed `(`; add `)`"),
        ("r)", "column 2: `)` closes nothing; remove it, or add `x4(` before"),
        ("x4()", "column 1: nothing stands between the parentheses; write items such as `x4(r:2)`"),
        (
            "x8(r)",
            "column 1: `x8(` is not modelled; use x1, x2 or x4, with a `d` behind the digit for double rate",
        ),
        ("9f", "column 1: `9f` is no item here; write `0x9f`"),
        ("[EF]", "column 2: `EF` is no item here; write `0xef`"),
        ("R:3", "column 1: `R` is no item here; write `r`"),
        ("0x5a.4", "column 5: `.4` is no item here; write `;4`"),
        ("0x9fr:3", "column 5: expected a blank between items, found `r`"),
        ("r:3 =ef", "column 5: `=` belongs to the item before it; remove the blank"),
        ("r:", "column 3: expected a number of words, found the end"),
        ("r:0", "column 3: `0` is out of range; it must be 1 to 1048576"),
        ("r;4097", "column 3: `4097` is out of range; it must be 1 to 4096"),
        ("r:3:4", "column 4: `:` stands here twice; keep one"),
        ("r=g", "column 3: expected hexadecimal digits or `x`, found `g`"),
        (
            "0x1ff;8",
            "column 1: the number does not fit into 8 bits; write a greater width, or a smaller number",
        ),
        (
            "0x00:1048576 r",
            "column 14: the script expands to more than 1048576 words; repeat less, or use several steps",
        ),
        ("d:10", "column 1: `d:10` has no unit; write `d:10us`"),
        ("D:10", "column 1: `D:10` has no unit; write `d:10ms`"),
        ("D:10us", "column 1: `D:10us` is no item here; write `d:10us`"),
        (
            "d:10parsec",
            "column 1: unknown unit `parsec` in time `10parsec`; use one of s, ms, us, ns, ps, fs",
        ),
        ("d", "column 2: expected `:` and a time, such as `d:10us`, found the end"),
        ("'abc", "column 1: unclosed text; add `'`"),
        ("''", "column 1: an empty text says nothing; write `'text'`"),
        (r"'\q'", r#"column 3: unknown escape `\q`; use \n \r \t \0 \\ \' \" or \xHH"#),
        (r"'\x+1'", r#"column 3: unknown escape `\x`; use \n \r \t \0 \\ \' \" or \xHH"#),
        ("@50", "column 4: expected `w` or `r` after the address, found the end"),
        (
            "@a0w",
            "column 1: address a0 exceeds 7 bits; if it holds the direction bit, write `@50`, and for a 10-bit \
             address `@0a0`",
        ),
        ("@400w", "column 1: address 400 exceeds 10 bits; the greatest is `@3ff`"),
        ("é 0x1g", "column 1: unknown item `é`; items are `[` `]` 0x9f 'text' r:3 d:10us ^:8 @50w x4( )"),
        ("'é' 0x1g", "column 8: expected a blank between items, found `g`"),
    ] {
        assert_eq!(error(text), want, "{text}");
    }
}

#[test]
fn nodes_remember_where_they_stand() {
    let text = "[0x9f x2(r:3)]";
    let spans: Vec<&str> = parse(text).nodes.iter().map(|node| &text[node.span.clone()]).collect();
    assert_eq!(spans, ["[", "0x9f", "x2(r:3)", "]"]);
}

#[test]
fn prefixes_win_over_digits_in_a_pattern() {
    let pattern = |text: &str| match &parse(text).nodes[0].item {
        Item::Read(read) => read.expect.clone().unwrap(),
        item => panic!("{item:?}"),
    };
    assert_eq!(pattern("r=0x12"), Pattern::Hex(Bits::new(0x12, 8)));
    assert_eq!(pattern("r=0b11"), Pattern::Binary(Bits::new(0b11, 2)));
    assert_eq!(pattern("r=0x0b11"), Pattern::Hex(Bits::new(0x0b11, 16)));
    assert_eq!(pattern("r=xf"), Pattern::Hex(Bits::with_unknown(0x0f, 0xf0, 8)));
}

fn lowered(text: &str, word_bits: u32) -> Result<Vec<OpKind>, String> {
    let defaults = Defaults { word_bits: WordBits::new(word_bits).unwrap(), ..Defaults::default() };
    match lower(&parse(text), defaults) {
        Ok(ops) => Ok(ops.into_iter().map(|op| op.kind).collect()),
        Err(error) => Err(format!("{}: {error}", &text[error.span.clone()])),
    }
}

fn sent(text: &str, word_bits: u32) -> Vec<String> {
    let words = lowered(text, word_bits).unwrap();
    words
        .iter()
        .map(|op| if let OpKind::Write { word, .. } = op { format!("{word:?}") } else { panic!() })
        .collect()
}

fn expected(text: &str, word_bits: u32) -> Vec<Option<String>> {
    let words = lowered(text, word_bits).unwrap();
    let expect = |op: &OpKind| match op {
        OpKind::Write { expect, .. } | OpKind::Read { expect, .. } => {
            expect.as_ref().map(|b| format!("{b:?}"))
        }
        _ => panic!(),
    };
    words.iter().map(expect).collect()
}

#[test]
fn spi_cuts_numbers_into_words() {
    assert_eq!(sent("0x001234", 8), ["8'h00", "8'h12", "8'h34"]);
    assert_eq!(sent("0x1234", 16), ["16'h1234"]);
    assert_eq!(sent("0x1 0b101 7", 8), ["8'h01", "8'h05", "8'h07"]);
    assert_eq!(sent("0xabcd:2", 8), ["8'hab", "8'hcd", "8'hab", "8'hcd"]);
    assert_eq!(sent("0x5;12 'hi'", 8), ["12'h005", "8'h68", "8'h69"]);
    assert_eq!(sent(&format!("0x{};256", "f0".repeat(32)), 8).len(), 1);
}

#[test]
fn spi_cuts_expectations_into_words() {
    let some = |words: &[&str]| words.iter().map(|w| Some(w.to_string())).collect::<Vec<_>>();
    assert_eq!(expected("r:3=ef4018", 8), some(&["8'hef", "8'h40", "8'h18"]));
    assert_eq!(expected("r=ef4018", 8), some(&["8'hef", "8'h40", "8'h18"]));
    assert_eq!(expected("r:3=ff", 8), some(&["8'hff", "8'hff", "8'hff"]));
    assert_eq!(expected("r:2=3ffxxx", 10), some(&["10'h3ff", "10'hxxx"]));
    assert_eq!(expected("r='hi'", 8), some(&["8'h68", "8'h69"]));
    assert_eq!(expected("0x80:2=x3ff", 8), some(&["8'hx3", "8'hff"]));
    assert_eq!(expected("r:2", 8), [None, None]);
}

#[test]
fn spi_refuses_what_it_cannot_say() {
    for (text, want) in [
        ("[@50w]", "@50w: `@50w` is an I2C address, and SPI has none; remove it"),
        ("[0x00 [r]", "[: SPI has no repeated start; close the first `[` with `]`"),
        ("[0x00+]", "0x00+: SPI has no acknowledge; remove `+`"),
        ("0x123", "0x123: 12 bits are no whole number of words of 8 bits; write `;12`, or more digits"),
        ("300", "300: 300 does not fit into a word of 8 bits; write it in hexadecimal for several words"),
        (
            "x4(0x123;12 0x1;10)",
            "0x1;10: a word of 10 bits is no whole number of clocks of 4 bits; choose a multiple with `;bits`",
        ),
        (
            "x4d(r;12)",
            "r;12: a word of 12 bits is no whole number of clocks of 8 bits; choose a multiple with `;bits`",
        ),
        (
            "x2(0x00=ff)",
            "0x00=ff: these lanes carry one direction at a time; read with `r=want` behind the number",
        ),
        ("r:3=ef40", "r:3=ef40: the expectation has 4 digits, but 3 words of 8 bits have 6"),
        ("r=e", "r=e: the expectation has 1 digits, but 1 words of 8 bits have 2"),
        (
            "r;10=7ff",
            "r;10=7ff: the expectation has a bit set above the 10 bits of a word; no word can meet it",
        ),
    ] {
        assert_eq!(lowered(text, 8), Err(want.into()), "{text}");
    }
    assert_eq!(
        lowered("'a'", 16),
        Err("'a': text needs words of 8 bits, and these have 16; write numbers".into())
    );
}

fn bits(width: usize, unknown: bool) -> impl Strategy<Value = Bits> {
    proptest::collection::vec((any::<bool>(), any::<bool>()), 1..20).prop_map(move |digits| {
        let mut value = BitVec::<u64, Lsb0>::new();
        let mut mask = BitVec::<u64, Lsb0>::new();
        for (bit, x) in digits {
            value.extend((0..width).map(|i| bit ^ (i % 3 == 1)));
            mask.extend((0..width).map(|_| x && unknown));
        }
        Bits::from_wire_with_unknown(&value, &mask, BitOrder::Msb)
    })
}

fn pattern() -> impl Strategy<Value = Pattern> {
    prop_oneof![
        bits(4, true).prop_map(Pattern::Hex),
        bits(1, true).prop_map(Pattern::Binary),
        proptest::collection::vec(any::<u8>(), 1..9).prop_map(Pattern::Text),
    ]
}

fn ack() -> impl Strategy<Value = Option<Ack>> {
    proptest::option::of(prop_oneof![Just(Ack::Ack), Just(Ack::Nack)])
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        bits(4, false).prop_map(Number::Hex),
        bits(1, false).prop_map(Number::Binary),
        any::<u64>().prop_map(Number::Decimal),
    ]
}

fn word() -> impl Strategy<Value = Item> {
    let pattern = || proptest::option::of(pattern());
    let write = (number(), proptest::option::of(80u32..4096), 1u32..9, pattern(), ack()).prop_map(
        |(value, bits, repeat, expect, ack)| Item::Write(Write { value, bits, repeat, expect, ack }),
    );
    let read = (proptest::option::of(1u32..9), proptest::option::of(1u32..4096), pattern(), ack())
        .prop_map(|(count, bits, expect, ack)| Item::Read(Read { count, bits, expect, ack }));
    let text = (proptest::collection::vec(any::<u8>(), 1..9), ack())
        .prop_map(|(bytes, ack)| Item::Text(Text { bytes, ack }));
    let delay = prop_oneof![
        any::<u64>().prop_map(|fs| TimeExpr::Span(Span::from_fs(fs))),
        ("t[A-Z]{2,4}[0-9]?(;[A-Z]{3})?", -i64::MAX..=i64::MAX)
            .prop_map(|(name, offset)| TimeExpr::Param { name, offset }),
    ];
    let seven = (0u16..0x80).prop_map(|value| (value, AddressWidth::Seven));
    let ten = (0u16..0x400).prop_map(|value| (value, AddressWidth::Ten));
    let direction = prop_oneof![Just(Direction::Write), Just(Direction::Read)];
    let address = (prop_oneof![seven, ten], direction, ack())
        .prop_map(|((value, width), direction, ack)| Item::Address(Address { value, width, direction, ack }));
    prop_oneof![write, read, text, delay.prop_map(Item::Delay), address, (1u32..99).prop_map(Item::Ticks)]
}

fn group() -> impl Strategy<Value = Item> {
    let count = prop_oneof![Just(1u8), Just(2), Just(4)];
    let rate = prop_oneof![Just(Rate::Single), Just(Rate::Double)];
    (count, rate, proptest::collection::vec(word(), 1..4)).prop_map(|(count, rate, items)| {
        Item::Lanes(Group { lanes: Lanes { count, rate }, nodes: items.into_iter().map(node).collect() })
    })
}

fn node(item: Item) -> Node {
    Node { span: 0..0, item }
}

fn script() -> impl Strategy<Value = Script> {
    let inner = || {
        proptest::collection::vec(
            prop_oneof![4 => word(), 1 => group(), 1 => Just(Item::RepeatedStart)],
            0..5,
        )
    };
    let outer = prop_oneof![
        word().prop_map(|item| vec![item]),
        group().prop_map(|item| vec![item]),
        inner().prop_map(|items| [vec![Item::Start], items, vec![Item::Stop]].concat()),
    ];
    proptest::collection::vec(outer, 1..4)
        .prop_map(|parts| Script { nodes: parts.concat().into_iter().map(node).collect() })
}

fn on_i2c(text: &str) -> Result<Vec<i2c::OpKind>, String> {
    match i2c::lower(&parse(text)) {
        Ok(ops) => Ok(ops.into_iter().map(|op| op.kind).collect()),
        Err(error) => Err(format!("{}: {error}", &text[error.span.clone()])),
    }
}

#[test]
fn a_transfer_on_i2c_is_calls_bytes_and_answers() {
    use busproof_core::bus::i2c::{Ack, Address, Call, Direction};
    let call = |direction| Call { address: Address::Seven(0x50), direction };
    let read = |answer, byte| i2c::OpKind::Read { answer, expect: Some(Bits::new(byte, 8)) };
    assert_eq!(
        on_i2c("[@50w+ 0x0100+ [@50r r:2=6865]"),
        Ok(vec![
            i2c::OpKind::Start,
            i2c::OpKind::Call { call: call(Direction::Write), ack: Some(Ack::Ack) },
            i2c::OpKind::Write { byte: 1, ack: Some(Ack::Ack) },
            i2c::OpKind::Write { byte: 0, ack: Some(Ack::Ack) },
            i2c::OpKind::Start,
            i2c::OpKind::Call { call: call(Direction::Read), ack: None },
            read(Ack::Ack, 0x68),
            read(Ack::Nack, 0x65),
            i2c::OpKind::Stop,
        ])
    );
}

/// The answers of the controller to the bytes that it reads.
fn answers(text: &str) -> String {
    let answer = |kind: &i2c::OpKind| match kind {
        i2c::OpKind::Read { answer: busproof_core::bus::i2c::Ack::Ack, .. } => Some('+'),
        i2c::OpKind::Read { .. } => Some('-'),
        _ => None,
    };
    on_i2c(text).unwrap().iter().filter_map(answer).collect()
}

#[test]
fn the_last_byte_before_a_start_or_a_stop_is_not_acknowledged_unless_it_is_written() {
    assert_eq!(answers("[@50r r]"), "-");
    assert_eq!(answers("[@50r r:2 r:2]"), "+++-");
    assert_eq!(answers("[@50r r:2 [@50r r:2]"), "+-+-");
    assert_eq!(answers("[@50r r:2 d:1us ^]"), "+-");
    assert_eq!(answers("[@50r r:2+]"), "++");
    assert_eq!(answers("[@50r r:2- r:2]"), "+-+-");
}

#[test]
fn start_bytes_and_master_codes_stand_in_place_of_an_address() {
    use i2c::OpKind::{MasterCode, StartByte};
    assert!(matches!(on_i2c("[0x01- [@50w]").unwrap()[1], StartByte { ack: Some(_) }));
    assert!(matches!(on_i2c("[@00r [@50w]").unwrap()[1], StartByte { ack: None }));
    assert!(matches!(on_i2c("[0x0c [@50w]").unwrap()[1], MasterCode { code: 4, .. }));
    assert!(matches!(on_i2c("[@04r [@50w]").unwrap()[1], MasterCode { code: 1, .. }));
    assert!(matches!(on_i2c("[@00w 0x06]").unwrap()[1], i2c::OpKind::Call { .. }));
}

#[test]
fn i2c_refuses_what_it_cannot_say() {
    for (text, want) in [
        ("[0xa0 0x00]", "0xa0: `0xa0` stands where an address must stand; write `@50w`"),
        ("[0xa1]", "0xa1: `0xa1` stands where an address must stand; write `@50r`"),
        ("['hi']", "'hi': `'hi'` stands where an address must stand; write `@34w`"),
        ("[r:3]", "r:3: `r:3` stands where an address must stand; write `@50r`"),
        ("[@50w @51w]", "@51w: an address follows a START; write `[@51w`"),
        ("@50w", "@50w: an address follows a START; write `[@50w`"),
        ("0x00", "0x00: nobody is addressed here; put `0x00` between `[@50w` and `]`"),
        ("[@50w r]", "r: the target listens here; write `[@50r` before reading"),
        ("[@123r 0x00]", "0x00: the target talks here; write `[@123w` before sending"),
        ("[0x08 0x00]", "0x00: nobody listens behind `0x08`; go on with `[` and an address"),
        ("[@50w 0x00=00]", "0x00=00: SDA carries one direction at a time; read with `r=want` behind `[@50r`"),
        ("[@50w 0x0;12]", "0x0;12: I2C has bytes; remove `;12`"),
        ("[@50w x4(0x00)]", "x4(0x00): I2C has one data line; remove `x4( )`"),
        ("[@50w 0x123]", "0x123: 12 bits are no whole number of bytes; write more digits"),
        ("[@50r r:2=123]", "r:2=123: the expectation has 3 digits, but 2 words of 8 bits have 4"),
    ] {
        assert_eq!(on_i2c(text), Err(want.to_owned()), "{text}");
    }
}

#[test]
fn the_syntax_of_i2ctransfer_means_the_same() {
    for (text, want) in [
        ("w2@0x50 0x00 0x10 r16", "[@50w+ 0x00+ 0x10+ [@50r+ r:16]"),
        ("r1@80", "[@50r+ r]"),
        ("w0@0x50", "[@50w+]"),
        ("w3@0x50 0xff+", "[@50w+ 0xff+ 0x00+ 0x01+]"),
        ("w3@0x50 1 010-", "[@50w+ 0x01+ 0x08+ 0x07+]"),
        ("w2@0x50 0x42= r1 w1@0x51 7", "[@50w+ 0x42+ 0x42+ [@50r+ r [@51w+ 0x07+]"),
    ] {
        assert_eq!(i2ctransfer(text).map(|script| script.to_string()), Ok(want.to_owned()), "{text}");
    }
}

#[test]
fn what_i2ctransfer_refuses_is_refused_with_its_place() {
    for (text, want) in [
        ("", "column 1: there is nothing to do; write messages such as `w2@0x50 0x00 0x10 r16`"),
        ("r16", "column 1: `r16` is for nobody; write `r16@0x50`"),
        (
            "r1@0x50 0x00",
            "column 9: `0x00` is no message; write `w` or `r`, a number of bytes, and an address: `w2@0x50`, `r16`",
        ),
        (
            "w2@0x50 0x00",
            "column 1: `w2@0x50` sends 2 bytes, and 1 follow; write the rest, or end the last one in `=`, `+` or `-`",
        ),
        ("w1@0x50 256", "column 9: `256` is no byte; write 0 to 255 or 0x00 to 0xff"),
        ("r65536@0x50", "column 1: `65536` is out of range; it must be 1 to 65535"),
        ("r1@0xa0", "column 1: address 0xa0 exceeds 7 bits; if it holds the direction bit, write `@0x50`"),
        ("r1@0x400", "column 1: `0x400` is no address; write `@0x00` to `@0x7f`"),
        ("r1@fifty", "column 1: `fifty` is no address; write `@0x00` to `@0x7f`"),
    ] {
        assert_eq!(i2ctransfer(text).expect_err(text).to_string(), want, "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_for_i2ctransfer_is_read_or_refused_within_it(text in "[wr0-9x@=+\\-a-f é]{0,30}") {
        match i2ctransfer(&text) {
            Err(error) => prop_assert!(text.get(error.span).is_some()),
            Ok(script) => {
                prop_assert_eq!(Script::parse(&script.to_string()), Ok(script.clone()));
                prop_assert!(i2c::lower(&script).is_ok() || script.to_string().contains("@0"));
            }
        }
    }

    #[test]
    fn printing_round_trips(script in script()) {
        let text = script.to_string();
        let again = Script::parse(&text).map_err(|e| TestCaseError::fail(format!("{text}: {e}")))?;
        prop_assert_eq!(&again, &script, "{}", text);
        prop_assert_eq!(again.to_string(), text);
    }

    #[test]
    fn any_text_is_parsed_or_refused_within_it(text in "\\PC{0,40}") {
        if let Err(error) = Script::parse(&text) {
            prop_assert!(error.span.end <= text.len() && text.get(error.span).is_some());
        }
    }

    #[test]
    fn near_misses_are_parsed_or_refused(text in "[\\[\\]{}()@0-9a-fxrdwD:;=^'\\\\+\\-., ]{0,40}", word_bits in 1u32..40) {
        match Script::parse(&text) {
            Err(error) => prop_assert!(text.get(error.span).is_some()),
            Ok(script) => {
                prop_assert_eq!(Script::parse(&script.to_string()), Ok(script.clone()));
                let defaults = Defaults { word_bits: WordBits::new(word_bits).unwrap(), ..Defaults::default() };
                let _ = lower(&script, defaults);
                let _ = i2c::lower(&script);
            }
        }
    }
}
