//! Features of the CPU as the system reports them, to compare detection with.

/// Features of the first CPU in `/proc/cpuinfo`, none on architectures other than x86-64, for which kernels are
/// portable. `None` where the system has no such file.
pub(crate) fn flags() -> Option<Vec<String>> {
    if cfg!(not(target_arch = "x86_64")) {
        return Some(Vec::new());
    }
    let cpu = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = cpu.lines().find(|line| line.starts_with("flags"));
    Some(line.expect("flags of the CPU").split_whitespace().map(str::to_owned).collect())
}
