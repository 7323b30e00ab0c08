//! Which addresses this server connects to when a browser names them: public ones, unless the settings say otherwise.
//! A signed-in agent must not be able to make the server knock at the machines around it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// How far this server reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses, by `https`.
    Public,
    /// Every address, also by `http`: tests, and networks with a push service of their own.
    Anywhere,
}

/// An address that this server does not connect to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an endpoint is an address of a push service on the internet, with https")]
pub struct NotReachable;

impl Reach {
    /// Whether an address may be connected to, as far as its text says; names are looked at again when they are
    /// resolved.
    ///
    /// # Errors
    /// [`NotReachable`].
    pub fn check(self, text: &str) -> Result<Url, NotReachable> {
        let url = Url::parse(text).map_err(|_| NotReachable)?;
        let is_plain = url.username().is_empty() && url.password().is_none();
        let is_allowed = match (self, url.host()) {
            (_, None) => false,
            (Self::Anywhere, Some(_)) => matches!(url.scheme(), "https" | "http"),
            (Self::Public, Some(Host::Domain(name))) => url.scheme() == "https" && is_public_name(name),
            (Self::Public, Some(Host::Ipv4(address))) => url.scheme() == "https" && is_public(address.into()),
            (Self::Public, Some(Host::Ipv6(address))) => url.scheme() == "https" && is_public(address.into()),
        };
        if is_plain && is_allowed { Ok(url) } else { Err(NotReachable) }
    }

    fn reaches(self, address: IpAddr) -> bool {
        self == Self::Anywhere || is_public(address)
    }
}

/// Names that never lead to the internet; whatever else a name hides is seen when it is resolved.
fn is_public_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name.contains('.')
        && !name.ends_with(".localhost")
        && !name.ends_with(".local")
        && !name.ends_with(".internal")
}

/// Whether there can be a machine of the internet: not in IANA's special-purpose registries for IPv4 and IPv6.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || matches!((a, b, c), (0, ..) | (240.., ..) | (192, 0, 0) | (192, 88, 99))
        || (a == 100 && b & 0xc0 == 64)
        || (a == 198 && b & 0xfe == 18);
    !is_special
}

/// Of the addresses given out (2000::/3), without those that stand for others or for nothing.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let is_special = (a == 0x2001 && (b < 0x200 || b == 0xdb8)) || a == 0x2002 || (a == 0x3fff && b < 0x1000);
    a & 0xe000 == 0x2000 && !is_special
}

impl Resolve for Reach {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = *self;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let reached: Vec<_> = found.filter(|found| reach.reaches(found.ip())).collect();
            if reached.is_empty() {
                return Err(NotReachable.into());
            }
            Ok(Box::new(reached.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_machines_are_reached() {
        for public in [
            "https://fcm.googleapis.com/fcm/send/abc",
            "https://updates.push.services.mozilla.com/wpush/v2/abc",
            "https://web.push.apple.com/abc",
            "https://8.8.8.8/x",
            "https://[2606:4700::1111]/x",
            "https://push.example:8443/x?y=1",
        ] {
            assert!(Reach::Public.check(public).is_ok(), "{public}");
        }
        for private in [
            "http://fcm.googleapis.com/fcm/send/abc",
            "ftp://push.example/x",
            "file:///etc/passwd",
            "data:text/plain,x",
            "nonsense",
            "https://",
            "https://user@push.example/x",
            "https://user:password@push.example/x",
            "https://localhost/x",
            "https://localhost./x",
            "https://a.localhost/x",
            "https://printer.local/x",
            "https://metadata.google.internal/x",
            "https://postgres/x",
            "https://127.0.0.1/x",
            "https://127.1/x",
            "https://2130706433/x",
            "https://0x7f000001/x",
            "https://0177.0.0.1/x",
            "https://0.0.0.0/x",
            "https://10.1.2.3/x",
            "https://172.16.0.1/x",
            "https://172.31.255.255/x",
            "https://192.168.1.1/x",
            "https://169.254.169.254/x",
            "https://100.64.0.1/x",
            "https://100.127.255.255/x",
            "https://192.0.0.8/x",
            "https://192.0.2.1/x",
            "https://192.88.99.1/x",
            "https://198.18.0.1/x",
            "https://198.19.255.255/x",
            "https://198.51.100.1/x",
            "https://203.0.113.1/x",
            "https://224.0.0.1/x",
            "https://240.0.0.1/x",
            "https://255.255.255.255/x",
            "https://[::]/x",
            "https://[::1]/x",
            "https://[::ffff:127.0.0.1]/x",
            "https://[::ffff:10.0.0.1]/x",
            "https://[::127.0.0.1]/x",
            "https://[64:ff9b::7f00:1]/x",
            "https://[2001:db8::1]/x",
            "https://[2001::1]/x",
            "https://[2002:7f00:1::]/x",
            "https://[3fff::1]/x",
            "https://[fc00::1]/x",
            "https://[fd12:3456::1]/x",
            "https://[fe80::1]/x",
            "https://[ff02::1]/x",
        ] {
            assert_eq!(Reach::Public.check(private), Err(NotReachable), "{private}");
        }
        assert!(Reach::Anywhere.check("http://127.0.0.1:8080/x").is_ok());
        assert!(Reach::Anywhere.check("http://user@127.0.0.1/x").is_err());
    }

    #[tokio::test]
    async fn name_that_leads_to_a_machine_around_here_is_not_followed() {
        let name = || "localhost".parse::<Name>().unwrap();
        assert!(Reach::Public.resolve(name()).await.is_err());
        assert!(Reach::Anywhere.resolve(name()).await.unwrap().next().is_some());
    }
}
