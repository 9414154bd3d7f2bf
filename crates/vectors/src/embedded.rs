//! The vectors that come with the program, for `busproof run` without an argument.

/// A vector file in the program: where it stands in the repository, and its text.
#[derive(Clone, Copy, Debug)]
pub struct Embedded {
    /// The path from the root of the repository.
    pub path: &'static str,
    /// The text.
    pub text: &'static str,
}

macro_rules! embed {
    ($path:literal) => {
        Embedded { path: $path, text: include_str!(concat!("../../../", $path)) }
    };
}

/// All of them, in order of their paths.
pub const EMBEDDED: &[Embedded] = &[
    embed!("vectors/i2c/faults/controller.toml"),
    embed!("vectors/i2c/faults/wires.toml"),
    embed!("vectors/i2c/features/addresses.toml"),
    embed!("vectors/i2c/features/controllers.toml"),
    embed!("vectors/i2c/features/high-speed.toml"),
    embed!("vectors/i2c/features/pull-ups.toml"),
    embed!("vectors/i2c/features/smbus.toml"),
    embed!("vectors/i2c/features/stretching.toml"),
    embed!("vectors/i2c/features/transfers.toml"),
    embed!("vectors/i2c/features/two-buses.toml"),
    embed!("vectors/i2c/features/ultra-fast.toml"),
    embed!("vectors/i2c/parts/eeprom.toml"),
    embed!("vectors/i2c/parts/ports.toml"),
    embed!("vectors/i2c/parts/sensors.toml"),
    embed!("vectors/i2c/parts/switch.toml"),
    embed!("vectors/i2c/rules/fscl.toml"),
    embed!("vectors/i2c/rules/fsclh.toml"),
    embed!("vectors/i2c/rules/fsmb-min.toml"),
    embed!("vectors/i2c/rules/sda-stable.toml"),
    embed!("vectors/i2c/rules/tbuf.toml"),
    embed!("vectors/i2c/rules/tf-min.toml"),
    embed!("vectors/i2c/rules/tf.toml"),
    embed!("vectors/i2c/rules/tfcl-min.toml"),
    embed!("vectors/i2c/rules/tfcl.toml"),
    embed!("vectors/i2c/rules/tfda-min.toml"),
    embed!("vectors/i2c/rules/tfda.toml"),
    embed!("vectors/i2c/rules/thd-dat-hs-max.toml"),
    embed!("vectors/i2c/rules/thd-dat-hs.toml"),
    embed!("vectors/i2c/rules/thd-dat-max.toml"),
    embed!("vectors/i2c/rules/thd-dat.toml"),
    embed!("vectors/i2c/rules/thd-sta-hs.toml"),
    embed!("vectors/i2c/rules/thd-sta.toml"),
    embed!("vectors/i2c/rules/thigh-hs.toml"),
    embed!("vectors/i2c/rules/thigh-max.toml"),
    embed!("vectors/i2c/rules/thigh.toml"),
    embed!("vectors/i2c/rules/tlow-hs.toml"),
    embed!("vectors/i2c/rules/tlow-mext.toml"),
    embed!("vectors/i2c/rules/tlow-sext.toml"),
    embed!("vectors/i2c/rules/tlow.toml"),
    embed!("vectors/i2c/rules/tr-min.toml"),
    embed!("vectors/i2c/rules/tr.toml"),
    embed!("vectors/i2c/rules/trcl-min.toml"),
    embed!("vectors/i2c/rules/trcl.toml"),
    embed!("vectors/i2c/rules/trcl1-min.toml"),
    embed!("vectors/i2c/rules/trcl1.toml"),
    embed!("vectors/i2c/rules/trda-min.toml"),
    embed!("vectors/i2c/rules/trda.toml"),
    embed!("vectors/i2c/rules/tsu-dat-hs.toml"),
    embed!("vectors/i2c/rules/tsu-dat.toml"),
    embed!("vectors/i2c/rules/tsu-sta-hs.toml"),
    embed!("vectors/i2c/rules/tsu-sta.toml"),
    embed!("vectors/i2c/rules/tsu-sto-hs.toml"),
    embed!("vectors/i2c/rules/tsu-sto.toml"),
    embed!("vectors/i2c/rules/ttimeout-min.toml"),
    embed!("vectors/i2c/rules/ttimeout.toml"),
    embed!("vectors/i2c/rules/tvd-ack.toml"),
    embed!("vectors/i2c/rules/tvd-dat-min.toml"),
    embed!("vectors/i2c/rules/tvd-dat.toml"),
    embed!("vectors/spi/faults/chip-select.toml"),
    embed!("vectors/spi/faults/clock.toml"),
    embed!("vectors/spi/faults/data.toml"),
    embed!("vectors/spi/faults/modes.toml"),
    embed!("vectors/spi/features/budgets.toml"),
    embed!("vectors/spi/features/chip-select.toml"),
    embed!("vectors/spi/features/clocks.toml"),
    embed!("vectors/spi/features/fill.toml"),
    embed!("vectors/spi/features/frame-formats.toml"),
    embed!("vectors/spi/features/late-sampling.toml"),
    embed!("vectors/spi/features/modes.toml"),
    embed!("vectors/spi/features/patterns.toml"),
    embed!("vectors/spi/features/pauses.toml"),
    embed!("vectors/spi/features/polling.toml"),
    embed!("vectors/spi/features/several-devices.toml"),
    embed!("vectors/spi/features/three-wires.toml"),
    embed!("vectors/spi/features/two-buses.toml"),
    embed!("vectors/spi/features/word-lengths.toml"),
    embed!("vectors/spi/parts/converter.toml"),
    embed!("vectors/spi/parts/flash-dtr.toml"),
    embed!("vectors/spi/parts/flash-lanes.toml"),
    embed!("vectors/spi/parts/flash-writes.toml"),
    embed!("vectors/spi/parts/identifications.toml"),
    embed!("vectors/spi/parts/registers.toml"),
    embed!("vectors/spi/parts/sram.toml"),
    embed!("vectors/spi/rules/fc-dtr.toml"),
    embed!("vectors/spi/rules/fc.toml"),
    embed!("vectors/spi/rules/fr.toml"),
    embed!("vectors/spi/rules/miso-stable.toml"),
    embed!("vectors/spi/rules/mosi-stable.toml"),
    embed!("vectors/spi/rules/tchdx.toml"),
    embed!("vectors/spi/rules/tchsh.toml"),
    embed!("vectors/spi/rules/tchsl.toml"),
    embed!("vectors/spi/rules/tclh.toml"),
    embed!("vectors/spi/rules/tcll.toml"),
    embed!("vectors/spi/rules/tclqv.toml"),
    embed!("vectors/spi/rules/tclqx.toml"),
    embed!("vectors/spi/rules/tdvch.toml"),
    embed!("vectors/spi/rules/th-mi.toml"),
    embed!("vectors/spi/rules/tmiso.toml"),
    embed!("vectors/spi/rules/tshch.toml"),
    embed!("vectors/spi/rules/tshqz.toml"),
    embed!("vectors/spi/rules/tshsl.toml"),
    embed!("vectors/spi/rules/tshsl1.toml"),
    embed!("vectors/spi/rules/tshsl2.toml"),
    embed!("vectors/spi/rules/tslch.toml"),
    embed!("vectors/spi/rules/tsu-mi.toml"),
    embed!("vectors/uart/faults/frames.toml"),
    embed!("vectors/uart/faults/lin.toml"),
    embed!("vectors/uart/faults/settings.toml"),
    embed!("vectors/uart/faults/wires.toml"),
    embed!("vectors/uart/features/auto-baud.toml"),
    embed!("vectors/uart/features/breaks.toml"),
    embed!("vectors/uart/features/clock-errors.toml"),
    embed!("vectors/uart/features/clocks.toml"),
    embed!("vectors/uart/features/data-bits.toml"),
    embed!("vectors/uart/features/flow-control.toml"),
    embed!("vectors/uart/features/frames.toml"),
    embed!("vectors/uart/features/lin.toml"),
    embed!("vectors/uart/features/packets.toml"),
    embed!("vectors/uart/features/receivers.toml"),
    embed!("vectors/uart/features/rs485.toml"),
    embed!("vectors/uart/features/steps.toml"),
    embed!("vectors/uart/features/two-buses.toml"),
    embed!("vectors/uart/parts/echo.toml"),
    embed!("vectors/uart/parts/registers.toml"),
    embed!("vectors/uart/parts/reply.toml"),
    embed!("vectors/uart/rules/rate-fast.toml"),
    embed!("vectors/uart/rules/rate-slow.toml"),
    embed!("vectors/uart/rules/rts-frames.toml"),
    embed!("vectors/uart/rules/sampling.toml"),
    embed!("vectors/uart/rules/tbdel.toml"),
    embed!("vectors/uart/rules/tbreak.toml"),
    embed!("vectors/uart/rules/tde-lead.toml"),
    embed!("vectors/uart/rules/tde-tail.toml"),
    embed!("vectors/uart/rules/tgap-max.toml"),
    embed!("vectors/uart/rules/tgap.toml"),
    embed!("vectors/uart/rules/trts.toml"),
    embed!("vectors/uart/rules/tstop.toml"),
    embed!("vectors/uart/rules/tturn.toml"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_vector_of_the_folder_is_embedded() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let files = crate::run::vector_files(&[root.join("vectors")]).expect("the folder can be read");
        let found: Vec<String> = files
            .iter()
            .map(|file| {
                file.strip_prefix(&root).expect("below the root").display().to_string().replace('\\', "/")
            })
            .collect();
        let embedded: Vec<&str> = EMBEDDED.iter().map(|e| e.path).collect();
        assert_eq!(embedded, found);
    }
}
