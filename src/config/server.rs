//! What `[server]` and `[ids]` mean.

use std::net::IpAddr;

use ipnet::IpNet;

use super::file::{ConfigFile, Listen};
use super::{Address, Meaning};

impl Meaning<'_> {
    pub(super) fn listen(&mut self, file: &ConfigFile) -> Vec<Address> {
        let default = || vec![Address::Tcp("127.0.0.1:8080".into())];
        let Some(listen) = &file.server.listen else { return default() };
        let texts = match listen.get_ref() {
            Listen::One(text) => vec![text.clone()],
            Listen::Many(texts) => texts.clone(),
        };
        let mut addresses = Vec::new();
        for text in &texts {
            if let Some(path) = text.strip_prefix("unix:") {
                addresses.push(Address::Unix(self.base.join(path)));
            } else if text
                .rsplit_once(':')
                .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
            {
                addresses.push(Address::Tcp(text.clone()));
            } else {
                self.fault(
                    listen.span(),
                    format!("`{text}` is no address to listen at"),
                    "write HOST:PORT, such as \"127.0.0.1:8080\", or \"unix:/run/syndic.sock\"",
                );
            }
        }
        if texts.is_empty() {
            self.fault(listen.span(), "nothing to listen at", "write \"127.0.0.1:8080\"");
        }
        if addresses.is_empty() { default() } else { addresses }
    }

    pub(super) fn proxies(&mut self, file: &ConfigFile) -> Vec<IpNet> {
        let mut proxies = Vec::new();
        for text in &file.server.trusted_proxies {
            let one = || text.get_ref().parse::<IpAddr>().map(IpNet::from);
            match text.get_ref().parse().or_else(|_| one()) {
                Ok(proxy) => proxies.push(proxy),
                Err(_) => {
                    self.fault(text.span(), "no address", "write \"10.0.0.1\" or \"10.0.0.0/8\"")
                }
            }
        }
        proxies
    }

    pub(super) fn prefix(&mut self, file: &ConfigFile) -> Option<String> {
        let prefix = file.ids.prefix.as_ref()?;
        let text = prefix.get_ref();
        let tag = text.strip_prefix("tag:").and_then(|rest| rest.split_once(','));
        let fits = tag.is_some_and(|(host, rest)| {
            !host.is_empty()
                && rest.ends_with(':')
                && rest.starts_with(|c: char| c.is_ascii_digit())
        }) && !text.contains(char::is_whitespace);
        if !fits {
            self.fault(
                prefix.span(),
                "no prefix of tag URIs (RFC 4151)",
                "write \"tag:HOST,YEAR:\" with a host that was yours in that year",
            );
        }
        Some(text.clone())
    }
}
