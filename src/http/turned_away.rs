//! Connections for which there is no room: they are told when to come again (RFC 9110, 15.6.4).

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::OwnedSemaphorePermit;

use super::listener::Stream;

/// Told at the same time; further ones are closed without a word.
pub const MOST: usize = 32;
/// What is told must be taken within this time.
const LIMIT: Duration = Duration::from_secs(2);
/// Of a request that nobody reads.
const DRAINED: u64 = 64 * 1024;

const WORDS: &str = "HTTP/1.1 503 Service Unavailable\r\n\
    content-type: text/plain; charset=utf-8\r\n\
    content-length: 27\r\n\
    cache-control: no-store\r\n\
    retry-after: 5\r\n\
    connection: close\r\n\
    \r\n\
    too many readers are served\
    ";

pub async fn turn_away(mut stream: Stream, place: OwnedSemaphorePermit) {
    let _place = place;
    let tell = async {
        stream.write_all(WORDS.as_bytes()).await?;
        stream.shutdown().await?;
        // A connection that is closed with something unread is reset, and the words with it.
        tokio::io::copy(&mut (&mut stream).take(DRAINED), &mut tokio::io::sink()).await
    };
    let _ = tokio::time::timeout(LIMIT, tell).await;
}

#[cfg(test)]
mod tests {
    use super::WORDS;

    #[test]
    fn the_length_is_right() {
        let (head, body) = WORDS.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())));
    }
}
