//! Where a request comes from, for sign-in limits and the list of sessions. Never logged.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

use crate::config::Network;

/// The other end of the connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// The address of the client, behind proxies of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Walks `X-Forwarded-For` from its end for as long as the hop before is a proxy that we trust. What anybody
/// else wrote there is not believed.
#[must_use]
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> ClientAddress {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let hops: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let mut client = peer.to_canonical();
    for hop in hops.iter().rev() {
        if !is_trusted(client) {
            break;
        }
        let Ok(next) = hop.parse::<IpAddr>() else { break };
        client = next.to_canonical();
    }
    ClientAddress(client)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn seen(peer: &str, forwarded: &str, trusted: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_str(forwarded).unwrap());
        let file = Some(format!("trusted_proxies = '{trusted}'"));
        let sources = crate::config::Sources { file, ..Default::default() };
        let (config, _) = crate::config::load(&sources).unwrap();
        client_address(peer.parse().unwrap(), &headers, &config.trusted_proxies).0.to_string()
    }

    #[test]
    fn forwarded_address_counts_only_behind_a_listed_proxy() {
        assert_eq!(seen("203.0.113.9", "198.51.100.1", ""), "203.0.113.9");
        assert_eq!(seen("10.0.0.2", "198.51.100.1", "10.0.0.0/8"), "198.51.100.1");
        assert_eq!(seen("10.0.0.2", "6.6.6.6, 198.51.100.1, 10.0.0.3", "10.0.0.0/8"), "198.51.100.1");
        assert_eq!(seen("10.0.0.2", "nonsense", "10.0.0.0/8"), "10.0.0.2");
    }
}
