//! Promises 2 and 3: whatever happens to the folder, the feeds are those of a full rebuild.
