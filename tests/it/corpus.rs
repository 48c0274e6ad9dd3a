//! Promise 10: nothing that a file holds can stop the daemon.
