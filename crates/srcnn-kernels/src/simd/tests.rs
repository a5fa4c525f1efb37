use super::Simd;
use crate::isa::Isa;
use crate::kernel::for_isa;
use crate::layout::GROUP;
use crate::proof::bound::{Sum, assert_same_bits, assert_within};
use crate::proof::pattern::Pattern;
use crate::proof::poison::Poisoned;

/// Operations that give a vector, in the order of their results.
const NAMES: [&str; 8] = ["zero", "splat", "load and store", "add", "sub", "mul", "mul_add", "max"];

/// Writes the results of all operations on `GROUP` values of each of `inputs`, one operation after the other. `totals`
/// gets the totals of the vectors of the first input.
///
/// # Safety
/// The CPU has the instructions of `S`. Slices are long enough.
#[inline(always)]
unsafe fn operations<S: Simd>(inputs: [&[f32]; 3], out: &mut [f32], totals: &mut Vec<f32>) {
    let mut at = 0;
    while at < GROUP {
        // SAFETY: guaranteed by the caller.
        unsafe {
            let [a, b, c] = inputs.map(|input| S::load(input.as_ptr().add(at)));
            let results =
                [S::zero(), S::splat(inputs[0][0]), a, a.add(b), a.sub(b), a.mul(b), a.mul_add(b, c), a.max(b)];
            for (operation, result) in results.into_iter().enumerate() {
                result.store(out.as_mut_ptr().add(operation * GROUP + at));
            }
            totals.push(a.total());
        }
        at += S::LANES;
    }
}

/// The operations on numbers. Each is rounded as IEEE 754 says, so that vectors must give the same bits.
fn definition([a, b, c]: [f32; 3], first: f32, isa: Isa) -> [f32; 8] {
    let fused = if isa.name() == "portable" { a * b + c } else { a.mul_add(b, c) };
    [0.0, first, a, a + b, a - b, a * b, fused, if a > b { a } else { b }]
}

/// Compares all operations on these inputs.
fn compare(isa: Isa, inputs: [&[f32]; 3]) {
    let poisoned = inputs.map(Poisoned::row);
    let mut out = Poisoned::room(NAMES.len() * GROUP, NAMES.len() * GROUP, 1);
    let mut totals = Vec::new();
    {
        let inputs = poisoned.each_ref().map(Poisoned::slice);
        let (to, to_totals) = (out.slice_mut(), &mut totals);
        for_isa!(Operations, isa, operations(inputs: [&[f32]; 3], to: &mut [f32], to_totals: &mut Vec<f32>));
    }
    let out = out.written(isa.name());
    for (operation, name) in NAMES.iter().enumerate() {
        let expected: Vec<f32> =
            (0..GROUP).map(|i| definition(inputs.map(|input| input[i]), inputs[0][0], isa)[operation]).collect();
        let case = format!("{name} of {inputs:?}, {}", isa.name());
        assert_same_bits(&case, &out[operation * GROUP..][..GROUP], &expected);
    }
    let expected: Vec<_> = inputs[0]
        .chunks_exact(isa.lanes())
        .map(|lanes| {
            let mut sum = Sum::default();
            lanes.iter().for_each(|value| sum.add(f64::from(*value)));
            sum.expected()
        })
        .collect();
    assert_within(&format!("total of {:?}, {}", inputs[0], isa.name()), &totals, &expected);
}

/// The proof of [`Kernel::Operations`](crate::kernel::Kernel::Operations).
pub(crate) fn operations_agree_with_their_definition() {
    for isa in Isa::available() {
        for pattern in Pattern::ALL {
            for seed in 0..16 {
                let inputs = [0, 1, 2].map(|i| pattern.values(GROUP, 3 * seed + i));
                compare(isa, inputs.each_ref().map(|values| &values[..]));
            }
        }
        // Every lane by itself, among others of another size.
        for lane in 0..GROUP {
            let mut single = [0.0; GROUP];
            single[lane] = 1.0;
            compare(isa, [&single, &[2.0; GROUP], &[-3.0; GROUP]]);
            compare(isa, [&[2.0; GROUP], &single, &single]);
        }
    }
}

#[test]
fn the_larger_of_two_is_the_second_where_one_is_not_a_number_or_both_are_zero() {
    unsafe fn larger<S: Simd>(a: &[f32; GROUP], b: &[f32; GROUP], out: &mut [f32; GROUP]) {
        let mut at = 0;
        while at < GROUP {
            // SAFETY: all have as many values.
            unsafe { S::load(a.as_ptr().add(at)).max(S::load(b.as_ptr().add(at))).store(out.as_mut_ptr().add(at)) };
            at += S::LANES;
        }
    }
    for isa in Isa::available() {
        for (a, b) in [(f32::NAN, 1.0), (1.0, f32::NAN), (0.0, -0.0), (-0.0, 0.0), (f32::NEG_INFINITY, -1.0)] {
            let (left, right, mut out) = (&[a; GROUP], &[b; GROUP], [0.0; GROUP]);
            let to = &mut out;
            for_isa!(Operations, isa, larger(left: &[f32; GROUP], right: &[f32; GROUP], to: &mut [f32; GROUP]));
            assert_same_bits(&format!("{a} and {b}, {}", isa.name()), &out, right);
        }
    }
}

/// Matrices are packed with the widths that an [`Isa`] tells, and multiplied with those of the vectors.
#[test]
fn instruction_sets_tell_the_widths_of_their_vectors() {
    unsafe fn widths<S: Simd>(lanes: &mut usize, panel: &mut usize) {
        (*lanes, *panel) = (S::LANES, S::PANEL);
    }
    for isa in Isa::available() {
        let (mut lanes, mut panel) = (0, 0);
        let (to_lanes, to_panel) = (&mut lanes, &mut panel);
        for_isa!(Operations, isa, widths(to_lanes: &mut usize, to_panel: &mut usize));
        assert_eq!((isa.lanes(), isa.panel_vectors()), (lanes, panel), "{}", isa.name());
    }
}
