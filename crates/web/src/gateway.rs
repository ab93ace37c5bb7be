//! Whose request it is behind an HTTPS gateway: the address that a gateway names, and none that a sender made up.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header};

/// The machines through which requests come, and where they say for whom.
#[derive(Clone, Debug, Default)]
pub struct Gateways {
    pub addresses: Vec<IpAddr>,
    pub header: AddressHeader,
}

/// The header in which a gateway names the address that it was asked from. One is read and never the other, which a
/// gateway that writes this one hands on as its sender wrote it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AddressHeader {
    #[default]
    XForwardedFor,
    /// RFC 7239.
    Forwarded,
}

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Gateways in a row.
const HOPS_MAX: usize = 8;

impl Gateways {
    /// The address that a request came from. What a gateway says of it is believed, and of what another gateway said to
    /// that one; what stands before was written by whoever sent it.
    pub fn sender(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut address = peer.to_canonical();
        let name = match self.header {
            AddressHeader::XForwardedFor => X_FORWARDED_FOR,
            AddressHeader::Forwarded => header::FORWARDED,
        };
        let lines = headers.get_all(name).iter().rev();
        // A comma inside quotation marks can only be in what stands before the last hop, which a gateway wrote.
        let hops = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
        for hop in hops.take(HOPS_MAX) {
            if !self.addresses.contains(&address) {
                break;
            }
            let named = match self.header {
                AddressHeader::XForwardedFor => parse(hop),
                AddressHeader::Forwarded => forwarded_for(hop).and_then(parse),
            };
            let Some(named) = named else { break };
            address = named;
        }
        address
    }
}

/// The value of `for` in one element of `Forwarded`.
fn forwarded_for(element: &str) -> Option<&str> {
    let pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let mut found = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    found.next().map(|(_, value)| value.trim().trim_matches('"'))
}

/// An address alone, with a port, or in brackets as IPv6 may be; none of `unknown` and of made-up names.
fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bracketed = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let address = bracketed.unwrap_or(text).parse::<IpAddr>().ok();
    let address = address.or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip()));
    address.map(|it| it.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender(header: AddressHeader, peer: &str, lines: &[&str]) -> String {
        let addresses = ["10.0.0.1", "10.0.0.2", "::1"].map(|it| it.parse().unwrap()).into();
        let name = match header {
            AddressHeader::XForwardedFor => "x-forwarded-for",
            AddressHeader::Forwarded => "forwarded",
        };
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name, line.parse().unwrap());
        }
        // The other header never counts.
        let other = if name == "forwarded" { "x-forwarded-for" } else { "forwarded" };
        headers.append(other, "for=192.0.2.66".parse().unwrap());
        Gateways { addresses, header }.sender(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn a_gateway_is_believed_and_nobody_else() {
        let sender = |peer, lines: &[&str]| sender(AddressHeader::XForwardedFor, peer, lines);
        assert_eq!(sender("10.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(sender("::ffff:10.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(
            sender("10.0.0.1", &["198.51.100.1, 203.0.113.7"]),
            "203.0.113.7",
            "the sender wrote the first"
        );
        assert_eq!(
            sender("10.0.0.1", &["198.51.100.1", "203.0.113.7"]),
            "203.0.113.7",
            "in a line of its own"
        );
        assert_eq!(
            sender("10.0.0.1", &["198.51.100.1, 203.0.113.7, 10.0.0.2"]),
            "203.0.113.7",
            "two in a row"
        );
        assert_eq!(sender("203.0.113.9", &["198.51.100.1"]), "203.0.113.9", "no gateway");
        assert_eq!(sender("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(sender("10.0.0.1", &["198.51.100.1, unknown"]), "10.0.0.1");
        assert_eq!(sender("10.0.0.1", &["10.0.0.1,10.0.0.1"]), "10.0.0.1");
        for (written, read) in [
            ("203.0.113.7:4711", "203.0.113.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
        ] {
            assert_eq!(sender("::1", &[written]), read, "{written}");
        }
    }

    #[test]
    fn the_standard_header_is_read_where_it_is_the_one() {
        let sender = |lines: &[&str]| sender(AddressHeader::Forwarded, "10.0.0.1", lines);
        assert_eq!(sender(&["for=203.0.113.7;proto=https;by=10.0.0.1"]), "203.0.113.7");
        assert_eq!(sender(&["proto=https; For=\"[2001:db8::7]:4711\""]), "2001:db8::7");
        assert_eq!(sender(&["for=198.51.100.1, for=203.0.113.7"]), "203.0.113.7");
        assert_eq!(sender(&["for=\"198.51.100.1, for=203.0.113.7"]), "203.0.113.7", "an open quotation mark");
        for none in ["for=unknown", "for=_hidden", "by=203.0.113.7", ""] {
            assert_eq!(sender(&[none]), "10.0.0.1", "{none}");
        }
    }

    #[test]
    fn without_a_gateway_the_peer_is_the_sender() {
        let headers = HeaderMap::from_iter([(X_FORWARDED_FOR, "198.51.100.1".parse().unwrap())]);
        let peer = IpAddr::from([127, 0, 0, 1]);
        assert_eq!(Gateways::default().sender(peer, &headers), peer);
    }
}
