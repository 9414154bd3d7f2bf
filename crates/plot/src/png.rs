//! SVG as PNG: the same picture, at twice the size so that it is crisp on dense screens and in print; a very large one at its
//! own size.
//!
//! The picture is rendered from its SVG, so whatever this crate draws, and whatever is yet to be drawn, needs no second
//! back-end: letters stand where the SVG has them, to a fraction of a pixel, which the bitmap back-end of plotters does
//! not do. Its sans-serif font is `DejaVu` Sans, which comes along; fonts of the system are not looked for, so a
//! picture is the same bytes on every machine.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb::Database};

use crate::svg::DrawError;

/// Pixels of PNG to one of SVG, and what a picture gets for which that is too much.
const SCALES: [u32; 2] = [2, 1];
/// The most pixels of a PNG. Each takes four bytes while it is drawn, so this is 400 MB.
const MOST: u64 = 100_000_000;

/// The bytes of a PNG file that shows `svg`.
pub fn of(svg: &str) -> Result<Vec<u8>, DrawError> {
    let options = Options { fontdb: fonts(), ..Options::default() };
    let tree = Tree::from_str(svg, &options).map_err(refused)?;
    let size = tree.size().to_int_size();
    let (width, height) = (u64::from(size.width()), u64::from(size.height()));
    let fits = |scale: &u32| u64::from(scale * scale) <= MOST / (width * height);
    let scale = SCALES.into_iter().find(fits);
    let scale =
        scale.ok_or_else(|| refused(format!("{width} x {height} pixels are too many for PNG; write SVG")))?;
    let mut pixels = Pixmap::new(size.width() * scale, size.height() * scale)
        .ok_or_else(|| refused("no room for the pixels of a PNG; write SVG"))?;
    resvg::render(&tree, Transform::from_scale(scale as f32, scale as f32), &mut pixels.as_mut());
    pixels.encode_png().map_err(refused)
}

/// What stands for sans-serif.
fn fonts() -> Arc<Database> {
    let mut fonts = Database::new();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    fonts.load_font_data(dejavu::sans::bold().to_vec());
    fonts.set_sans_serif_family("DejaVu Sans");
    Arc::new(fonts)
}

fn refused(error: impl std::fmt::Display) -> DrawError {
    DrawError::Backend(error.to_string())
}

#[cfg(test)]
mod tests {
    use resvg::tiny_skia::Pixmap;

    use super::*;

    fn svg(inside: &str) -> String {
        format!(
            "<svg width=\"40\" height=\"20\" xmlns=\"http://www.w3.org/2000/svg\"><rect width=\"40\" height=\"20\" fill=\"#fff\"/>{inside}</svg>"
        )
    }

    fn pixels(svg: &str) -> Pixmap {
        Pixmap::decode_png(&of(svg).expect("it is drawn")).expect("it is a PNG")
    }

    fn dark(pixels: &Pixmap) -> usize {
        pixels.pixels().iter().filter(|pixel| pixel.red() < 128).count()
    }

    #[test]
    fn it_is_twice_as_large_and_in_the_same_places() {
        let picture = pixels(&svg("<rect x=\"10\" y=\"5\" width=\"3\" height=\"4\"/>"));
        assert_eq!((picture.width(), picture.height(), dark(&picture)), (80, 40, 6 * 8));
        let inside = |x, y| picture.pixel(x, y).is_some_and(|pixel| pixel.red() == 0);
        assert!(inside(20, 10) && inside(25, 17) && !inside(19, 10) && !inside(26, 17));
    }

    #[test]
    fn words_are_drawn_in_our_font_bold_ones_thicker() {
        let text = |style: &str| {
            svg(&format!(
                "<text x=\"2\" y=\"15\" font-family=\"sans-serif\" font-size=\"12\" {style}>tSU</text>"
            ))
        };
        let (normal, bold) = (dark(&pixels(&text(""))), dark(&pixels(&text("font-weight=\"bold\""))));
        assert!(normal > 50 && bold > normal + normal / 5, "{normal} {bold}");
    }

    #[test]
    fn what_is_no_svg_or_too_large_is_refused() {
        let sized = |size: &str| svg("").replace("width=\"40\" height=\"20\"", size);
        assert!(of("<svg").is_err());
        let huge = of(&sized("width=\"10001\" height=\"10000\"")).unwrap_err();
        assert!(huge.to_string().contains("10001 x 10000 pixels are too many"), "{huge}");
        assert!(of(&sized("width=\"4000000000\" height=\"4000000000\"")).is_err());
        let large = pixels(&sized("width=\"50001\" height=\"1000\""));
        assert_eq!((large.width(), large.height()), (50_001, 1_000));
    }
}
