//! Loops shared among the threads of rayon's current pool; without the feature `threads`, plain loops.

#[cfg(feature = "threads")]
use rayon::prelude::*;

use crate::stage;

/// The items, ready to be shared.
#[cfg(feature = "threads")]
fn shared<T: Send>(items: impl Iterator<Item = T>) -> impl IndexedParallelIterator<Item = T> {
    items.collect::<Vec<_>>().into_par_iter()
}

/// Calls `f` with each item.
pub fn for_each<T: Send>(items: impl Iterator<Item = T>, f: impl Fn(T) + Sync + Send) {
    let context = stage::context();
    #[cfg(feature = "threads")]
    let items = shared(items);
    items.for_each(|item| stage::helping(&context, || f(item)));
}

/// Calls `f` with each item and a scratch value, made by `init` for some items each.
pub fn for_each_with<T: Send, S>(
    items: impl Iterator<Item = T>,
    init: impl Fn() -> S + Sync + Send,
    f: impl Fn(&mut S, T) + Sync + Send,
) {
    #[cfg(feature = "threads")]
    {
        let context = stage::context();
        shared(items).for_each_init(init, |scratch, item| stage::helping(&context, || f(scratch, item)));
    }
    #[cfg(not(feature = "threads"))]
    {
        let mut scratch = init();
        items.for_each(|item| f(&mut scratch, item));
    }
}

/// Calls `f` with each item until one fails.
///
/// # Errors
/// The error of an item that failed.
pub fn try_for_each<T: Send, E: Send>(
    items: impl Iterator<Item = T>,
    f: impl Fn(T) -> Result<(), E> + Sync + Send,
) -> Result<(), E> {
    #[cfg(feature = "threads")]
    let items = shared(items);
    #[cfg(not(feature = "threads"))]
    let mut items = items;
    let context = stage::context();
    items.try_for_each(|item| stage::helping(&context, || f(item)))
}

/// The results of `f`, in the order of the items.
pub fn map<T: Send, R: Send>(items: impl Iterator<Item = T>, f: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    #[cfg(feature = "threads")]
    let items = shared(items);
    let context = stage::context();
    items.map(|item| stage::helping(&context, || f(item))).collect()
}

/// The number of threads of the current pool.
pub fn threads() -> usize {
    #[cfg(feature = "threads")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "threads"))]
    1
}

/// Whether this thread is one of a pool's, which must not wait for work that others of the pool do.
pub fn is_worker() -> bool {
    #[cfg(feature = "threads")]
    return rayon::current_thread_index().is_some();
    #[cfg(not(feature = "threads"))]
    false
}
