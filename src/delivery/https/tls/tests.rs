//! The result is that of rustls's own verifier, which knows all certificates of the host, and it comes in time.

use std::path::Path;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, DnValue, IsCa, KeyPair,
    date_time_ymd,
};
use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::pem::PemObject;

use super::super::Client;
use super::super::pem::Names;
use super::*;
use crate::delivery::transport::tests::empty_request;
use crate::delivery::{Cancel, Outcome, Timeouts};
use crate::environment::Environment;

const NAME: &str = "check.percona.com";
type Issuer = CertifiedIssuer<'static, KeyPair>;

fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

fn ca(name: impl Into<DnValue>) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn der(issuer: &Issuer) -> CertificateDer<'static> {
    issuer.as_ref().der().clone()
}

fn leaf() -> CertificateParams {
    CertificateParams::new([NAME.to_owned()]).unwrap()
}

fn issued_by(issuer: &Issuer, params: &CertificateParams) -> CertificateDer<'static> {
    params.signed_by(&key(), issuer).unwrap().der().clone()
}

/// Ours and rustls's, of the certificates in this file.
fn verifiers(file: &Path) -> [Arc<dyn ServerCertVerifier>; 2] {
    let provider = Arc::new(ring::default_provider());
    let environment = Environment::at_root("/").with("SSL_CERT_FILE", file.to_str().unwrap());
    let store = CaStore::of(&environment);
    let algorithms = provider.signature_verification_algorithms;
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(CertificateDer::pem_file_iter(file).unwrap().flatten());
    let of_rustls = WebPkiServerVerifier::builder_with_provider(roots.into(), provider).build();
    [Arc::new(HostVerifier { store, algorithms }), of_rustls.unwrap()]
}

#[test]
fn a_chain_is_verified_as_by_rustls_among_the_certificates_of_a_system() {
    let root = Issuer::self_signed(ca("root"), key()).unwrap();
    // The same name in another encoding is another name.
    let in_latin = DnValue::TeletexString("root".try_into().unwrap());
    let in_latin = Issuer::self_signed(ca(in_latin), key()).unwrap();
    // Two keys with one name.
    let namesake = Issuer::self_signed(ca("root"), key()).unwrap();
    let unknown = Issuer::self_signed(ca("unknown"), key()).unwrap();
    let below = Issuer::signed_by(ca("below"), key(), &root).unwrap();
    let lower = Issuer::signed_by(ca("lower"), key(), &below).unwrap();
    let below_unknown = Issuer::signed_by(ca("below"), key(), &unknown).unwrap();
    let cross = CertificateParams::signed_by(&ca("unknown"), &key(), &root);
    let cross = cross.unwrap().der().clone();
    let own = leaf().self_signed(&key()).unwrap();
    let mut expired = leaf();
    expired.not_after = date_time_ymd(2001, 1, 1);
    let other_name = CertificateParams::new(["other.example".to_owned()]).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    let bundle = Path::new("/etc/ssl/certs/ca-certificates.crt");
    let system = std::fs::read_to_string(bundle).unwrap_or_else(|why| {
        println!("{} is left out: {why}", bundle.display());
        String::new()
    });
    let trusted = [namesake.pem(), root.pem(), own.pem(), in_latin.pem()].concat();
    std::fs::write(&file, format!("{system}{trusted}# the end\n")).unwrap();
    let verifiers = verifiers(&file);
    let name = ServerName::try_from(NAME).unwrap();
    let result = |chain: &[&CertificateDer<'static>]| {
        let rest: Vec<_> = chain[1..].iter().map(|der| (*der).clone()).collect();
        let [ours, expected] = verifiers.each_ref().map(|verifier| {
            let result = verifier.verify_server_cert(chain[0], &rest, &name, &[], UnixTime::now());
            result.map(drop).map_err(|e| format!("{e:?}"))
        });
        assert_eq!(ours, expected);
        ours
    };

    let by_root = issued_by(&root, &leaf());
    assert_eq!(result(&[&by_root]), Ok(()));
    assert_eq!(result(&[&by_root, &der(&root)]), Ok(()), "with the root itself");
    let garbage = CertificateDer::from(vec![0x30, 0x80]);
    assert_eq!(result(&[&by_root, &garbage]), Ok(()), "with what is no certificate");
    assert_eq!(result(&[&issued_by(&namesake, &leaf())]), Ok(()));
    assert_eq!(result(&[&issued_by(&in_latin, &leaf())]), Ok(()));
    assert_eq!(result(&[own.der()]), Ok(()), "itself trusted");
    let by_lower = issued_by(&lower, &leaf());
    assert_eq!(result(&[&by_lower, &der(&lower), &der(&below)]), Ok(()));
    assert_eq!(result(&[&by_lower, &der(&below), &der(&lower)]), Ok(()), "in any order");
    assert_eq!(result(&[&by_lower, &der(&lower), &der(&below_unknown), &der(&below)]), Ok(()));
    for chain in [
        &[&by_lower][..],
        &[&by_lower, &der(&lower), &der(&below_unknown)],
        &[&issued_by(&unknown, &leaf())],
        &[&issued_by(&unknown, &leaf()), &cross],
        &[&issued_by(&root, &expired)],
        &[&issued_by(&root, &other_name)],
        &[&der(&root)],
        &[&leaf().self_signed(&key()).unwrap().der().clone()],
        &[&garbage],
    ] {
        assert!(result(chain).is_err());
    }
    for trusted in CertificateDer::pem_file_iter(&file).unwrap() {
        let trusted = trusted.unwrap();
        assert_eq!(result(&[&trusted]).is_ok(), trusted == *own.der());
    }
}

#[test]
fn of_a_certificate_that_rustls_can_read_no_other_subject_is_read() {
    let der = der(&Issuer::self_signed(ca("root"), key()).unwrap());
    let mut readable = 0;
    for (index, bit) in (0..der.len()).flat_map(|index| (0..8).map(move |bit| (index, bit))) {
        let mut changed = der.to_vec();
        changed[index] ^= 1 << bit;
        let names = Names::in_der(&changed);
        let mut roots = RootCertStore::empty();
        if roots.add(CertificateDer::from(changed)).is_ok() {
            readable += 1;
            let expected = roots.roots[0].subject.as_ref();
            assert_eq!(names.unwrap().subject, expected, "bit {bit} of byte {index}");
        }
    }
    assert!(readable > 100, "{readable}");
}

/// A connection that takes a while to make. Its first write fails, and says how long it might have taken.
#[derive(Debug)]
struct Slow {
    buffers: LazyBuffers,
    left: Duration,
}

#[derive(Debug)]
struct SlowConnector;

impl Connector for SlowConnector {
    type Out = Slow;

    fn connect(
        &self,
        details: &ConnectionDetails,
        _: Option<()>,
    ) -> Result<Option<Self::Out>, Error> {
        while elapsed(details) < Duration::from_millis(5) {
            std::thread::yield_now();
        }
        let left = details.timeout.after.saturating_sub(elapsed(details));
        Ok(Some(Slow { buffers: LazyBuffers::new(4096, 4096), left }))
    }
}

impl Transport for Slow {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, _: usize, timeout: NextTimeout) -> Result<(), Error> {
        let is_what_is_left = *timeout.after <= self.left;
        let why = if is_what_is_left { "what was left" } else { "more" };
        Err(Error::Io(io::Error::other(why)))
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        Ok(false)
    }

    fn is_open(&mut self) -> bool {
        false
    }
}

#[test]
fn the_handshake_has_the_time_that_connecting_left() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, Issuer::self_signed(ca("root"), key()).unwrap().pem()).unwrap();
    let environment = Environment::at_root("/").with("SSL_CERT_FILE", file.to_str().unwrap());
    let minute = Duration::from_secs(60);
    let timeouts = Timeouts { connect: minute, send: 2 * minute };
    let client = Client::new("https://192.0.2.1/", true, &environment, timeouts);
    let request = empty_request();
    let connector = SlowConnector.chain(TrustingConnector(CaStore::of(&environment)));
    let outcome = client.deliver_over(connector, &request, &Cancel::default());
    assert_eq!(outcome, Outcome::Unreachable("what was left".to_owned()));
}
