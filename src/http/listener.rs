//! TCP and Unix sockets behind one face.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UnixListener, UnixSocket, UnixStream};

/// Connections that wait to be accepted, as far as the system allows it: of a crowd that comes at
/// once, who finds no place tries again after a second (the libraries' 128 are soon taken).
const BACKLOG: u32 = 4_096;

pub enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// Where a listener listens: the port that it was given, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Bound::Tcp(address) => write!(f, "http://{address}/"),
            Bound::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// A listener that no thread waits at yet; several threads may, each with a twin of it.
pub enum Idle {
    Tcp(std::net::TcpListener),
    Unix(std::os::unix::net::UnixListener),
}

impl Idle {
    pub fn twin(&self) -> io::Result<Idle> {
        Ok(match self {
            Idle::Tcp(listener) => Idle::Tcp(listener.try_clone()?),
            Idle::Unix(listener) => Idle::Unix(listener.try_clone()?),
        })
    }

    /// For the runtime of this thread.
    pub fn listen(self) -> io::Result<Listener> {
        Ok(match self {
            Idle::Tcp(listener) => Listener::Tcp(TcpListener::from_std(listener)?),
            Idle::Unix(listener) => Listener::Unix(UnixListener::from_std(listener)?),
        })
    }
}

pub enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Listener {
    pub async fn tcp(address: &str) -> io::Result<(Listener, Bound)> {
        let mut failed = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in tokio::net::lookup_host(address).await? {
            match listen(address) {
                Ok(listener) => {
                    let bound = Bound::Tcp(listener.local_addr()?);
                    return Ok((Listener::Tcp(listener), bound));
                }
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    pub fn idle(self) -> io::Result<Idle> {
        Ok(match self {
            Listener::Tcp(listener) => Idle::Tcp(listener.into_std()?),
            Listener::Unix(listener) => Idle::Unix(listener.into_std()?),
        })
    }

    /// A socket that an ended process left behind is replaced; the directories' locks have made
    /// sure that there is none alive.
    pub fn unix(path: &Path) -> io::Result<(Listener, Bound)> {
        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        match std::fs::symlink_metadata(path) {
            Ok(metadata) if std::os::unix::fs::FileTypeExt::is_socket(&metadata.file_type()) => {
                std::fs::remove_file(path)?;
            }
            _ => {}
        }
        let socket = UnixSocket::new_stream()?;
        socket.bind(path)?;
        Ok((Listener::Unix(socket.listen(BACKLOG)?), Bound::Unix(path.to_path_buf())))
    }

    pub async fn accept(&self) -> io::Result<(Stream, Option<IpAddr>)> {
        match self {
            Listener::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                // One write holds a whole response: nothing is gained by waiting for more.
                let _ = stream.set_nodelay(true);
                Ok((Stream::Tcp(stream), Some(peer.ip())))
            }
            Listener::Unix(listener) => {
                listener.accept().await.map(|(stream, _)| (Stream::Unix(stream), None))
            }
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Connections of a run before that are not over yet do not keep the next one out.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

impl Stream {
    pub async fn readable(&self) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => stream.readable().await,
            Stream::Unix(stream) => stream.readable().await,
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Tcp(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Unix(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Unix(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Tcp(stream) => Pin::new(stream).poll_flush(context),
            Stream::Unix(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Unix(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Tcp(stream) => Pin::new(stream).poll_write_vectored(context, slices),
            Stream::Unix(stream) => Pin::new(stream).poll_write_vectored(context, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}
