//! The nearest color of a palette.

use std::sync::OnceLock;

/// Bits of a sample that tell the cube, and those that tell the part of the cube.
const CUBE_BITS: u32 = 4;
const PART_BITS: u32 = 2;
const CUBES: usize = 1 << (3 * CUBE_BITS);
const PARTS: usize = 1 << (3 * PART_BITS);
/// Places that a palette has.
const PLACES: u32 = 256;

/// Finds the nearest color of a palette: for each part of each cube of colors there are those that are the nearest to some color in
/// it. A cube is made when a color in it is looked for.
pub(super) struct Nearest {
    palette: Vec<Entry>,
    cubes: Vec<OnceLock<Cube>>,
}

/// Red, green and blue of a color, and its place in the palette.
type Entry = [i16; 4];

struct Cube {
    /// Where the colors of each part end; those of the first begin at zero.
    ends: [u16; PARTS],
    colors: Vec<Entry>,
}

impl Nearest {
    /// Of at most 256 colors.
    pub(super) fn new(palette: &[[u8; 3]]) -> Self {
        let entry = |(color, place): (&[u8; 3], i16)| {
            let [r, g, b] = color.map(i16::from);
            [r, g, b, place]
        };
        let mut cubes = Vec::new();
        cubes.resize_with(CUBES, OnceLock::new);
        Self { palette: palette.iter().zip(0..).map(entry).collect(), cubes }
    }

    /// The place of the first of the nearest.
    pub(super) fn of(&self, color: [u8; 3]) -> u8 {
        let cube = place(color, 8 - CUBE_BITS, CUBE_BITS);
        let part = place(color, 8 - CUBE_BITS - PART_BITS, PART_BITS);
        let Cube { ends, colors } = self.cubes[cube].get_or_init(|| self.cube(color));
        let begin = if part == 0 { 0 } else { ends[part - 1] };
        let colors = &colors[usize::from(begin)..usize::from(ends[part])];
        if let [only] = colors {
            return only[3] as u8;
        }
        // The distance, and below it the place.
        let rank = |other: &Entry| {
            let distance = (0..3).map(|c| (i32::from(color[c]) - i32::from(other[c])).pow(2)).sum::<i32>();
            distance as u32 * PLACES + other[3] as u32
        };
        colors.iter().map(rank).min().map_or(0, |least| (least % PLACES) as u8)
    }

    /// The cube in which a color lies.
    #[cold]
    fn cube(&self, color: [u8; 3]) -> Cube {
        const SIDE: u8 = 1 << (8 - CUBE_BITS);
        const PART: u8 = SIDE >> PART_BITS;
        let corner = color.map(|v| v / SIDE * SIDE);
        let all = reached(&self.palette, corner, SIDE);
        let (mut ends, mut colors) = ([0; PARTS], Vec::with_capacity(2 * PARTS));
        for (part, end) in ends.iter_mut().enumerate() {
            let place = [2, 1, 0].map(|c| (part >> (PART_BITS * c)) as u8 % (1 << PART_BITS));
            let corner = [0, 1, 2].map(|c| corner[c] + place[c] * PART);
            colors.extend(reached(&all, corner, PART));
            *end = colors.len() as u16;
        }
        Cube { ends, colors }
    }
}

/// Where a color lies by some bits of its samples, the lowest `skipped` left out.
fn place(color: [u8; 3], skipped: u32, bits: u32) -> usize {
    color.iter().fold(0, |place, v| place << bits | usize::from(v >> skipped) & ((1 << bits) - 1))
}

/// Those of the colors that may be the nearest to some color in a cube, in order: no color is nearer to all of it.
fn reached(colors: &[Entry], corner: [u8; 3], side: u8) -> Vec<Entry> {
    // The squared distances to the nearest and the farthest color of the cube.
    let bounds = |color: &Entry| {
        let mut bounds = [0, 0];
        for c in 0..3 {
            let (low, high) = (i32::from(corner[c]), i32::from(corner[c]) + i32::from(side) - 1);
            let value = i32::from(color[c]);
            let near = (low - value).max(value - high).max(0);
            let far = (high - value).abs().max((value - low).abs());
            bounds[0] += near * near;
            bounds[1] += far * far;
        }
        bounds
    };
    let bounds: Vec<[i32; 2]> = colors.iter().map(bounds).collect();
    let within = bounds.iter().map(|[_, far]| *far).min().unwrap_or(0);
    colors.iter().zip(&bounds).filter(|(_, [near, _])| *near <= within).map(|(color, _)| *color).collect()
}

/// What was found last, for colors that come again.
pub(super) struct Recent<'a> {
    nearest: &'a Nearest,
    /// A color, and below it its place, at the place that the color has here.
    found: Vec<u32>,
}

const RECENT_BITS: u32 = 16;

impl<'a> Recent<'a> {
    pub(super) fn new(nearest: &'a Nearest) -> Self {
        let mut found = vec![0; 1 << RECENT_BITS];
        // Black has the first place here, and no other color has: this is another.
        found[0] = u32::MAX;
        Self { nearest, found }
    }

    /// The place of the first of the nearest.
    #[inline]
    pub(super) fn of(&mut self, color: [u8; 3]) -> u8 {
        /// An odd number near 2^32 over the golden ratio, which scatters products.
        const SCATTER: u32 = 0x9E37_79B1;
        let [r, g, b] = color;
        let key = u32::from_le_bytes([r, g, b, 0]);
        let found = &mut self.found[(key.wrapping_mul(SCATTER) >> (u32::BITS - RECENT_BITS)) as usize];
        if *found / PLACES != key {
            *found = key * PLACES + u32::from(self.nearest.of(color));
        }
        (*found % PLACES) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_nearest_is_found_again_and_again() {
        for size in [1, 2, 5, 256] {
            let palette: Vec<[u8; 3]> =
                (0..size).map(|i: usize| [i * 37 % 256, i * 90 % 256, i * 4 % 256].map(|v| v as u8)).collect();
            let nearest = Nearest::new(&palette);
            let mut recent = Recent::new(&nearest);
            let distance =
                |a: [u8; 3], b: [u8; 3]| (0..3).map(|c| (i32::from(a[c]) - i32::from(b[c])).pow(2)).sum::<i32>();
            let colors =
                (0..30_000usize).map(|i| [i / 3 * 13 % 256, i / 3 * 7 % 251, i / 9 * 29 % 253].map(|v| v as u8));
            for color in colors.chain([[0; 3], [255; 3], [0; 3]]) {
                let first = (0..size).min_by_key(|i| distance(color, palette[*i])).map(|i| i as u8);
                assert_eq!(Some(nearest.of(color)), first, "{size} colors, {color:?}");
                assert_eq!(Some(recent.of(color)), first, "{size} colors, {color:?}");
            }
        }
    }
}
