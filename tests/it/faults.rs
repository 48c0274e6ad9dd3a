//! Promises 1 and 7: no reader sees a torn feed, and the daemon outlives every call that fails.
