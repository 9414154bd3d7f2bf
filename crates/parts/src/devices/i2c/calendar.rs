//! The seven time registers of a real-time clock, as DS1307 and DS3231 have them: seconds, minutes, hours, day of the week,
//! date, month, year, in BCD.
//!
//! ```text
//! hours  bit 6 = 1: 12 hours, bit 5 = PM, 1 to 12      bit 6 = 0: 0 to 23
//! month  bit 7: century, toggled when the year goes from 99 to 00 (DS3231)
//! ```

/// Bit 6 of the hours: 12 hours and a half of the day.
const TWELVE: u8 = 1 << 6;
/// Bit 5 of the hours of 12: the second half of the day.
const PM: u8 = 1 << 5;
/// Bit 7 of the month.
pub(super) const CENTURY: u8 = 1 << 7;

/// A time, as the registers hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Calendar(pub(super) [u8; 7]);

pub(super) const SECONDS: usize = 0;
pub(super) const MINUTES: usize = 1;
pub(super) const HOURS: usize = 2;
pub(super) const DAY: usize = 3;
pub(super) const DATE: usize = 4;
pub(super) const MONTH: usize = 5;
pub(super) const YEAR: usize = 6;

/// The number that two BCD digits stand for; digits above 9 count as they would in a decimal adder.
const fn number(bcd: u8) -> u8 {
    (bcd >> 4) * 10 + (bcd & 0xf)
}

/// The BCD digits of a number below 100.
const fn bcd(number: u8) -> u8 {
    ((number / 10) << 4) | (number % 10)
}

impl Calendar {
    /// True if the register holds something that its range allows.
    pub(super) fn is_legal(self, register: usize) -> bool {
        let value = self.0[register];
        let in_bcd = |value: u8, least: u8, greatest: u8| {
            value & 0xf <= 9 && value >> 4 <= 9 && (least..=greatest).contains(&number(value))
        };
        match register {
            SECONDS | MINUTES => in_bcd(value, 0, 59),
            HOURS if value & TWELVE != 0 => in_bcd(value & 0x1f, 1, 12),
            HOURS => in_bcd(value, 0, 23),
            DAY => in_bcd(value, 1, 7),
            DATE => in_bcd(value, 1, 31),
            MONTH => in_bcd(value & !CENTURY, 1, 12),
            _ => in_bcd(value, 0, 99),
        }
    }

    /// A second passes.
    pub(super) fn tick(&mut self) {
        if self.count(SECONDS, 59) && self.count(MINUTES, 59) && self.next_hour() {
            self.next_day();
        }
    }

    /// Counts a register up to `last` and then from 0; true if it wrapped.
    fn count(&mut self, register: usize, last: u8) -> bool {
        let now = number(self.0[register]);
        self.0[register] = if now >= last { 0 } else { bcd(now + 1) };
        now >= last
    }

    /// True at midnight.
    fn next_hour(&mut self) -> bool {
        if self.0[HOURS] & TWELVE == 0 {
            return self.count(HOURS, 23);
        }
        let (half, hour) = (self.0[HOURS] & PM, number(self.0[HOURS] & 0x1f));
        // 11 is followed by 12 of the other half, 12 by 1 of the same.
        let (half, hour) = match hour {
            11 => (half ^ PM, 12),
            12.. => (half, 1),
            _ => (half, hour + 1),
        };
        self.0[HOURS] = TWELVE | half | bcd(hour);
        hour == 12 && half == 0
    }

    fn next_day(&mut self) {
        let day = self.0[DAY] & 7;
        self.0[DAY] = if day >= 7 { 1 } else { day + 1 };
        let date = number(self.0[DATE]);
        if date < self.days_of_month() {
            self.0[DATE] = bcd(date + 1);
            return;
        }
        self.0[DATE] = 1;
        let (century, month) = (self.0[MONTH] & CENTURY, number(self.0[MONTH] & !CENTURY));
        if month < 12 {
            self.0[MONTH] = century | bcd(month + 1);
            return;
        }
        self.0[MONTH] = century | 1;
        if self.count(YEAR, 99) {
            self.0[MONTH] ^= CENTURY;
        }
    }

    /// Every fourth year has a 29 February, up to 2099 (DS1307 and DS3231: "leap-year compensation valid up to 2100").
    fn days_of_month(self) -> u8 {
        match number(self.0[MONTH] & !CENTURY) {
            4 | 6 | 9 | 11 => 30,
            2 if number(self.0[YEAR]).is_multiple_of(4) => 29,
            2 => 28,
            _ => 31,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The registers a second later.
    fn after(registers: [u8; 7]) -> [u8; 7] {
        let mut calendar = Calendar(registers);
        calendar.tick();
        calendar.0
    }

    #[test]
    fn each_register_carries_into_the_next() {
        for (before, wanted) in [
            ([0x58, 0x59, 0x23, 1, 0x31, 0x12, 0x99], [0x59, 0x59, 0x23, 1, 0x31, 0x12, 0x99]),
            ([0x09, 0x00, 0x00, 1, 0x01, 0x01, 0x00], [0x10, 0x00, 0x00, 1, 0x01, 0x01, 0x00]),
            ([0x59, 0x09, 0x00, 1, 0x01, 0x01, 0x00], [0x00, 0x10, 0x00, 1, 0x01, 0x01, 0x00]),
            ([0x59, 0x59, 0x19, 1, 0x01, 0x01, 0x00], [0x00, 0x00, 0x20, 1, 0x01, 0x01, 0x00]),
            ([0x59, 0x59, 0x23, 7, 0x30, 0x04, 0x24], [0x00, 0x00, 0x00, 1, 0x01, 0x05, 0x24]),
            ([0x59, 0x59, 0x23, 3, 0x31, 0x12, 0x24], [0x00, 0x00, 0x00, 4, 0x01, 0x01, 0x25]),
            ([0x59, 0x59, 0x23, 3, 0x31, 0x12, 0x99], [0x00, 0x00, 0x00, 4, 0x01, 0x81, 0x00]),
            ([0x59, 0x59, 0x23, 3, 0x31, 0x92, 0x99], [0x00, 0x00, 0x00, 4, 0x01, 0x01, 0x00]),
        ] {
            assert_eq!(after(before), wanted, "{before:02x?}");
        }
    }

    #[test]
    fn february_has_29_days_every_fourth_year() {
        let next = |date, year| after([0x59, 0x59, 0x23, 1, date, 0x02, year])[DATE..=MONTH].to_vec();
        assert_eq!(next(0x28, 0x23), [0x01, 0x03]);
        assert_eq!(next(0x28, 0x24), [0x29, 0x02]);
        assert_eq!(next(0x29, 0x24), [0x01, 0x03]);
        assert_eq!(next(0x28, 0x00), [0x29, 0x02]);
    }

    #[test]
    fn twelve_hours_have_two_halves() {
        let next = |hours| after([0x59, 0x59, hours, 1, 0x01, 0x01, 0x24]);
        assert_eq!(next(0x49)[HOURS], 0x50, "9 AM to 10 AM");
        assert_eq!(next(0x51)[HOURS], 0x72, "11 AM to 12 PM, noon");
        assert_eq!(next(0x51)[DATE], 0x01);
        assert_eq!(next(0x72)[HOURS], 0x61, "12 PM to 1 PM");
        assert_eq!(next(0x71)[HOURS], 0x52, "11 PM to 12 AM, midnight");
        assert_eq!(next(0x71)[DATE], 0x02);
        assert_eq!(next(0x52)[HOURS], 0x41, "12 AM to 1 AM");
    }

    #[test]
    fn a_day_of_ticks_comes_back_to_the_same_time() {
        for start in [[0x17, 0x42, 0x09, 2, 0x14, 0x06, 0x25], [0x17, 0x42, 0x69, 2, 0x14, 0x06, 0x25]] {
            let mut calendar = Calendar(start);
            (0..86_400).for_each(|_| calendar.tick());
            assert_eq!(calendar.0, [start[0], start[1], start[2], 3, 0x15, 0x06, 0x25]);
            assert!((0..7).all(|register| calendar.is_legal(register)));
        }
    }

    #[test]
    fn nonsense_neither_panics_nor_counts_as_legal() {
        for byte in 0..=255u8 {
            let mut calendar = Calendar([byte; 7]);
            calendar.tick();
            calendar.0[MINUTES] = byte;
            assert_eq!(calendar.is_legal(MINUTES), byte & 0xf <= 9 && byte >> 4 <= 5, "{byte:02x}");
        }
    }
}
