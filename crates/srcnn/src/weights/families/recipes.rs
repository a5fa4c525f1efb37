//! The families that are known.

use super::plan::{Family, Plan};
use super::{compact, early, own, residual};
use crate::weights::named::Listed;

/// A family: its name, and how its graph is put together. Gives none for tensors of anything else.
type Recipe = (&'static str, fn(&mut Plan<'_>) -> Option<()>);

const RECIPES: [Recipe; 10] = [
    ("fast network of this project", own::fast),
    ("FSRCNN", early::fsrcnn),
    ("ESPCN", early::espcn),
    ("VDSR", early::vdsr),
    ("DnCNN", early::dncnn),
    ("AR-CNN", early::arcnn),
    ("SRVGGNetCompact", compact::srvgg),
    ("RRDBNet", residual::rrdb),
    ("EDSR", residual::edsr),
    ("EDSR of BasicSR", residual::edsr_of_basicsr),
];

/// The family of a table of tensors; none if it is not known.
pub(super) fn recognised(list: &[Listed<'_>]) -> Option<Family> {
    RECIPES.iter().find_map(|(name, recipe)| {
        let mut plan = Plan::new(name, list);
        recipe(&mut plan)?;
        plan.finish()
    })
}
