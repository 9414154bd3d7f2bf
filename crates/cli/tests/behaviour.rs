//! How the program behaves towards pipes, terminals and files.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

fn busproof(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_busproof"));
    command.args(args).env_remove("NO_COLOR").env("LC_ALL", "C");
    command
}

fn output(command: &mut Command) -> Output {
    command.output().expect("the program starts")
}

fn asset(name: &str) -> String {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/assets").join(name).display().to_string()
}

#[test]
fn the_standard_input_is_a_file_called_dash() {
    let mut child = busproof(&["decode", "-", "--bus", "spi"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let text = std::fs::read(asset("good.vcd")).expect("the asset is there");
    child.stdin.take().expect("piped").write_all(&text).expect("the program reads");
    let said = child.wait_with_output().expect("the program ends");
    assert!(said.status.success());
    assert!(String::from_utf8_lossy(&said.stdout).contains("[ 9f 00 00 00 ]"));
}

#[test]
fn the_speed_class_is_guessed_of_what_cannot_be_read_twice() {
    let file = std::fs::File::open(asset("i2c-standard.vcd")).expect("the asset is there");
    let said = output(busproof(&["check", "-", "--bus", "i2c"]).stdin(file));
    let text = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success() && text.contains("passed: 11 kept; 17 items"), "{text}");
    assert!(text.contains("98 kHz, so class standard is judged"), "{text}");
}

#[test]
fn a_reader_that_leaves_ends_the_program_quietly() {
    let mut child = busproof(&["new", "--schema"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let mut complaint = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut complaint).expect("text");
    assert_eq!(complaint, "");
    assert_eq!(child.wait().expect("the program ends").code(), Some(0));
}

#[test]
fn results_and_messages_go_separate_ways() {
    let said = output(&mut busproof(&["decode", &asset("good.vcd"), "--bus", "spi", "--format", "json"]));
    assert!(said.stdout.starts_with(b"[\n{") && said.stdout.ends_with(b"}\n]\n"));
    let said = output(&mut busproof(&["decode", &asset("silent.vcd"), "--bus", "spi", "--format", "json"]));
    assert_eq!((said.status.code(), said.stdout.as_slice()), (Some(3), b"[]\n".as_slice()));
    assert!(said.stderr.starts_with(b"warning: "));
}

#[test]
fn colour_is_for_terminals_and_on_demand() {
    let colour = |args: &[&str]| {
        let mut command = busproof(&["check", &asset("fast.vcd"), "--part", "w25q128jv"]);
        output(command.args(args)).stdout.contains(&0x1b)
    };
    assert!(!colour(&[]));
    assert!(colour(&["--color", "always"]));
    assert!(!colour(&["--color", "never"]));
}

#[test]
fn pictures_are_ascii_where_the_locale_is() {
    let said = output(&mut busproof(&["check", &asset("early-miso.vcd"), "--bus", "spi"]));
    assert!(said.stdout.is_ascii());
    assert!(String::from_utf8_lossy(&said.stdout).contains(r"sck ~~~~~~~~\____"));
    let mut utf8 = busproof(&["check", &asset("early-miso.vcd"), "--bus", "spi"]);
    assert!(!output(utf8.env("LC_ALL", "en_US.UTF-8")).stdout.is_ascii());
}

#[test]
fn a_new_vector_is_written_once_and_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut again = busproof(&["new", "first-try"]);
    again.current_dir(folder.path());
    assert_eq!(output(&mut again).status.code(), Some(0));
    let refused = output(&mut again);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("first-try.toml exists already"));
    assert_eq!(output(busproof(&["new", "i2c"]).current_dir(folder.path())).status.code(), Some(0));
    for vector in ["first-try.toml", "i2c.toml"] {
        let run = output(busproof(&["run", vector]).current_dir(folder.path()));
        assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stdout));
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 2);
}

#[test]
fn no_line_of_a_report_exceeds_80_columns() {
    let spi = ["good.vcd", "early-miso.vcd", "fast.vcd", "silent.vcd"].map(|name| (name, "w25q128jv"));
    let names = ["i2c-standard.vcd", "i2c-late-data.vcd", "i2c-hasty.vcd", "i2c-hasty.csv"];
    for (name, part) in spi.into_iter().chain(names.map(|name| (name, "24lc256"))) {
        let said = output(
            busproof(&["check", name, "--part", part])
                .current_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/assets")),
        );
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
}

#[test]
fn every_code_of_a_report_can_be_explained() {
    let list = output(&mut busproof(&["explain"]));
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    let codes = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let mut count = 0;
    for code in codes.filter_map(|line| line.split_whitespace().next()) {
        assert!(output(&mut busproof(&["explain", code])).status.success(), "{code}");
        count += 1;
    }
    assert!(count > 30, "{list}");
}

#[test]
fn every_shell_gets_its_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let said = output(&mut busproof(&["completions", shell]));
        assert!(said.status.success() && said.stdout.windows(8).any(|w| w == b"busproof"), "{shell}");
    }
}

/// MISO comes back too late over long wires.
const LONG_WIRES: &str = r#"
bus.spi = { kind = "spi", clock = "40 MHz", host = "host-generic", flight = { sck = "3 ns", miso = "3 ns" } }
device.flash.part = "w25q128jv"
step = [{ do = "[0x9f r:3=ef4018]" }]
"#;

#[test]
fn the_waveform_of_a_failed_vector_shows_check_the_same_finding() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("long-wires.toml"), LONG_WIRES).expect("written");
    let run = output(busproof(&["run", "long-wires.toml", "--out", "kept"]).current_dir(folder.path()));
    let args = ["check", "kept/long-wires.vcd", "--part", "w25q128jv", "--host", "host-generic"];
    let check = output(busproof(&args).current_dir(folder.path()));
    for said in [run, check] {
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        assert_eq!(said.status.code(), Some(1), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("[tSU_MI]") && words.contains("500 ps, must be at least 3 ns"), "{text}");
    }
}

#[test]
fn the_waveform_of_a_transfer_shows_check_the_same_edges() {
    let folder = tempfile::tempdir().expect("a folder");
    let transfer = |pull_up: &str| {
        let mut command = busproof(&["xfer", "i2c", "[@50w+ 0x01+ 0x00+ [@50r+ r:2]", "--out", "kept"]);
        command.args(["--part", "24lc256@0x50", "--speed", "fast", "--bus-capacitance", "120pF"]);
        output(command.args(["--pull-up", pull_up]).current_dir(folder.path()))
    };
    let check = || {
        let args = ["check", "kept/xfer.vcd", "--bus", "i2c", "--speed", "fast", "--part", "24lc256@0x50"];
        output(busproof(&args).current_dir(folder.path()))
    };
    for (pull_up, status, rise) in [("2.2k", 0, "  tr       "), ("4.7k", 1, "[tr]: rise time")] {
        for said in [transfer(pull_up), check()] {
            let text = String::from_utf8_lossy(&said.stdout).into_owned();
            assert_eq!(said.status.code(), Some(status), "{text}");
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        }
        let text = String::from_utf8_lossy(&check().stdout).into_owned();
        assert!(text.contains(rise), "{text}");
    }
}

#[test]
fn a_comparison_is_drawn_with_a_bar_for_each_link() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("links.svg");
    let picture = path.display().to_string();
    let said =
        output(&mut busproof(&["compare", "Hi", "--over", "spi,i2c", "--registers", "5", "-o", &picture]));
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let svg = std::fs::read_to_string(path).expect("the picture was written");
    for word in ["<svg", "&quot;Hi&quot;, 2 bytes", "time to the last byte", "\ni2c 16\n", "</svg>"] {
        assert!(svg.contains(word), "{word} is missing in {svg}");
    }
}

/// Plots an asset; gives the exit status and what lies at the path afterwards.
fn plotted(file: &str, name: &str, more: &[&str]) -> (Option<i32>, Option<String>) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join(name);
    let (file, picture) = (asset(file), path.display().to_string());
    let said = output(busproof(&["plot", &file, "-o", &picture]).args(more));
    (said.status.code(), std::fs::read_to_string(path).ok())
}

#[test]
fn a_plot_shows_what_was_said_and_where_the_first_rule_was_broken() {
    let (status, svg) = plotted("i2c-hasty.vcd", "bus.svg", &["--bus", "i2c", "--speed", "fast"]);
    let svg = svg.expect("the picture was written");
    assert_eq!(status, Some(0));
    for word in ["transfers", "\nscl\n", "\nsda\n", " &lt; ", "0 is at "] {
        assert!(svg.contains(word), "{word} is missing in {svg}");
    }
    let (_, whole) = plotted("i2c-hasty.vcd", "bus.svg", &["--bus", "i2c", "--speed", "fast", "--whole"]);
    assert!(!whole.expect("the picture was written").contains("outside of this window"));
}

#[test]
fn a_plot_without_a_bus_shows_all_signals_or_those_asked_for() {
    let (_, all) = plotted("good.vcd", "all.svg", &[]);
    let (_, one) = plotted("good.vcd", "one.svg", &["--signal", "sck"]);
    let (all, one) = (all.expect("it was written"), one.expect("it was written"));
    assert!(all.contains("\nmosi\n") && all.contains("\nsck\n"), "{all}");
    assert!(!one.contains("\nmosi\n") && one.contains("\nsck\n"), "{one}");
}

#[test]
fn a_picture_of_a_kind_that_cannot_be_drawn_is_refused_before_anything_is_written() {
    assert_eq!(plotted("good.vcd", "bus.gif", &[]), (Some(2), None));
}

#[test]
fn pictures_that_end_in_png_are_those_in_svg_at_twice_the_size() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let drawn = |verb: &[&str], name: &str| {
        let path = folder.path().join(name);
        let picture = path.display().to_string();
        output(busproof(verb).args(["-o", &picture]));
        std::fs::read(path).expect("the picture was written")
    };
    let good = asset("good.vcd");
    let verbs: [&[&str]; 3] =
        [&["plot", &good], &["margin", &good, "--bus", "spi"], &["compare", "Hi", "--over", "spi"]];
    for verb in verbs {
        let svg = String::from_utf8(drawn(verb, "picture.svg")).expect("SVG is text");
        let png = drawn(verb, "picture.PNG");
        let width = svg.split_once("width=\"").and_then(|(_, rest)| rest.split_once('"')?.0.parse().ok());
        assert!(png.starts_with(b"\x89PNG\r\n"), "{verb:?}");
        // The width stands behind the signature, a length and the name of the first chunk.
        assert_eq!(width.map(|width: u32| 2 * width), png[16..20].try_into().ok().map(u32::from_be_bytes));
    }
}

#[test]
fn margins_are_drawn_with_a_bar_for_each_rule() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("margins.svg");
    let (file, picture) = (asset("i2c-hasty.vcd"), path.display().to_string());
    let said = output(&mut busproof(&["margin", &file, "--bus", "i2c", "--speed", "fast", "-o", &picture]));
    assert_eq!(said.status.code(), Some(1), "{}", String::from_utf8_lossy(&said.stderr));
    let svg = std::fs::read_to_string(path).expect("the picture was written");
    for word in ["\ntHIGH\n", "\n-83 %\n", "\n&gt;= 600 ns\n", "\n-500 ns\n"] {
        assert!(svg.contains(word), "{word} is missing in {svg}");
    }
}

#[test]
fn a_report_of_checks_has_every_file_each_broken_rule_with_its_picture_and_the_margins() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("report.html");
    let report = path.display().to_string();
    let files = ["fast.vcd", "good.vcd", "silent.vcd"].map(asset);
    let mut command = busproof(&["check", "--part", "w25q128jv", "--report", &report, "no-such.vcd"]);
    let said = output(command.args(files));
    assert_eq!(said.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&said.stderr).contains("report: "));
    let html = std::fs::read_to_string(path).expect("the report was written");
    for word in [
        ">unusable</strong> 4 files judged as SPI",
        "No such file",
        ">failed</strong></td><td class=\"number\">6</td><td class=\"number\">3</td>",
        "nothing checked",
        "<code>tCLH</code> clock high time: 3.125 ns +- 1 ps, must be at least 3.383 ns",
        "W25Q128JV data sheet",
        "<title>tCLH 3.125 ns &lt; 3.383 ns</title>",
        "<th scope=\"row\">tCHSH</th><td class=\"number\">&gt;= 3 ns</td><td class=\"number\">3.25 ns</td>",
    ] {
        assert!(html.contains(word), "{word} is missing in {html}");
    }
    assert_eq!(html.matches("<article class=\"bad\">").count(), 3);
    assert_eq!(html.matches("<svg role=\"img\"").count(), 3);
}

#[test]
fn a_report_under_another_name_is_refused_before_anything_is_read() {
    let said = output(&mut busproof(&["check", "no-such.vcd", "--bus", "spi", "--report", "report.pdf"]));
    assert_eq!(said.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&said.stderr).contains("ends in .html"));
}

#[test]
fn a_report_of_a_run_shows_what_failed_and_how_close_rules_came() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("report.html");
    let (report, out) = (path.display().to_string(), folder.path().display().to_string());
    let board = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/vectors/board.toml");
    let said = output(&mut busproof(&["run", board, "--out", &out, "--report", &report]));
    assert_eq!(said.status.code(), Some(1), "{}", String::from_utf8_lossy(&said.stderr));
    let html = std::fs::read_to_string(path).expect("the report was written");
    for word in [
        ">failed</strong> 1 vector: 1 failed",
        "<dd>MISO set-up at the controller is 0 s, must be at least 3 ns</dd>",
        "tSU_MI 0 s &lt; 3 ns",
        "\nmiso@host\n",
        "<th scope=\"row\">tSU_MI</th>",
        "<dt>mismatch</dt><dd>expected ef 40 18, read xx x0 xx</dd>",
    ] {
        assert!(html.contains(word), "{word} is missing in {html}");
    }
}

#[test]
fn a_run_of_memory_is_drawn_over_time() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("run.svg");
    let (trace, picture) = (asset("four.stl"), path.display().to_string());
    let said =
        output(&mut busproof(&["dram", "run", &trace, "--part", "ddr4-2400t-8gb-x8", "--plot", &picture]));
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let svg = std::fs::read_to_string(path).expect("the picture was written");
    for word in [
        "\n6 requests in 900 clocks (749.7 ns); data bus 2.2 % in use, 0.427 GB/s\n",
        "\n99 %: 85 clocks\n",
        "\n27.8 %\n",
        "\ntRCD\n",
        "\ng0 b0\n",
        "\n94 %\n",
    ] {
        assert!(svg.contains(word), "{word} is missing in {svg}");
    }
}

#[test]
fn every_hot_path_has_a_figure() {
    let args = ["bench", "--alone", "--time", "1us", "--format", "jsonl"];
    let output = output(&mut busproof(&args));
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    let figures: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("each line is an object")).collect();
    assert_eq!(figures.len(), 15);
    for figure in &figures {
        assert!(figure["ns"].as_f64().is_some_and(|ns| ns > 0.0), "{figure}");
        let limit = figure["by_hand_ns"].as_f64();
        assert_eq!(limit.is_some(), figure["ratio"].is_number(), "{figure}");
    }
    assert!(figures.iter().filter(|figure| figure["ratio"].is_number()).count() >= 7, "{text}");
}
