//! Loops shared among the threads of rayon's current pool; without the feature `threads`, plain loops.

/// Calls `f` with each item.
#[cfg(feature = "threads")]
pub fn for_each<T: Send>(items: impl Iterator<Item = T>, f: impl Fn(T) + Sync + Send) {
    use rayon::prelude::*;
    items.collect::<Vec<_>>().into_par_iter().for_each(f);
}

/// Calls `f` with each item.
#[cfg(not(feature = "threads"))]
pub fn for_each<T: Send>(items: impl Iterator<Item = T>, f: impl Fn(T) + Sync + Send) {
    items.for_each(f);
}

/// Calls `f` with each item and a scratch value, which `init` makes for some items each.
#[cfg(feature = "threads")]
pub fn for_each_with<T: Send, S>(
    items: impl Iterator<Item = T>,
    init: impl Fn() -> S + Sync + Send,
    f: impl Fn(&mut S, T) + Sync + Send,
) {
    use rayon::prelude::*;
    items.collect::<Vec<_>>().into_par_iter().for_each_init(init, f);
}

/// Calls `f` with each item and a scratch value, which `init` makes.
#[cfg(not(feature = "threads"))]
pub fn for_each_with<T: Send, S>(
    items: impl Iterator<Item = T>,
    init: impl Fn() -> S + Sync + Send,
    f: impl Fn(&mut S, T) + Sync + Send,
) {
    let mut scratch = init();
    items.for_each(|item| f(&mut scratch, item));
}

/// Calls `f` with each item until one fails.
///
/// # Errors
/// That of an item that failed.
#[cfg(feature = "threads")]
pub fn try_for_each<T: Send, E: Send>(
    items: impl Iterator<Item = T>,
    f: impl Fn(T) -> Result<(), E> + Sync + Send,
) -> Result<(), E> {
    use rayon::prelude::*;
    items.collect::<Vec<_>>().into_par_iter().try_for_each(f)
}

/// Calls `f` with each item until one fails.
///
/// # Errors
/// That of the first item that failed.
#[cfg(not(feature = "threads"))]
pub fn try_for_each<T: Send, E: Send>(
    mut items: impl Iterator<Item = T>,
    f: impl Fn(T) -> Result<(), E> + Sync + Send,
) -> Result<(), E> {
    items.try_for_each(f)
}

/// The results of `f`, in the order of the items.
#[cfg(feature = "threads")]
pub fn map<T: Send, R: Send>(items: impl Iterator<Item = T>, f: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    use rayon::prelude::*;
    items.collect::<Vec<_>>().into_par_iter().map(f).collect()
}

/// The results of `f`, in the order of the items.
#[cfg(not(feature = "threads"))]
pub fn map<T: Send, R: Send>(items: impl Iterator<Item = T>, f: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    items.map(f).collect()
}

/// Threads of the current pool.
#[cfg(feature = "threads")]
pub fn threads() -> usize {
    rayon::current_num_threads()
}

/// Threads of the current pool.
#[cfg(not(feature = "threads"))]
pub fn threads() -> usize {
    1
}
