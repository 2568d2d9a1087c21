//! Error messages for readers who know neither ureq nor rustls.

use std::io::{self, ErrorKind};

use rustls::{AlertDescription, CertificateError, PeerIncompatible};
use ureq::{Error, Timeout};

use crate::delivery::Timeouts;

/// The message for an error, short enough for a line of the log.
pub fn failure(error: &Error, timeouts: Timeouts) -> String {
    match error {
        Error::Timeout(Timeout::Connect) => {
            format!("connect timed out after {} s", timeouts.connect.as_secs())
        }
        Error::Timeout(_) => format!("request timed out after {} s", timeouts.send.as_secs()),
        Error::LargeResponseHeader(_, limit) => format!("response headers exceed {limit} bytes"),
        Error::Protocol(error) => format!("malformed HTTP response ({error})"),
        // The message has the status twice.
        Error::ConnectProxyFailed(why) => why.split('/').next().unwrap_or(why).to_owned(),
        Error::Io(error) => io_failure(error),
        other => other.to_string(),
    }
}

fn io_failure(error: &io::Error) -> String {
    let tls = error.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>());
    match tls {
        Some(error) => tls_failure(error),
        None if error.kind() == ErrorKind::UnexpectedEof => {
            "connection closed before response".to_owned()
        }
        None => error.to_string(),
    }
}

/// What is supported, for a server that supports none of it.
const KEYS: &str = "supported are RSA, ECDSA with P-256 or P-384, and Ed25519";
const HANDSHAKES: &str = "TLS 1.3, or TLS 1.2 with ECDHE, and certificates with RSA, ECDSA with \
                          P-256 or P-384, or Ed25519 keys";

fn tls_failure(error: &rustls::Error) -> String {
    use rustls::Error as E;
    let why = match error {
        E::InvalidCertificate(error) => certificate_failure(error),
        E::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13)
        | E::AlertReceived(AlertDescription::ProtocolVersion) => {
            "server supports neither TLS 1.2 nor TLS 1.3".to_owned()
        }
        // Servers do not say what they do not support.
        E::AlertReceived(
            AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity,
        ) => format!("server supports nothing of what is offered: {HANDSHAKES}"),
        E::AlertReceived(alert) => match variant_name(alert) {
            Some(name) => format!("server sent alert {} ({name})", u8::from(*alert)),
            None => format!("server sent alert {}", u8::from(*alert)),
        },
        E::InvalidMessage(_) => "response is not TLS".to_owned(),
        E::PeerIncompatible(why) => with_variant("server is incompatible", why),
        E::PeerMisbehaved(why) => with_variant("server violates the protocol", why),
        other => other.to_string(),
    };
    format!("TLS handshake failed: {why}")
}

fn certificate_failure(error: &CertificateError) -> String {
    use CertificateError as E;
    let why = match error {
        // rustls would list each name of the certificate, and there may be hundreds.
        E::NotValidForName | E::NotValidForNameContext { .. } => "does not match host name",
        E::UnknownIssuer => "is not issued by a CA that this host trusts",
        E::Expired | E::ExpiredContext { .. } => "has expired, or this host's clock is wrong",
        E::NotValidYet | E::NotValidYetContext { .. } => {
            "is not valid yet, or this host's clock is wrong"
        }
        E::BadSignature => "has an invalid signature",
        E::BadEncoding => "is malformed",
        E::Revoked => "is revoked",
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => "is not one for servers",
        E::Other(error) => return with_variant("certificate is not valid", &error.0),
        other if format!("{other:?}").starts_with("UnsupportedSignatureAlgorithm") => {
            return format!("certificate has an unsupported key or signature; {KEYS}");
        }
        other => return with_variant("certificate is not valid", other),
    };
    format!("certificate {why}")
}

fn with_variant(what: &str, error: &impl std::fmt::Debug) -> String {
    variant_name(error).map_or_else(|| what.to_owned(), |name| format!("{what} ({name})"))
}

/// The name of a variant without fields, in lower-case words; `None` for any other value.
fn variant_name(value: &impl std::fmt::Debug) -> Option<String> {
    let name = format!("{value:?}");
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let spaced = name.chars().flat_map(|c| {
        let space = c.is_ascii_uppercase().then_some(' ');
        space.into_iter().chain([c.to_ascii_lowercase()])
    });
    is_name.then(|| spaced.collect::<String>().trim_start().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn explained(error: &Error) -> String {
        let timeouts = Timeouts { connect: Duration::from_secs(5), send: Duration::from_secs(10) };
        failure(error, timeouts)
    }

    fn tls_error(error: rustls::Error) -> String {
        explained(&Error::Io(io::Error::other(error)))
    }

    #[test]
    fn a_failure_has_a_message_of_its_own() {
        let closed = Error::Io(io::Error::new(ErrorKind::UnexpectedEof, "failed to fill"));
        assert_eq!(explained(&closed), "connection closed before response");
        assert_eq!(explained(&Error::Timeout(Timeout::Connect)), "connect timed out after 5 s");
        assert_eq!(explained(&Error::Timeout(Timeout::Global)), "request timed out after 10 s");
        assert_eq!(explained(&Error::Io(io::Error::other("no route"))), "no route");
        let refused = Error::ConnectProxyFailed("proxy server responded 407/407".to_owned());
        assert_eq!(explained(&refused), "proxy server responded 407");
    }

    #[test]
    fn a_tls_failure_names_no_types_of_rust() {
        let unknown = CertificateError::ApplicationVerificationFailure;
        assert_eq!(
            tls_error(rustls::Error::InvalidCertificate(unknown)),
            "TLS handshake failed: certificate is not valid (application verification failure)"
        );
        let unsupported = CertificateError::UnsupportedSignatureAlgorithmContext {
            signature_algorithm_id: vec![1, 2, 3],
            supported_algorithms: Vec::new(),
        };
        assert_eq!(
            tls_error(rustls::Error::InvalidCertificate(unsupported)),
            "TLS handshake failed: certificate has an unsupported key or signature; supported are \
             RSA, ECDSA with P-256 or P-384, and Ed25519"
        );
        let other = rustls::OtherError(std::sync::Arc::new(std::fmt::Error));
        assert_eq!(
            tls_error(rustls::Error::InvalidCertificate(CertificateError::Other(other))),
            "TLS handshake failed: certificate is not valid (error)"
        );
        let alert = |code| tls_error(rustls::Error::AlertReceived(AlertDescription::from(code)));
        assert!(alert(40).contains("TLS 1.2 with ECDHE"), "{}", alert(40));
        assert_eq!(
            alert(116),
            "TLS handshake failed: server sent alert 116 (certificate required)"
        );
        assert_eq!(alert(199), "TLS handshake failed: server sent alert 199");
        let misbehaved = rustls::PeerMisbehaved::TooManyWarningAlertsReceived;
        assert_eq!(
            tls_error(rustls::Error::PeerMisbehaved(misbehaved)),
            "TLS handshake failed: server violates the protocol (too many warning alerts received)"
        );
    }
}
