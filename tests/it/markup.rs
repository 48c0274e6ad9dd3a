//! Promise 9: no script, style or tracker of an article reaches a reader.
