//! Promise 4: a content directory that vanishes empties no feed.
