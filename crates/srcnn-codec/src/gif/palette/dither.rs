//! Error diffusion by R. Floyd and L. Steinberg.

use super::nearest::{Nearest, Recent};

/// The share of a pixel's error that dithering passes on: of more, noise accumulates where the palette has no color near; of
/// less, gradients keep contours.
const DIFFUSED: f32 = 0.75;
/// The numerators of Floyd and Steinberg, over 16: ahead in the row; behind, below and ahead in the next.
const AHEAD: f32 = 7.0 / 16.0;
const NEXT_ROW: [f32; 3] = [3.0 / 16.0, 5.0 / 16.0, 1.0 / 16.0];

/// Three channels, and one that is not used.
type Lanes = [f32; 4];

/// The indices of rows of pixels by error diffusion, in alternate directions; transparent pixels get `gone` and stop the error.
pub(super) fn dithered(colors: &[Option<[u8; 3]>], width: usize, palette: &[[u8; 3]], gone: u8) -> Vec<u8> {
    let nearest = Nearest::new(palette);
    let mut nearest = Recent::new(&nearest);
    let given: Vec<Lanes> = palette.iter().map(|color| lanes(*color)).collect();
    let mut indices = vec![gone; colors.len()];
    // Errors that come to a row, with a column on either side.
    let (mut here, mut below) = (vec![[0.0; 4]; width + 2], vec![[0.0; 4]; width + 2]);
    let rows = colors.chunks_exact(width.max(1)).zip(indices.chunks_exact_mut(width.max(1)));
    for (y, (row, indices)) in rows.enumerate() {
        let forwards = y % 2 == 0;
        let (ahead, behind) = if forwards { (2, 0) } else { (0, 2) };
        let mut x = if forwards { 0 } else { width - 1 };
        // The error that comes to the pixel; those that go below the pixels behind it and below itself, as far as they are known.
        let (mut coming, mut far, mut near) = (here[x + 1], [0.0; 4], [0.0; 4]);
        for _ in 0..width {
            let mut error = [0.0; 4];
            if let Some(color) = row[x] {
                let wanted = limited(sum(lanes(color), coming));
                let index = nearest.of(rounded(wanted));
                indices[x] = index;
                let given = given[usize::from(index)];
                error = std::array::from_fn(|c| DIFFUSED * (wanted[c] - given[c]));
            }
            let share = |share: f32| error.map(|v| share * v);
            coming = sum(here[x + ahead], share(AHEAD));
            below[x + behind] = sum(far, share(NEXT_ROW[0]));
            (far, near) = (sum(near, share(NEXT_ROW[1])), share(NEXT_ROW[2]));
            // Before the first column nothing is looked at any more.
            x = if forwards { x + 1 } else { x.wrapping_sub(1) };
        }
        let last = if forwards { width - 1 } else { 0 };
        below[last + 1] = far;
        std::mem::swap(&mut here, &mut below);
    }
    indices
}

fn lanes([r, g, b]: [u8; 3]) -> Lanes {
    [r, g, b, 0].map(f32::from)
}

fn sum(a: Lanes, b: Lanes) -> Lanes {
    std::array::from_fn(|c| a[c] + b[c])
}

/// Within 0 to 255.
fn limited(values: Lanes) -> Lanes {
    let values = values.map(|v| if v > 0.0 { v } else { 0.0 });
    values.map(|v| if v < 255.0 { v } else { 255.0 })
}

/// Values of 0 to 255 to the nearest integers, halves up.
fn rounded(values: Lanes) -> [u8; 3] {
    /// The last before a half: with a half itself, the number before 0.5 would become 1.
    const HALF: f32 = 0.5f32.next_down();
    let [r, g, b, _] = values.map(|v| (v + HALF) as i32);
    [r as u8, g as u8, b as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_rounded_up() {
        for quarter in 0..=4 * 255u16 {
            let value = f32::from(quarter) / 4.0;
            for v in [value.next_down().max(0.0), value, value.next_up().min(255.0)] {
                assert_eq!(rounded([v; 4]), [v.round() as u8; 3], "{v}");
            }
        }
    }
}
