//! Many clients at once, most of them slow.
