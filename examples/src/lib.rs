//! One program per question a user asks, in `src/bin`; each says at its top how to run it, and prints what it finds.
//!
//! | program | question |
//! |---|---|
//! | `own_agent` | How do I test a peripheral model of my own, and what does a failure look like? |
//! | `driver_against_flash` | How do I run firmware against a simulated flash, and what does it tell me when I forget something? |
//! | `crossings` | Does my clock-domain crossing lose words, and how long until its synchroniser fails? |
//! | `links` | Which link costs what for the same payload? |
//! | `rgmii` | Is my RGMII link wired right, and how much of the data eye is left? |
//! | `verilator_vcd` | Does my RTL keep the limits of the flash that will be on the board? |
//! | `clock_over_wire` | What clock can a flash have that sits 20 cm away? |
//! | `baud_error` | Is a bit rate that is 3 % off all right? |
//! | `ramulator_trace` | Does another simulator's memory controller keep the timing rules? |
//! | `own_rule` | How do I add a rule of my own, which no data sheet has? |
//! | `timing_diagram` | How do I draw a timing diagram of a transfer? |
