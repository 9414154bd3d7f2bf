//! Shmoo plots: what passes and what fails where two parameters vary, and by how much.

mod svg;
mod text;

pub use svg::svg;
pub use text::draw;

/// A grid of points. With one row it is a strip.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shmoo {
    /// Its title.
    pub title: String,
    /// A line below the title.
    pub subtitle: String,
    /// What varies across.
    pub across: String,
    /// Its values, from left to right.
    pub columns: Vec<String>,
    /// What varies from row to row; empty if nothing does.
    pub down: String,
    /// The rows, from top to bottom: the value, and a point for each column.
    pub rows: Vec<(String, Vec<Spot>)>,
    /// Lines at the bottom.
    pub notes: Vec<String>,
}

/// What became of a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spot {
    /// It passes. With the margin that is left as a share of the limit, where there is one.
    Pass(Option<f64>),
    /// It fails.
    Fail,
    /// Nobody can tell.
    Unsure,
    /// There is no such point.
    Absent,
}

/// How much margin is left, in the steps in which it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Look {
    Absent,
    Fail,
    Unsure,
    /// Less than a tenth of the limit.
    Bare,
    /// Less than a quarter.
    Thin,
    /// Less than a half.
    Fair,
    /// A half and more, or none that could be measured.
    Ample,
}

impl Look {
    const ALL: [Look; 7] =
        [Look::Ample, Look::Fair, Look::Thin, Look::Bare, Look::Fail, Look::Unsure, Look::Absent];

    fn of(spot: Spot) -> Look {
        match spot {
            Spot::Absent => Look::Absent,
            Spot::Fail => Look::Fail,
            Spot::Unsure => Look::Unsure,
            Spot::Pass(Some(share)) if share < 0.1 => Look::Bare,
            Spot::Pass(Some(share)) if share < 0.25 => Look::Thin,
            Spot::Pass(Some(share)) if share < 0.5 => Look::Fair,
            Spot::Pass(_) => Look::Ample,
        }
    }

    /// In the key.
    const fn words(self) -> &'static str {
        match self {
            Look::Ample => "passes, 50 % of the limit left or more",
            Look::Fair => "passes, 25 to 50 % left",
            Look::Thin => "passes, 10 to 25 % left",
            Look::Bare => "passes, less than 10 % left",
            Look::Fail => "fails",
            Look::Unsure => "cannot tell",
            Look::Absent => "cannot be run",
        }
    }
}

impl Shmoo {
    /// What it shows, for those who do not see it.
    fn words(&self) -> String {
        let ends = |values: Vec<&String>| match values.as_slice() {
            [first, .., last] => format!("{first} to {last}"),
            [only] => (*only).clone(),
            [] => "nothing".into(),
        };
        let across = format!("{} from left to right: {}", self.across, ends(self.columns.iter().collect()));
        let mut parts = vec![self.subtitle.clone(), across];
        if !self.down.is_empty() {
            let values = self.rows.iter().rev().map(|(label, _)| label).collect();
            parts.push(format!("{} upwards: {}", self.down, ends(values)));
        }
        parts.join("; ")
    }

    /// The looks that occur, the best first.
    fn looks(&self) -> impl Iterator<Item = Look> {
        let occurs =
            |look: &Look| self.rows.iter().flat_map(|(_, spots)| spots).any(|spot| Look::of(*spot) == *look);
        Look::ALL.into_iter().filter(occurs)
    }
}

/// Labels stand under every so-manieth value: the least of 1, 2, 4, 5, 8 and their tenfolds for which the labels fit, given how
/// much room each takes, in values, with what is to be left free between two.
fn even_step(room: &[usize]) -> usize {
    let decades = (0..).map(|power| 10usize.saturating_pow(power));
    let mut steps =
        decades.flat_map(|decade| [1, 2, 4, 5, 8].map(|digit: usize| digit.saturating_mul(decade)));
    let fits = |step: &usize| room.iter().step_by(*step).all(|room| room <= step) || *step >= room.len();
    steps.find(fits).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_are_drawn_in_steps() {
        let look = |share| Look::of(Spot::Pass(Some(share)));
        assert_eq!([look(0.0), look(0.0999)], [Look::Bare; 2]);
        assert_eq!([look(0.1), look(0.2499)], [Look::Thin; 2]);
        assert_eq!([look(0.25), look(0.4999)], [Look::Fair; 2]);
        assert_eq!([look(0.5), look(9.0), Look::of(Spot::Pass(None))], [Look::Ample; 3]);
    }

    #[test]
    fn labelled_values_lie_even_steps_apart() {
        assert_eq!([1, 3, 7, 8, 9, 11, 41].map(|room| even_step(&[room; 100])), [1, 4, 8, 8, 10, 20, 50]);
        let odd_ones_are_long: Vec<usize> = (0..100).map(|i| if i % 2 == 0 { 2 } else { 7 }).collect();
        assert_eq!(even_step(&odd_ones_are_long), 2);
        assert_eq!([even_step(&[]), even_step(&[9]), even_step(&[9; 3])], [1, 1, 4]);
    }
}
