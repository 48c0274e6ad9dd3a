//! Promise 6: a crash or a power cut loses no id and no date.
