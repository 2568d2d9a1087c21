//! An HTTPS endpoint on loopback with a certificate of a CA made for the test.

use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver as Channel};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

use super::DEADLINE;
use super::receiver::{OK, Request, read_request};

/// A certification authority.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer, folder: TempDir::new().unwrap() }
    }

    /// A file with its certificate, for `SSL_CERT_FILE`.
    pub fn file(&self) -> PathBuf {
        let path = self.folder.path().join("ca.pem");
        std::fs::write(&path, self.issuer.pem()).unwrap();
        path
    }

    /// An endpoint whose certificate, of this authority, is for `name`.
    pub fn endpoint_for(&self, name: &str) -> SecureReceiver {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        SecureReceiver::serving(Arc::new(config))
    }
}

/// An HTTPS endpoint that answers 200. It ends with the test's process.
pub struct SecureReceiver {
    pub port: u16,
    requests: Channel<Request>,
}

impl SecureReceiver {
    fn serving(config: Arc<ServerConfig>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (send, requests) = mpsc::channel();
        std::thread::spawn(move || {
            for tcp in listener.incoming().flatten() {
                let connection = ServerConnection::new(config.clone()).unwrap();
                let mut stream = StreamOwned::new(connection, tcp);
                if let Some(request) = read_request(&mut stream) {
                    send.send(request).unwrap();
                    let _ = stream.write_all(OK.as_bytes());
                    stream.conn.send_close_notify();
                    let _ = stream.flush();
                }
            }
        });
        Self { port, requests }
    }

    pub fn request(&self) -> Request {
        self.requests.recv_timeout(DEADLINE).expect("a request in time")
    }

    pub fn is_quiet(&self) -> bool {
        self.requests.try_recv().is_err()
    }
}
