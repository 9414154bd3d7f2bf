//! The codes of failures that no bus, part or rule has an explanation for.

use busproof_core::bus::CodeInfo;

/// What is said of a run, of its wires and of its vector, for `busproof explain`.
pub const CODES: &[CodeInfo] = &[
    CodeInfo {
        code: "mismatch",
        summary: "something else was read, or arrived, than the step says",
        explanation: "A step states what must come back (`r:3=ef4018`), and what it sends must arrive as it was sent. Both \
                      are looked for on the wires. Compare the two values: all ones or all zeros mean that nobody \
                      answers, everything shifted by a bit a wrong mode or a lost clock edge, single wrong bits a \
                      set-up or hold time that is not kept, which is then reported, too.",
    },
    CodeInfo {
        code: "memory",
        summary: "a memory does not hold in the end what the check says",
        explanation: "`check.memory` states what a device holds after the run. A device that refused a write (busy, \
                      protected, not enabled) remarks it; a write that is still under way is not visible yet.",
    },
    CodeInfo {
        code: "pin",
        summary: "a pin of a device does not have in the end the level that the check says",
        explanation: "`check.pins` states levels of pins that a device has beyond those of its bus: outputs of a port \
                      expander, an interrupt. A pin that nobody drives or pulls is Z; `pins` of the device pulls it.",
    },
    CodeInfo {
        code: "items",
        summary: "more or fewer items were seen than the check says",
        explanation: "`check.items` counts what was said on the wires, as `busproof decode` prints it: selections, words, \
                      addresses, acknowledges. Keep the waveform with `--out` and decode it to see which are missing.",
    },
    CodeInfo {
        code: "findings",
        summary: "more or fewer findings were made than the check says",
        explanation: "`check.findings` counts every measurement that broke a rule or could not be told, not the rules. Name \
                      the rules below `check.broken` if the number does not matter.",
    },
    CodeInfo {
        code: "lost",
        summary: "controllers lost arbitration more or less often than the check says",
        explanation: "`check.lost` counts the transfers that a controller broke off because another sent a 0 where it sent \
                      a 1. Controllers that begin within tHD;STA of each other arbitrate; one that begins later waits, \
                      and loses nothing.",
    },
    CodeInfo {
        code: "link",
        summary: "a link of a comparison does not do what the check says",
        explanation: "`check.link` states what must come of each link of `[compare]`: what becomes of the payload, times, \
                      throughput, edges, energy, how far clocks may differ, register accesses. `busproof compare` with \
                      the same file prints all figures side by side.",
    },
    CodeInfo {
        code: "commands",
        summary: "a memory was given other commands than the check says",
        explanation: "`check.commands` states the commands on the bus of a memory, in order, those of refreshes included. A \
                      controller chooses among the requests that wait, so the order of commands is not always that of \
                      requests; `busproof dram run` with the same requests says what they waited for.",
    },
    CodeInfo {
        code: "distance",
        summary: "two commands of a memory are not as far apart as the check says",
        explanation: "`check.distance` measures from the clock in which one command counts to that in which the next of the \
                      other kind does, by the name of a rule or in clocks. Another rule may hold the command up for \
                      longer: the vector's margins and `check.blame` tell which.",
    },
    CodeInfo {
        code: "figure",
        summary: "a latency, a wait or a number of row hits is not what the check says",
        explanation: "`check.latency`, `check.blame` and `check.rows` state what becomes of requests to a controller: from their \
                      arrival to the end of their data, what they waited for, rule by rule, and whether their rows \
                      were open.",
    },
    CodeInfo {
        code: "latency",
        summary: "the latency of reads is asked for, and nothing was read",
        explanation: "`check.latency` is about reads, from their arrival to the end of their data. Writes have no latency here: \
                      they are done when their command is issued.",
    },
    CodeInfo {
        code: "poll",
        summary: "a step was repeated in vain",
        explanation: "A step with `until` is done again until its last address is acknowledged, or everything is as \
                      expected. That took longer than `within` allows: a device that is busy for longer than its data \
                      sheet says, that is not there, or that waits for something else.",
    },
    CodeInfo {
        code: "exit",
        summary: "the run did not end as the check says",
        explanation: "A run is done, or runs out of its time (`max_time`), or is vacuous: nothing was said on the bus, or \
                      no rule was decided, no check of the protocol made and nothing compared. `check.exit` says which is expected; done, if it does \
                      not.",
    },
    CodeInfo {
        code: "waveform",
        summary: "the waveform of a failed vector could not be written",
        explanation: "The run itself is judged all the same. See that the folder of `--out` can be written.",
    },
    CodeInfo {
        code: "vector-file",
        summary: "the vector file, or something that it names, cannot be used",
        explanation: "The message says what and where: a misspelt key, a part that does not exist, a time without unit. \
                      `vectors/README.md` describes the format, and editors complete it with the schema of `busproof \
                      new --schema`.",
    },
    CodeInfo {
        code: "net::contention",
        summary: "two drivers pull a wire to opposite levels",
        explanation: "The wire's level is unknown meanwhile, and on a board a current flows that may harm both. Usual \
                      causes: two devices are selected at once, a device releases a shared line too late, a direction \
                      is switched too early.",
    },
    CodeInfo {
        code: "net::zero-width-pulse",
        summary: "a wire changes and changes back in one instant",
        explanation: "Nobody can have seen such a pulse, but it shows that two causes meet: one agent drives a wire twice \
                      in an instant, or two agents one after the other.",
    },
    CodeInfo {
        code: "net::driven-high",
        summary: "a strong driver drives an open-drain wire high",
        explanation: "Such a wire is pulled up by its resistor, and pulled low by whoever has something to say. A push-pull \
                      output on it fights everybody else: clock stretching, acknowledge and arbitration no longer work. \
                      Usual cause: a pin that is configured as push-pull.",
    },
    CodeInfo {
        code: "net::pull-up",
        summary: "the pull-up is stronger than drivers must be able to hold down",
        explanation: "A driver sinks 3 mA at 0.4 V (20 mA in Fast-mode Plus; UM10204 table 9), so a pull-up below Rp(min) = \
                      (VDD - VOL) / IOL need not let it reach a low level (section 7.1). Ways out: a larger resistor, less \
                      capacitance so that the larger one is still fast enough, a lower VDD, drivers of Fast-mode Plus. \
                      Only said where the resistor is known, in vectors and in `xfer`.",
    },
];
