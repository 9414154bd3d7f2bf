//! Points as a picture.

use busproof_plot::shmoo::{Shmoo, Spot};
use busproof_vectors::sweep::{Point, Verdict};

use super::points::Swept;

/// The first parameter goes across, the second upwards, as axes of plots do.
pub(super) fn shmoo(swept: &Swept<'_>) -> Shmoo {
    let parameters = swept.sweep.parameters();
    let texts =
        |i: usize| (0..parameters[i].count).map(|index| swept.sweep.text(i, index)).collect::<Vec<_>>();
    let down = parameters.get(1);
    let labels = down.map_or_else(|| vec![String::new()], |_| texts(1));
    let row = |(y, label): (usize, String)| {
        let spots = swept.points.iter().skip(y).step_by(down.map_or(1, |down| down.count)).map(spot);
        (label, spots.collect())
    };
    let mut rows: Vec<(String, Vec<Spot>)> = labels.into_iter().enumerate().map(row).collect();
    rows.reverse();
    Shmoo {
        title: swept.name.clone(),
        subtitle: super::human::totals(swept),
        across: parameters[0].path.clone(),
        columns: texts(0),
        down: down.map(|down| down.path.clone()).unwrap_or_default(),
        rows,
        notes: Vec::new(),
    }
}

fn spot(point: &Point) -> Spot {
    let tightest = point.result.tightest.as_ref();
    match point.verdict() {
        Verdict::Pass => Spot::Pass(tightest.map(|tightest| tightest.slack as f64 / tightest.limit as f64)),
        Verdict::Fail => Spot::Fail,
        Verdict::CannotTell => Spot::Unsure,
        Verdict::Unusable => Spot::Absent,
    }
}
