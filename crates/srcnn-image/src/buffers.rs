//! Memory of planes, used again: what the system gives anew must be cleared, page by page.

use std::sync::{Mutex, PoisonError};

use crate::plane::Plane;

/// Memory of planes that are no longer needed, for planes to come.
#[derive(Debug, Default)]
pub struct Buffers {
    free: Mutex<Vec<Vec<f32>>>,
}

impl Buffers {
    /// `len` samples of any value, in the smallest free memory that holds them, or in new memory.
    pub fn take(&self, len: usize) -> Vec<f32> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = free.iter().enumerate().filter(|(_, buffer)| buffer.capacity() >= len);
        let Some((at, _)) = fits.min_by_key(|(_, buffer)| buffer.capacity()) else {
            // Memory that is too small now is so for all that follow, which are alike.
            free.pop();
            drop(free);
            return vec![0.0; len];
        };
        let mut buffer = free.swap_remove(at);
        drop(free);
        buffer.resize(len, 0.0);
        buffer
    }

    /// Takes planes that are no longer needed.
    pub fn give(&self, planes: impl IntoIterator<Item = Plane<f32>>) {
        let planes = planes.into_iter().map(Plane::into_vec);
        self.free.lock().unwrap_or_else(PoisonError::into_inner).extend(planes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_used_again_if_it_is_large_enough() {
        let buffers = Buffers::default();
        let planes = [(30, 40), (20, 10)].map(|(width, height)| Plane::filled(width, height, 1.0f32));
        let places = planes.each_ref().map(|plane| plane.as_slice().as_ptr());
        buffers.give(planes);
        let (small, large) = (buffers.take(150), buffers.take(1000));
        assert_eq!((small.as_ptr(), large.as_ptr()), (places[1], places[0]));
        assert_eq!((small.len(), large.len(), buffers.take(7)), (150, 1000, vec![0.0; 7]));
        buffers.give([Plane::new(5, 2, vec![0.0; 10]).expect("filled")]);
        assert_eq!(buffers.take(11).len(), 11);
        assert!(buffers.free.into_inner().expect("not poisoned").is_empty(), "what is too small is let go");
    }
}
