//! Parallel loops on rayon's current thread pool; without the feature `threads`, sequential loops.

/// Calls `f` with every item.
#[cfg(feature = "threads")]
pub fn for_each<T: Send>(items: impl Iterator<Item = T>, f: impl Fn(T) + Sync + Send) {
    use rayon::prelude::*;
    items.collect::<Vec<_>>().into_par_iter().for_each(f);
}

/// Calls `f` with every item.
#[cfg(not(feature = "threads"))]
pub fn for_each<T: Send>(items: impl Iterator<Item = T>, f: impl Fn(T) + Sync + Send) {
    items.for_each(f);
}

/// Calls `f` with every item and a scratch value; `init` makes one scratch value for a share of the items.
#[cfg(feature = "threads")]
pub fn for_each_with<T: Send, S>(
    items: impl Iterator<Item = T>,
    init: impl Fn() -> S + Sync + Send,
    f: impl Fn(&mut S, T) + Sync + Send,
) {
    use rayon::prelude::*;
    items.collect::<Vec<_>>().into_par_iter().for_each_init(init, f);
}

/// Calls `f` with every item and a scratch value; `init` makes one scratch value for a share of the items.
#[cfg(not(feature = "threads"))]
pub fn for_each_with<T: Send, S>(
    items: impl Iterator<Item = T>,
    init: impl Fn() -> S + Sync + Send,
    f: impl Fn(&mut S, T) + Sync + Send,
) {
    let mut scratch = init();
    items.for_each(|item| f(&mut scratch, item));
}

/// Calls `f` with every item until one fails.
///
/// # Errors
/// The error of one of the items that failed.
#[cfg(feature = "threads")]
pub fn try_for_each<T: Send, E: Send>(
    items: impl Iterator<Item = T>,
    f: impl Fn(T) -> Result<(), E> + Sync + Send,
) -> Result<(), E> {
    use rayon::prelude::*;
    items.collect::<Vec<_>>().into_par_iter().try_for_each(f)
}

/// Calls `f` with every item until one fails.
///
/// # Errors
/// The error of the first item that failed.
#[cfg(not(feature = "threads"))]
pub fn try_for_each<T: Send, E: Send>(
    mut items: impl Iterator<Item = T>,
    f: impl Fn(T) -> Result<(), E> + Sync + Send,
) -> Result<(), E> {
    items.try_for_each(f)
}

/// Results of `f`, in the order of the items.
#[cfg(feature = "threads")]
pub fn map<T: Send, R: Send>(items: impl Iterator<Item = T>, f: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    use rayon::prelude::*;
    items.collect::<Vec<_>>().into_par_iter().map(f).collect()
}

/// Results of `f`, in the order of the items.
#[cfg(not(feature = "threads"))]
pub fn map<T: Send, R: Send>(items: impl Iterator<Item = T>, f: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    items.map(f).collect()
}

/// Number of threads of the current pool.
#[cfg(feature = "threads")]
pub fn threads() -> usize {
    rayon::current_num_threads()
}

/// Number of threads of the current pool.
#[cfg(not(feature = "threads"))]
pub fn threads() -> usize {
    1
}
