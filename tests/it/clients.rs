//! Promise 8: memory, descriptors and time are bounded under any client.
