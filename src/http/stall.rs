//! hyper has no time limit for writing: a reader that stops taking bytes would be kept for ever.
//! What is sent is written down for [`Lull`].

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::lull::Lull;

/// Without a byte taken for this long, a connection ends.
const LIMIT: Duration = Duration::from_secs(30);
/// What was to be sent must be taken within this time, however steadily it is: a byte now and then
/// would hold a connection, and what it is sent, for days.
const TOTAL: Duration = Duration::from_secs(300);

pub struct Stall<S> {
    stream: S,
    lull: Arc<Lull>,
    /// Runs only while a write waits.
    timer: Option<Pin<Box<Sleep>>>,
    /// Runs from the first write that waits until all is written.
    total: Option<Pin<Box<Sleep>>>,
}

impl<S> Stall<S> {
    pub fn new(stream: S, lull: Arc<Lull>) -> Stall<S> {
        Stall { stream, lull, timer: None, total: None }
    }

    fn watch<T>(
        &mut self,
        context: &mut Context<'_>,
        poll: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if poll.is_ready() {
            self.timer = None;
            return poll;
        }
        self.lull.sending();
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(LIMIT)));
        let total = self.total.get_or_insert_with(|| Box::pin(tokio::time::sleep(TOTAL)));
        match (timer.as_mut().poll(context), total.as_mut().poll(context)) {
            (Poll::Pending, Poll::Pending) => Poll::Pending,
            _ => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
        }
    }

    /// A write that succeeds may be one byte of many.
    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        self.total.as_mut().is_some_and(|total| total.as_mut().poll(context).is_ready())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Stall<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Stall<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.is_late(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let poll = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.watch(context, poll)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.stream).poll_flush(context);
        if poll.is_ready() {
            // hyper flushes what it buffered when a response is whole.
            this.total = None;
            this.lull.flushed();
        }
        this.watch(context, poll)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.stream).poll_shutdown(context);
        this.watch(context, poll)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        // A head without a body; the kernel has less to do for one.
        if let [one] = slices {
            return self.poll_write(context, one);
        }
        let this = self.get_mut();
        if this.is_late(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let poll = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.watch(context, poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt;

    fn stall(near: tokio::io::DuplexStream) -> Stall<tokio::io::DuplexStream> {
        Stall::new(near, Arc::new(Lull::new()))
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_nothing_is_left() {
        let (near, _far) = tokio::io::duplex(8);
        let mut stalled = stall(near);
        let error = stalled.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    /// Takes `count` bytes, one every `pause` seconds.
    fn sip(mut far: tokio::io::DuplexStream, count: usize, pause: u64) {
        tokio::spawn(async move {
            for _ in 0..count {
                tokio::time::sleep(Duration::from_secs(pause)).await;
                let _ = tokio::io::AsyncReadExt::read_u8(&mut far).await;
            }
        });
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_a_byte_now_and_then_is_left_in_the_end() {
        let (near, far) = tokio::io::duplex(8);
        sip(far, 64, 29);
        let start = tokio::time::Instant::now();
        let error = stall(near).write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(start.elapsed() <= TOTAL + LIMIT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_of_many_responses_is_not() {
        let (near, far) = tokio::io::duplex(8);
        sip(far, 64 * 10, 4);
        let mut stall = stall(near);
        // Each takes four minutes.
        for _ in 0..10 {
            stall.write_all(&[0; 64]).await.unwrap();
            stall.flush().await.unwrap();
        }
    }
}
