//! Components of fewer samples brought to the size of the picture. Twice as many samples come by a triangle filter, as
//! from libjpeg-turbo ("fancy upsampling"); other factors by repetition.

/// Three quarters of one sample and a quarter of the next one each: twice as many in a row. There must be 2 at least.
pub(super) fn twice_across(row: &[u8], out: &mut [u8]) {
    let pair = |left: u8, middle: u8, right: u8| {
        let middle = 3 * u16::from(middle);
        [((middle + u16::from(left) + 1) >> 2) as u8, ((middle + u16::from(right) + 2) >> 2) as u8]
    };
    let (out, _) = out.as_chunks_mut::<2>();
    if let ([first, second, ..], [.., last_but_one, last]) = (row, row) {
        for ((out, left), (middle, right)) in out[1..].iter_mut().zip(row).zip(row[1..].iter().zip(&row[2..])) {
            *out = pair(*left, *middle, *right);
        }
        out[0] = [*first, pair(0, *first, *second)[1]];
        out[row.len() - 1] = [pair(*last_but_one, *last, 0)[0], *last];
    }
}

/// A row of which there are twice as many: three quarters of the nearer row and a quarter of the other one. The upper of
/// the two rows rounds down.
pub(super) fn twice_down(near: &[u8], far: &[u8], upper: bool, out: &mut [u8]) {
    let bias = if upper { 1 } else { 2 };
    for ((near, far), out) in near.iter().zip(far).zip(out) {
        *out = ((3 * u16::from(*near) + u16::from(*far) + bias) >> 2) as u8;
    }
}

/// Both at once. `sums` has the length of the rows, which is 2 at least.
pub(super) fn twice_both(near: &[u8], far: &[u8], sums: &mut [u16], out: &mut [u8]) {
    for ((near, far), sum) in near.iter().zip(far).zip(&mut *sums) {
        *sum = 3 * u16::from(*near) + u16::from(*far);
    }
    let pair = |left: u16, middle: u16, right: u16| {
        [((3 * middle + left + 8) >> 4) as u8, ((3 * middle + right + 7) >> 4) as u8]
    };
    let (out, _) = out.as_chunks_mut::<2>();
    if let ([first, second, ..], [.., last_but_one, last]) = (&*sums, &*sums) {
        for ((out, left), (middle, right)) in out[1..].iter_mut().zip(&*sums).zip(sums[1..].iter().zip(&sums[2..])) {
            *out = pair(*left, *middle, *right);
        }
        out[0] = pair(*first, *first, *second);
        out[sums.len() - 1] = pair(*last_but_one, *last, *last);
    }
}

/// Each sample `times` times.
pub(super) fn repeated(row: &[u8], times: usize, out: &mut [u8]) {
    for (sample, out) in row.iter().zip(out.chunks_exact_mut(times)) {
        out.fill(*sample);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_rows_stay_flat() {
        for value in [0, 1, 127, 255] {
            let (row, mut out, mut sums) = ([value; 5], [9; 10], [0; 5]);
            twice_across(&row, &mut out);
            assert_eq!(out, [value; 10]);
            twice_both(&row, &row, &mut sums, &mut out);
            assert_eq!(out, [value; 10]);
        }
    }

    #[test]
    fn weights_are_three_quarters_and_one() {
        let mut out = [0; 6];
        twice_across(&[0, 100, 200], &mut out);
        assert_eq!(out, [0, 25, 75, 125, 175, 200]);
        twice_down(&[100; 6], &[0; 6], true, &mut out);
        assert_eq!(out, [75; 6]);
        repeated(&[7, 8], 3, &mut out);
        assert_eq!(out, [7, 7, 7, 8, 8, 8]);
    }
}
