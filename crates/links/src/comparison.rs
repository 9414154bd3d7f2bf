//! A comparison as a whole: one payload, register accesses, or both, over several links.

use crate::access::{AccessReport, Accesses, access};
use crate::compare::{Report, measure};
use crate::link::{Conditions, Link, LinkError};

/// What is to be compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// At what.
    pub conditions: Conditions,
    /// Over which links.
    pub over: Vec<Link>,
    /// What is sent over each, if anything is.
    pub payload: Option<Vec<u8>>,
    /// The registers that are read over each, if any are.
    pub registers: Option<Registers>,
}

/// Registers that are read over each link, with several numbers of requests under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registers {
    /// How many, and how long each takes. Its own number of outstanding requests does not matter.
    pub accesses: Accesses,
    /// How many may be under way.
    pub outstanding: Vec<u32>,
}

/// What was measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// The payload over each link, in their order.
    pub links: Vec<Report>,
    /// Register accesses, by link and by how many may be under way.
    pub accesses: Vec<AccessReport>,
    /// Links that carry no register accesses and were asked for.
    pub left_out: Vec<Link>,
}

impl Comparison {
    /// Measures all that is asked for.
    ///
    /// # Errors
    /// Those of [`measure`] and [`access`].
    pub fn measure(&self) -> Result<Measured, LinkError> {
        let mut measured = Measured::default();
        if let Some(payload) = &self.payload {
            let reports = self.over.iter().map(|&link| measure(link, &self.conditions, payload));
            measured.links = reports.collect::<Result<_, _>>()?;
        }
        if let Some(registers) = &self.registers {
            self.read(registers, &mut measured)?;
        }
        Ok(measured)
    }

    fn read(&self, registers: &Registers, measured: &mut Measured) -> Result<(), LinkError> {
        for &link in &self.over {
            if !link.carries_accesses() {
                measured.left_out.push(link);
                continue;
            }
            for &outstanding in &registers.outstanding {
                let accesses = Accesses { outstanding, ..registers.accesses };
                measured.accesses.push(access(link, &self.conditions, &accesses)?);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use busproof_core::Span;

    use super::*;

    fn registers() -> Registers {
        let accesses =
            Accesses { count: 3, outstanding: 1, access_time: Span::from_us(5), work: Span::from_us(10) };
        Registers { accesses, outstanding: vec![1, 2] }
    }

    #[test]
    fn what_is_asked_for_is_measured_and_nothing_else() {
        let nothing = Comparison {
            conditions: Conditions::default(),
            over: vec![Link::Spi, Link::ValidReady],
            payload: None,
            registers: None,
        };
        assert_eq!(nothing.measure(), Ok(Measured::default()));

        let sent = Comparison { payload: Some(b"ok".to_vec()), ..nothing.clone() }.measure().unwrap();
        assert_eq!(
            sent.links.iter().map(|report| report.link).collect::<Vec<_>>(),
            [Link::Spi, Link::ValidReady]
        );
        assert!(sent.accesses.is_empty() && sent.left_out.is_empty());

        let read = Comparison { registers: Some(registers()), ..nothing }.measure().unwrap();
        let of: Vec<_> = read.accesses.iter().map(|report| (report.link, report.outstanding)).collect();
        assert_eq!(of, [(Link::Spi, 1), (Link::Spi, 2)]);
        assert_eq!((read.links.len(), read.left_out), (0, vec![Link::ValidReady]));
    }
}
