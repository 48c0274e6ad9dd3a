//! Promise 11: conditional requests are right.
